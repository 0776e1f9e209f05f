"""Signed tokens: short-lived JWTs, one algorithm, with type, audience, issuer and expiry enforced (RFC 8725)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from analytics_engine.errors import Unauthenticated
from analytics_engine.kernel.clock import Clock
from analytics_engine.kernel.ids import new_id
from analytics_engine.kernel.security.principal import Principal, Role

_ALGORITHM = "HS256"
_LEEWAY_S = 5


def derive_key(secret: str, purpose: str) -> bytes:
    """Return a 256-bit key for one purpose (HKDF-SHA256, RFC 5869): a key is never used for two things."""
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose.encode()).derive(secret.encode())


def principal_of(claims: Mapping[str, Any]) -> Principal:
    """Return whom verified claims speak for.

    Raises:
        Unauthenticated: a claim is missing or of another kind.
    """
    try:
        return Principal(
            subject=claims["sub"], client_id=claims["client_id"], role=Role(claims["role"]), name=claims.get("name", "")
        )
    except (KeyError, ValueError) as error:
        raise Unauthenticated("The token lacks a claim.", remedy="Sign in again.") from error


class TokenSigner:
    """Mints and verifies tokens of one type with one key.

    Args:
        key: 256-bit key, used for nothing else.
        token_type: the ``typ`` header, such as ``at+jwt``; a token of another type is refused.
        issuer: who mints.
    """

    def __init__(self, *, key: bytes, token_type: str, issuer: str, clock: Clock) -> None:
        self._key = OctKey.import_key(key)
        self._token_type = token_type
        self._issuer = issuer
        self._clock = clock

    def mint(self, principal: Principal, *, audience: str, lifetime: timedelta, **claims: Any) -> str:
        now = int(self._clock.now().timestamp())
        payload = {
            "iss": self._issuer,
            "aud": audience,
            "sub": principal.subject,
            "iat": now,
            "exp": now + int(lifetime.total_seconds()),
            "jti": new_id(),
            "client_id": principal.client_id,
            "role": principal.role.value,
            "name": principal.name,
            **claims,
        }
        return jwt.encode({"alg": _ALGORITHM, "typ": self._token_type}, payload, self._key)

    def verify(self, token: str, *, audience: str) -> Principal:
        """Return who the token speaks for.

        Raises:
            Unauthenticated: it is not ours, not of this type, for another audience, or expired.
        """
        return principal_of(self.claims(token, audience=audience))

    def claims(self, token: str, *, audience: str) -> dict[str, Any]:
        try:
            decoded = jwt.decode(token, self._key, algorithms=[_ALGORITHM])
        except (JoseError, ValueError) as error:
            raise Unauthenticated("The token is not valid.", remedy="Sign in again.") from error
        if decoded.header.get("typ") != self._token_type:
            raise Unauthenticated("The token is of another type.", remedy="Use an access token.")
        claims = decoded.claims
        if claims.get("iss") != self._issuer or claims.get("aud") != audience:
            raise Unauthenticated("The token is meant for another system.", remedy="Sign in again.")
        expires = claims.get("exp")
        if not isinstance(expires, int) or expires + _LEEWAY_S <= int(self._clock.now().timestamp()):
            raise Unauthenticated("The token has expired.", remedy="Sign in again or refresh it.")
        return dict(claims)


class InternalTokens:
    """The tokens services show each other: a minute long, for one service, on behalf of one principal."""

    LIFETIME = timedelta(seconds=60)

    def __init__(self, *, secret_key: str, clock: Clock) -> None:
        self._signer = TokenSigner(
            key=derive_key(secret_key, "internal-tokens"),
            token_type="ae-internal+jwt",  # noqa: S106 - the type's name, not a secret
            issuer="analytics-engine",
            clock=clock,
        )

    def mint(self, principal: Principal, *, audience: str) -> str:
        return self._signer.mint(principal, audience=audience, lifetime=self.LIFETIME)

    def verify(self, token: str, *, audience: str) -> Principal:
        return self._signer.verify(token, audience=audience)
