"""Secrets that are stored, and read again."""

from __future__ import annotations

import pytest

from analytics_engine.errors import InvalidSetting
from analytics_engine.kernel.security.sealing import Sealer

KEY = "a-secret-key-for-tests-only-of-more-than-32-characters"


def test_what_is_sealed_opens_for_its_owner_only() -> None:
    """Not for another client, not with another key, and not for another purpose; never twice the same."""
    sealer = Sealer(secret_key=KEY, purpose="channels")
    sealed = sealer.seal("s3cr3t", owner="acme")

    assert sealer.open(sealed, owner="acme") == "s3cr3t"
    assert "s3cr3t" not in sealed
    assert sealed != sealer.seal("s3cr3t", owner="acme")
    for other, owner in (
        (sealer, "another"),
        (Sealer(secret_key=KEY + "x", purpose="channels"), "acme"),
        (Sealer(secret_key=KEY, purpose="webhooks"), "acme"),
    ):
        with pytest.raises(InvalidSetting, match="SECRET_KEY is another one than when it was stored"):
            other.open(sealed, owner=owner)
