"""The body of a request, on disk when it is large, with its digest."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from analytics_engine.errors import TooLarge

_IN_MEMORY_BYTES = 8 * 1024 * 1024
_MIB = 1024 * 1024


@dataclass(frozen=True)
class Upload:
    """What was sent; ``file`` stands at its start."""

    file: BinaryIO
    size_bytes: int
    digest: bytes


@asynccontextmanager
async def received(
    stream: AsyncIterator[bytes], *, declared_bytes: int | None, limit_bytes: int
) -> AsyncIterator[Upload]:
    """Take a body in and give it; it is gone afterwards.

    Raises:
        TooLarge: it is larger than allowed.
    """
    if declared_bytes is not None and declared_bytes > limit_bytes:
        raise _too_large(limit_bytes)
    with SpooledTemporaryFile(_IN_MEMORY_BYTES) as file:
        digest = hashlib.sha256()
        size_bytes = 0
        async for chunk in stream:
            size_bytes += len(chunk)
            if size_bytes > limit_bytes:
                raise _too_large(limit_bytes)
            digest.update(chunk)
            file.write(chunk)
        file.seek(0)
        yield Upload(cast("BinaryIO", file), size_bytes, digest.digest())


def _too_large(limit_bytes: int) -> TooLarge:
    return TooLarge(
        f"The body is larger than {limit_bytes // _MIB} MiB.",
        remedy="Send it in parts, each with its own Idempotency-Key, or raise AE_INGEST_LIMIT_MIB.",
        limit_bytes=limit_bytes,
    )
