from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, cast

from fastapi import Depends, Request
from starlette.requests import HTTPConnection

from analytics_engine.errors import Forbidden, NotFound
from analytics_engine.kernel.http.built import built
from analytics_engine.services.api_gateway.audit.service import AuditTrail
from analytics_engine.services.api_gateway.callers import Authenticator, Caller
from analytics_engine.services.api_gateway.health.service import SystemHealth
from analytics_engine.services.api_gateway.keys.service import Keys
from analytics_engine.services.api_gateway.log_levels.service import LogLevels
from analytics_engine.services.api_gateway.proxy.policy import Rule, allows, in_scope, rule_for
from analytics_engine.services.api_gateway.proxy.service import Proxy
from analytics_engine.services.api_gateway.sessions.service import Sessions
from analytics_engine.services.api_gateway.users.service import Users
from analytics_engine.services.api_gateway.web.files import WebFiles


async def authorized(request: Request) -> Caller | None:
    """Return who asks, having decided that they may; None on the few routes open to all.

    Raises:
        NotFound: no rule names this request.
        Unauthenticated: the credentials are missing or wrong.
        Forbidden: the role or the key's scopes do not allow it.
    """
    method, path = request.method, request.scope["path"]
    rule = rule_for(method, path)
    if rule is None:
        raise NotFound(f"Nothing answers {method} {path}.", remedy="See /docs for what there is.")
    return None if rule.public else await admitted(request, rule, request.headers, method=method)


async def admitted(connection: HTTPConnection, rule: Rule, credentials: Mapping[str, str], *, method: str) -> Caller:
    """Return who asks by these headers, having decided that they may.

    Raises:
        Unauthenticated: the credentials are missing or wrong.
        Forbidden: the role or the key's scopes do not allow it.
    """
    authenticator: Authenticator = connection.app.state.authenticator
    place = connection.client.host if connection.client else "unknown"
    caller = await authenticator.caller(credentials, place=place)
    _decide(rule, caller, method=method, path=connection.scope["path"])
    return caller


def _decide(rule: Rule, caller: Caller, *, method: str, path: str) -> None:
    role = caller.principal.role
    if not allows(rule, role):
        wanted = ", ".join(sorted(role.value for role in rule.roles)) or "admin"
        raise Forbidden(
            f"The role {role.value} may not {method} {path}.",
            remedy=f"Ask an administrator for one of these roles: {wanted}.",
        )
    if not in_scope(caller.scopes, method=method, path=path):
        raise Forbidden(
            f"The API key is not meant for {method} {path}; its scopes are {', '.join(caller.scopes)}.",
            remedy="Ask an administrator for a key with this scope.",
        )


def _current(caller: Annotated[Caller | None, Depends(authorized)]) -> Caller:
    return cast("Caller", caller)


def _secure_cookies(request: Request) -> bool:
    return request.app.state.secure_cookies or request.url.scheme == "https"


CurrentCaller = Annotated[Caller, Depends(_current)]
AuditTrailDep = Annotated[AuditTrail, built("audit")]
UsersDep = Annotated[Users, built("users")]
KeysDep = Annotated[Keys, built("keys")]
LogLevelsDep = Annotated[LogLevels, built("log_levels")]
SessionsDep = Annotated[Sessions, built("sessions")]
ProxyDep = Annotated[Proxy, built("proxy")]
SystemHealthDep = Annotated[SystemHealth, built("system_health")]
WebDep = Annotated[WebFiles, built("web")]
SecureCookies = Annotated[bool, Depends(_secure_cookies)]
