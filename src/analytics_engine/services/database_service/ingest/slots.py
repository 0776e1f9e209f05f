"""How many loads a process works on at once, and how many of them may be one client's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from analytics_engine.errors import RateLimited, TooBusy

_RETRY_AFTER_S = 5


class LoadSlots:
    """A load takes a slot before its body is read, so that what cannot be worked on costs next to nothing."""

    def __init__(self, *, at_once: int, per_client: int) -> None:
        self.at_once = at_once
        self._per_client = per_client
        self._taken: Counter[str] = Counter()

    @contextmanager
    def taken(self, client_id: str) -> Iterator[None]:
        """Hold a slot until the block ends.

        Raises:
            RateLimited: the client has as many loads under way as it may have.
            TooBusy: all slots are taken.
        """
        if self._taken[client_id] >= self._per_client:
            raise RateLimited(
                f"The client has as many loads under way as it may have at once ({self._per_client}).",
                remedy="Wait for one of them to end, or send more rows in one load.",
                retry_after_s=_RETRY_AFTER_S,
            )
        if self._taken.total() >= self.at_once:
            raise TooBusy(
                f"As many loads are under way as the service works on at once ({self.at_once}).",
                remedy="Try again in a moment; if it stays so, raise AE_MAX_LOADS or run another database_service.",
                retry_after_s=_RETRY_AFTER_S,
            )
        self._taken[client_id] += 1
        try:
            yield
        finally:
            self._taken[client_id] -= 1
            if not self._taken[client_id]:
                del self._taken[client_id]
