"""Signatures that receivers verify."""

from __future__ import annotations

from base64 import b64encode

import pytest

from analytics_engine.errors import InvalidInput
from analytics_engine.kernel.security.webhook_signatures import check_secret, new_secret, signed_headers


def test_the_example_of_the_specification_has_its_signature() -> None:
    """Standard Webhooks gives a secret, a message and the signature that comes of them."""
    headers = signed_headers(
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp_s=1614265330,
        body=b'{"test": 2432232314}',
    )

    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_new_secrets_are_long_and_different() -> None:
    """Each is one that may be used."""
    secrets = {new_secret() for _ in range(20)}

    assert len(secrets) == 20
    for secret in secrets:
        check_secret(secret)


@pytest.mark.parametrize("secret", ["", "whsec_", "password", "whsec_!!!", "whsec_" + b64encode(b"x" * 23).decode()])
def test_a_weak_secret_is_refused(secret: str) -> None:
    """What is no base64, or too short; it is not repeated in the error."""
    with pytest.raises(InvalidInput, match=r"^The signing secret is not whsec_ and 24 to 64 random bytes in base64\.$"):
        check_secret(secret)
