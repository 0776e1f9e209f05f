"""The body of a request, on disk when it is large, with its digest."""

from __future__ import annotations

import errno
import hashlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile, gettempdir
from typing import BinaryIO, cast

from analytics_engine.errors import InsufficientStorage, TooLarge
from analytics_engine.services.database_service.ingest.progress import Progress

_IN_MEMORY_BYTES = 8 * 1024 * 1024
_MIB = 1024 * 1024
_LATER_S = 60


@dataclass(frozen=True)
class Body:
    """A body that is still to come, and how long it says it is."""

    stream: AsyncIterator[bytes]
    declared_bytes: int | None = None


@dataclass(frozen=True)
class Upload:
    """What was sent; ``file`` stands at its start."""

    file: BinaryIO
    size_bytes: int
    digest: bytes


@asynccontextmanager
async def received(body: Body, *, limit_bytes: int, progress: Progress) -> AsyncIterator[Upload]:
    """Take a body in and give it; it is gone afterwards.

    Raises:
        TooLarge: it is larger than allowed.
        InsufficientStorage: there is no room for it, or for what is made of it, on this machine.
    """
    if body.declared_bytes is not None and body.declared_bytes > limit_bytes:
        raise _too_large(limit_bytes)
    with _room_told_of(), SpooledTemporaryFile(_IN_MEMORY_BYTES) as file:
        digest = hashlib.sha256()
        async for chunk in body.stream:
            progress.received_bytes += len(chunk)
            if progress.received_bytes > limit_bytes:
                raise _too_large(limit_bytes)
            digest.update(chunk)
            file.write(chunk)
        file.seek(0)
        yield Upload(cast("BinaryIO", file), progress.received_bytes, digest.digest())


@contextmanager
def _room_told_of() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise InsufficientStorage(
            f"The disk for the service's temporary files ({gettempdir()}) is full; nothing was loaded.",
            remedy="Free space there, or name a larger folder in TMPDIR and restart the service; or send less at once.",
            retry_after_s=_LATER_S,
        ) from error


def _too_large(limit_bytes: int) -> TooLarge:
    return TooLarge(
        f"The body is larger than {limit_bytes:,} bytes.",
        remedy="Send it in parts, each with its own Idempotency-Key, or have AE_MAX_UPLOAD_BYTES raised.",
        limit_bytes=limit_bytes,
    )
