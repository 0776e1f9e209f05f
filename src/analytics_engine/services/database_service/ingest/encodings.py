"""Compressed bodies: what they hold, on disk when it is large, and never more than is allowed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

import pyarrow as pa

from analytics_engine.errors import InvalidInput, TooLarge
from analytics_engine.services.database_service.ingest.progress import Progress

_IN_MEMORY_BYTES = 8 * 1024 * 1024
_CHUNK_BYTES = 1024 * 1024


class Encoding(StrEnum):
    """How a body is compressed, as ``Content-Encoding`` names it."""

    IDENTITY = "identity"
    GZIP = "gzip"
    ZSTD = "zstd"


def encoding_of(content_encoding: str) -> Encoding:
    """Return the encoding that a ``Content-Encoding`` names.

    Raises:
        InvalidInput: it names none of ours, or several.
    """
    name = content_encoding.strip().lower()
    try:
        return Encoding(_ALIASES.get(name, name))
    except ValueError:
        raise InvalidInput(
            f"The content encoding {name!r} is not one that can be read.",
            remedy=f"Send one of: {', '.join(Encoding)}; or leave Content-Encoding out.",
        ) from None


@contextmanager
def decompressed(file: BinaryIO, encoding: Encoding, *, limit_bytes: int, progress: Progress) -> Iterator[BinaryIO]:
    """Give a file that holds what a body holds and stands at its start; it is gone afterwards.

    Raises:
        InvalidInput: the body is not compressed in this way, or ends early.
        TooLarge: it holds more than is allowed.
        GivenUp: nobody waits for the load any more.
    """
    if encoding is Encoding.IDENTITY:
        yield file
        return
    with SpooledTemporaryFile(_IN_MEMORY_BYTES) as plain:
        size = 0
        for chunk in _chunks(file, encoding):
            progress.go_on()
            size += len(chunk)
            if size > limit_bytes:
                raise _too_large(limit_bytes)
            plain.write(chunk)
        plain.seek(0)
        yield cast("BinaryIO", plain)


def _chunks(file: BinaryIO, encoding: Encoding) -> Iterator[bytes]:
    try:
        with pa.CompressedInputStream(pa.PythonFile(file, mode="r"), encoding.value) as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                yield chunk
    except (pa.ArrowException, OSError) as error:
        raise InvalidInput(
            f"The body cannot be decompressed as {encoding.value}: {str(error).splitlines()[0]}.",
            remedy=f"Send the whole output of {encoding.value}, or leave Content-Encoding out if it is not compressed.",
        ) from error


def _too_large(limit_bytes: int) -> TooLarge:
    return TooLarge(
        f"The body holds more than {limit_bytes:,} bytes once it is decompressed.",
        remedy="Send it in parts, each with its own Idempotency-Key, or have AE_MAX_DECOMPRESSED_BYTES raised.",
        limit_bytes=limit_bytes,
    )


_ALIASES = {"": Encoding.IDENTITY, "x-gzip": Encoding.GZIP}
