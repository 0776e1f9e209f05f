"""Who asks, at a service's edge: the internal token that the gateway or another service shows."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from analytics_engine.errors import Forbidden, Unauthenticated
from analytics_engine.kernel.security.principal import Principal, Role
from analytics_engine.kernel.security.tokens import InternalTokens

_bearer = HTTPBearer(auto_error=False, description="An internal token; the gateway makes it from yours.")


class InternalAuthentication:
    """Verifies internal tokens meant for one service; kept on ``app.state.authentication``."""

    def __init__(self, *, tokens: InternalTokens, service: str) -> None:
        self._tokens = tokens
        self._service = service

    def principal(self, token: str) -> Principal:
        return self._tokens.verify(token, audience=self._service)


async def authenticated(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Principal:
    if credentials is None:
        raise Unauthenticated(
            "This service answers only callers with a token.",
            remedy="Ask through the gateway, which takes your access token or API key.",
        )
    authentication: InternalAuthentication = request.app.state.authentication
    return authentication.principal(credentials.credentials)


CurrentPrincipal = Annotated[Principal, Depends(authenticated)]


def require_role(principal: Principal, *allowed: Role) -> None:
    """Return when the principal's role is one of these; admin and service always are.

    Raises:
        Forbidden: it is not.
    """
    if principal.role not in {*allowed, Role.ADMIN, Role.SERVICE}:
        raise Forbidden(
            f"The role {principal.role.value} may not do this.",
            remedy=f"Ask an administrator for one of these roles: {', '.join(allowed) or 'admin'}.",
        )
