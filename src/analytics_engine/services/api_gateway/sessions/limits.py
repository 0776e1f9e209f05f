"""How often one may fail to sign in. Only failures stay counted."""

from __future__ import annotations

from analytics_engine.errors import RateLimited
from analytics_engine.kernel.ports.rate_limiter import Limit, RateLimiter

_WINDOW_S = 300.0
_PER_PERSON_AND_PLACE = Limit(count=5, window_s=_WINDOW_S)
_PER_PERSON = Limit(count=50, window_s=_WINDOW_S)
_PER_PLACE = Limit(count=100, window_s=_WINDOW_S)


class LoginLimits:
    """Three sliding windows: guesses at one account from one place, from everywhere, and at all accounts."""

    def __init__(self, limiter: RateLimiter) -> None:
        self._limiter = limiter

    async def take(self, *, email: str, place: str) -> None:
        """Count one attempt.

        Raises:
            RateLimited: too many attempts failed lately.
        """
        for key, limit in self._windows(email, place):
            wait_s = await self._limiter.take(key, limit)
            if wait_s > 0:
                raise RateLimited(
                    "Too many attempts to sign in have failed.",
                    remedy=f"Wait {max(1, round(wait_s))} s and try again; an administrator can reset the password.",
                    retry_after_s=max(1, round(wait_s)),
                )

    async def succeeded(self, *, email: str, place: str) -> None:
        """Uncount an attempt that was right."""
        for key, _ in self._windows(email, place):
            await self._limiter.give_back(key)

    @staticmethod
    def _windows(email: str, place: str) -> tuple[tuple[str, Limit], ...]:
        return (
            (f"login:{place}:{email}", _PER_PERSON_AND_PLACE),
            (f"login:person:{email}", _PER_PERSON),
            (f"login:place:{place}", _PER_PLACE),
        )
