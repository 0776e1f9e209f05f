"""The two tokens of a session: a signed access token everybody can check, a refresh token only we can."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from analytics_engine.kernel.clock import Clock
from analytics_engine.kernel.security import api_keys
from analytics_engine.kernel.security.principal import Principal
from analytics_engine.kernel.security.tokens import TokenSigner, derive_key, principal_of

AUDIENCE = "analytics-engine"
ACCESS_LIFETIME = timedelta(minutes=15)
REFRESH_LIFETIME = timedelta(days=7)


@dataclass(frozen=True)
class Verified:
    principal: Principal
    session_id: str
    expires_at: datetime


class SessionTokens:
    """Makes and checks both, each with a key of its own derived from SECRET_KEY."""

    def __init__(self, *, secret_key: str, clock: Clock) -> None:
        self._refresh_key = derive_key(secret_key, "refresh-tokens")
        self._signer = TokenSigner(
            key=derive_key(secret_key, "access-tokens"),
            token_type="at+jwt",  # noqa: S106 - the type's name, not a secret
            issuer="analytics-engine",
            clock=clock,
        )

    def access(self, principal: Principal, *, session_id: str) -> str:
        return self._signer.mint(principal, audience=AUDIENCE, lifetime=ACCESS_LIFETIME, sid=session_id)

    def verify(self, token: str) -> Verified:
        """Return whom an access token speaks for.

        Raises:
            Unauthenticated: it is not ours, not an access token, or expired.
        """
        claims = self._signer.claims(token, audience=AUDIENCE)
        expires_at = datetime.fromtimestamp(float(claims["exp"]), UTC)
        return Verified(principal_of(claims), str(claims.get("sid", "")), expires_at)

    def new_refresh(self) -> str:
        return secrets.token_urlsafe(32)

    def refresh_hash(self, token: str) -> bytes:
        return api_keys.digest(token, key=self._refresh_key)
