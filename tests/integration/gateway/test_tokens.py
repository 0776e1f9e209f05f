"""Attacks on access tokens: each is refused with the same status and a remedy."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from analytics_engine.kernel.clock import ManualClock, SystemClock
from analytics_engine.kernel.security.principal import Principal, Role
from analytics_engine.kernel.security.tokens import InternalTokens, TokenSigner, derive_key
from analytics_engine.services.api_gateway.sessions.tokens import ACCESS_LIFETIME, SessionTokens
from support.services import SECRET_KEY

SOMEBODY = Principal(subject="user:1", client_id="nyc-flights", role=Role.ADMIN)
NOW = int(datetime.now(UTC).timestamp())
CLAIMS = {
    "iss": "analytics-engine",
    "aud": "analytics-engine",
    "sub": "user:1",
    "exp": NOW + 86_400,  # longer than all tests take
    "client_id": "nyc-flights",
    "role": "admin",
}
KEY = OctKey.import_key(derive_key(SECRET_KEY, "access-tokens"))


def _part(value: dict) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _signer(**changed: str) -> TokenSigner:
    key = changed.get("secret", SECRET_KEY), changed.get("purpose", "access-tokens")
    return TokenSigner(
        key=derive_key(*key),
        token_type=changed.get("token_type", "at+jwt"),
        issuer=changed.get("issuer", "analytics-engine"),
        clock=SystemClock(),
    )


def _minted(audience: str = "analytics-engine", **changed: str) -> str:
    return _signer(**changed).mint(SOMEBODY, audience=audience, lifetime=timedelta(minutes=5))


def _encoded(header: dict, claims: dict) -> str:
    return jwt.encode({"alg": "HS256", "typ": "at+jwt", **header}, claims, KEY)


def _tampered() -> str:
    header, _, signature = _minted().split(".")
    return f"{header}.{_part({**CLAIMS, 'client_id': 'acme'})}.{signature}"


def _long_ago() -> str:
    clock = ManualClock(datetime.now(UTC) - ACCESS_LIFETIME - timedelta(seconds=6))
    return SessionTokens(secret_key=SECRET_KEY, clock=clock).access(SOMEBODY, session_id="s")


ATTACKS = {
    "no algorithm": lambda: f"{_part({'alg': 'none', 'typ': 'at+jwt'})}.{_part(CLAIMS)}.",
    "no algorithm, in capitals": lambda: f"{_part({'alg': 'NONE', 'typ': 'at+jwt'})}.{_part(CLAIMS)}.",
    "no signature": lambda: _minted().rpartition(".")[0] + ".",
    "changed claims": _tampered,
    "another secret": lambda: _minted(secret="another-secret-key-of-more-than-32-characters"),
    "the key of internal tokens": lambda: _minted(purpose="internal-tokens"),
    "an internal token": lambda: InternalTokens(secret_key=SECRET_KEY, clock=SystemClock()).mint(
        SOMEBODY, audience="business_metadata"
    ),
    "another type": lambda: _minted(token_type="JWT"),
    "no type": lambda: jwt.encode({"alg": "HS256"}, CLAIMS, KEY),
    "another audience": lambda: _minted(audience="business_metadata"),
    "several audiences": lambda: _encoded({}, {**CLAIMS, "aud": ["analytics-engine", "x"]}),
    "another issuer": lambda: _minted(issuer="somebody-else"),
    "another algorithm of the family": lambda: jwt.encode(
        {"alg": "HS512", "typ": "at+jwt"}, CLAIMS, KEY, algorithms=["HS512"]
    ),
    "an asymmetric algorithm": lambda: jwt.encode(
        {"alg": "RS256", "typ": "at+jwt"}, CLAIMS, RSAKey.generate_key(2048, private=True), algorithms=["RS256"]
    ),
    "expired": _long_ago,
    "no expiry": lambda: _encoded({}, {name: value for name, value in CLAIMS.items() if name != "exp"}),
    "an unknown role": lambda: _encoded({}, {**CLAIMS, "role": "root"}),
    "no client": lambda: _encoded({}, {name: value for name, value in CLAIMS.items() if name != "client_id"}),
    "an expiry that is no number": lambda: _encoded({}, {**CLAIMS, "exp": "soon"}),
    "nonsense": lambda: "not.a.token",
    "empty parts": lambda: "..",
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
async def test_a_forged_token_is_refused(gateway, attack):
    """The answer is a 401 problem with a remedy, and tells nothing of the system."""
    answer = await gateway.get("/api/v1/metadata/kpis", headers={"Authorization": f"Bearer {attack()}"})
    assert answer.status_code == 401, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["remedy"]


async def test_a_right_token_of_the_same_making_is_accepted(gateway):
    """The attacks fail for what is wrong with them, not for how the test makes them."""
    headers = {"Authorization": f"Bearer {_encoded({}, CLAIMS)}"}
    assert (await gateway.get("/api/v1/metadata/kpis", headers=headers)).status_code == 200


@pytest.mark.parametrize("headers", [{"Authorization": "Basic YTpi"}, {"Authorization": "Bearer"}, {}])
async def test_without_a_bearer_token_nobody_comes_in(gateway, headers):
    """Other schemes, an empty token and no header at all are refused."""
    answer = await gateway.get("/api/v1/metadata/kpis", headers=headers)
    assert answer.status_code == 401
    assert answer.json()["remedy"]


async def test_two_credentials_are_refused(gateway, admin):
    """Nobody has to guess which of them counts."""
    answer = await gateway.get("/api/v1/metadata/kpis", headers={**admin, "X-API-Key": "ae_x"})
    assert answer.status_code == 401
    assert answer.json()["detail"] == "There are two credentials."
