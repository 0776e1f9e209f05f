"""Who asks, at the outer door: a person by an access token, a program by an API key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from analytics_engine.errors import RateLimited, Unauthenticated
from analytics_engine.kernel.ports.rate_limiter import Limit, RateLimiter
from analytics_engine.kernel.security.principal import Principal, Role
from analytics_engine.services.api_gateway.audit.schemas import Deed, DeedOutcome
from analytics_engine.services.api_gateway.audit.service import AuditTrail
from analytics_engine.services.api_gateway.keys.service import Keys
from analytics_engine.services.api_gateway.sessions.tokens import SessionTokens

_REFUSALS = Limit(count=120, window_s=60.0)


@dataclass(frozen=True)
class Caller:
    """A verified principal, and how it showed itself."""

    principal: Principal
    session_id: str = ""
    scopes: tuple[str, ...] = ()
    expires_at: datetime | None = None

    @property
    def name(self) -> str:
        return self.principal.name or self.principal.subject


class Authenticator:
    """Turns the credentials of a request into a caller. Refused ones are audited, and few are heard a minute."""

    def __init__(self, *, tokens: SessionTokens, keys: Keys, audit: AuditTrail, limiter: RateLimiter) -> None:
        self._tokens = tokens
        self._keys = keys
        self._audit = audit
        self._limiter = limiter

    async def caller(self, headers: Mapping[str, str], *, place: str) -> Caller:
        """Return who asks.

        Raises:
            Unauthenticated: there are no credentials, two, or wrong ones.
            RateLimited: too many wrong ones came from this place lately.
        """
        authorization, key = headers.get("authorization", ""), headers.get("x-api-key", "")
        if not authorization and not key:
            raise Unauthenticated(
                "This needs an access token or an API key.",
                remedy="Sign in at /api/v1/auth/login and send Authorization: Bearer <access_token>, "
                "or send X-API-Key: <key>.",
            )
        if authorization and key:
            raise Unauthenticated("There are two credentials.", remedy="Send Authorization or X-API-Key, not both.")
        try:
            return await self._by_key(key) if key else self._by_token(authorization)
        except Unauthenticated as error:
            await self._refuse("api_key" if key else "token", error, place=place)
            raise

    def _by_token(self, authorization: str) -> Caller:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated(
                "The Authorization header is not a bearer token.", remedy="Send Authorization: Bearer <access_token>."
            )
        verified = self._tokens.verify(token.strip())
        return Caller(verified.principal, session_id=verified.session_id, expires_at=verified.expires_at)

    async def _by_key(self, text: str) -> Caller:
        key = await self._keys.authenticate(text)
        principal = Principal(
            subject=f"key:{key.id}", client_id=key.client_id, role=Role(key.role.value), name=key.name
        )
        return Caller(principal, scopes=key.scopes)

    async def _refuse(self, method: str, error: Unauthenticated, *, place: str) -> None:
        wait_s = await self._limiter.take(f"refused:{place}", _REFUSALS)
        if wait_s > 0:
            raise RateLimited(
                "Too many wrong credentials came from this address.",
                remedy=f"Wait {max(1, round(wait_s))} s, and sign in again before the next request.",
                retry_after_s=max(1, round(wait_s)),
            ) from error
        details = {"from": place, "reason": error.detail}
        await self._audit.record(
            Deed(actor="unknown", action=f"authenticate.{method}", outcome=DeedOutcome.REFUSED, details=details)
        )
