"""Passwords kept as argon2id hashes (RFC 9106), computed off the event loop and a few at a time."""

from __future__ import annotations

import asyncio
from functools import cached_property

from argon2 import PasswordHasher, Type
from argon2.exceptions import Argon2Error, InvalidHashError

_SHORTEST = 10
_LONGEST = 256
_AT_ONCE = 2


class Passwords:
    """Hashes and checks passwords.

    Args:
        memory_kib: memory one hash takes; the default follows RFC 9106's second choice.
    """

    def __init__(self, *, memory_kib: int = 65_536, time_cost: int = 3, parallelism: int = 4) -> None:
        self._hasher = PasswordHasher(
            time_cost=time_cost, memory_cost=memory_kib, parallelism=parallelism, type=Type.ID
        )
        self._gate = asyncio.Semaphore(_AT_ONCE)

    async def hash(self, password: str) -> str:
        async with self._gate:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def matches(self, password: str, password_hash: str | None) -> bool:
        """Return whether the password is the one; without a hash (an unknown user) it takes as long and says no."""
        async with self._gate:
            return await asyncio.to_thread(self._matches, password, password_hash)

    def _matches(self, password: str, password_hash: str | None) -> bool:
        try:
            self._hasher.verify(self._nobodys_hash if password_hash is None else password_hash, password)
        except (Argon2Error, InvalidHashError):
            return False
        return password_hash is not None

    @cached_property
    def _nobodys_hash(self) -> str:
        return self._hasher.hash("the password of nobody")


def weakness(password: str, *, email: str = "") -> str:
    """Return why a password is not acceptable, or an empty string."""
    if len(password) < _SHORTEST:
        return f"The password is shorter than {_SHORTEST} characters."
    if len(password) > _LONGEST:
        return f"The password is longer than {_LONGEST} characters."
    if password.strip().lower() in {email.lower(), email.split("@", maxsplit=1)[0].lower()}:
        return "The password is the email address."
    if len(set(password)) == 1:
        return "The password repeats one character."
    return ""
