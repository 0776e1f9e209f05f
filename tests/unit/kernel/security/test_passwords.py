from __future__ import annotations

import pytest

from analytics_engine.kernel.security.passwords import Passwords, weakness

CHEAP = {"memory_kib": 1024, "time_cost": 1, "parallelism": 1}


async def test_a_password_matches_its_own_hash_only():
    """Hashes are argon2id, and differ for the same password."""
    passwords = Passwords(**CHEAP)
    first, second = await passwords.hash("correct horse"), await passwords.hash("correct horse")
    assert first.startswith("$argon2id$")
    assert first != second
    assert await passwords.matches("correct horse", first)
    assert not await passwords.matches("wrong horse", first)


@pytest.mark.parametrize("password_hash", [None, "", "not a hash"])
async def test_nobody_has_no_password(password_hash):
    """Without a hash every password is wrong, also the one that is compared with instead."""
    assert not await Passwords(**CHEAP).matches("the password of nobody", password_hash)


@pytest.mark.parametrize(
    ("password", "weak"),
    [
        ("123456789", True),
        ("1234567890", False),
        ("zzzzzzzzzzzz", True),
        ("Somebody@Example.com", True),
        ("x1" * 129, True),
        ("correct horse", False),
    ],
)
def test_weak_passwords_are_told(password, weak):
    """Ten characters, not one repeated, not the address, not without end."""
    assert bool(weakness(password, email="somebody@example.com")) is weak
