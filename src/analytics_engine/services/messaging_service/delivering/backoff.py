from __future__ import annotations

import random
from dataclasses import dataclass

_JITTER = 0.2


@dataclass(frozen=True)
class Backoff:
    """How long to wait after each attempt that failed; after one more than there are pauses, it is given up."""

    pauses_s: tuple[float, ...]

    @property
    def attempts(self) -> int:
        return len(self.pauses_s) + 1

    def pause_s(self, attempts: int, *, at_least_s: float = 0.0) -> float:
        """Return the pause after so many attempts, a fifth more or less, so that what failed together spreads out."""
        spread = random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 - jitter, no secret
        return max(self.pauses_s[attempts - 1] * spread, at_least_s)
