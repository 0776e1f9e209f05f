"""The body of a request, on disk when it is large, with its digest."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from analytics_engine.errors import TooLarge
from analytics_engine.services.database_service.ingest.progress import Progress

_IN_MEMORY_BYTES = 8 * 1024 * 1024


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
    """
    if body.declared_bytes is not None and body.declared_bytes > limit_bytes:
        raise _too_large(limit_bytes)
    with SpooledTemporaryFile(_IN_MEMORY_BYTES) as file:
        digest = hashlib.sha256()
        async for chunk in body.stream:
            progress.received_bytes += len(chunk)
            if progress.received_bytes > limit_bytes:
                raise _too_large(limit_bytes)
            digest.update(chunk)
            file.write(chunk)
        file.seek(0)
        yield Upload(cast("BinaryIO", file), progress.received_bytes, digest.digest())


def _too_large(limit_bytes: int) -> TooLarge:
    return TooLarge(
        f"The body is larger than {limit_bytes:,} bytes.",
        remedy="Send it in parts, each with its own Idempotency-Key, or have AE_MAX_UPLOAD_BYTES raised.",
        limit_bytes=limit_bytes,
    )
