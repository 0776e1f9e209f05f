from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol


class BlobStore(Protocol):
    """Files under names, parted by ``/``. Files of any size pass in pieces: memory does not grow with them.

    Raises (all methods):
        DependencyUnavailable: the store cannot be reached, or refuses us.
        InvalidInput: a name leads out of the store.
    """

    async def put(self, name: str, path: Path) -> None:
        """Store a file; when this returns, it is durable, and others see it whole. It replaces what was there.

        Raises:
            InsufficientStorage: there is no room for it.
        """
        ...

    async def get(self, name: str, path: Path) -> None:
        """Write a stored file to a path, whole; when that fails half way, nothing is left there.

        Raises:
            NotFound: there is none of this name.
            InsufficientStorage: there is no room for it where it is written to.
        """
        ...

    async def size(self, name: str) -> int:
        """Return how many bytes a stored file has.

        Raises:
            NotFound: there is none of this name.
        """
        ...

    async def names(self, prefix: str = "") -> Sequence[str]:
        """Return the names that begin so, in order."""
        ...

    async def delete(self, name: str) -> None:
        """Forget a file; one that is not there is forgotten already."""
        ...
