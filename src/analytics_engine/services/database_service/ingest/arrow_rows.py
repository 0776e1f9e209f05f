from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import pyarrow as pa

from analytics_engine.errors import InvalidInput, TooLarge
from analytics_engine.services.database_service.ingest.arrow_messages import Unsound, sizes
from analytics_engine.services.database_service.ingest.reading import Batch
from analytics_engine.services.database_service.ingest.typed_columns import (
    parts,
    refuse_other_types,
    refuse_too_large,
)

_MAGIC = b"ARROW1"
_STREAM_IN_FILE = 8


class ArrowRows:
    """Typed columns of an Arrow IPC stream, or of a file, which is a stream between a mark and a footer."""

    def __init__(self, file: BinaryIO, *, is_file: bool, limit_bytes: int) -> None:
        start = _start(file) if is_file else 0
        _refuse_too_large(file, start, limit_bytes)
        file.seek(start)
        try:
            self._reader = pa.ipc.open_stream(pa.PythonFile(file, mode="r"))
        except (pa.ArrowException, OSError) as error:
            raise _unreadable(str(error)) from error
        refuse_other_types(self._reader.schema)

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(self._reader.schema.names)

    def batches(self) -> Iterator[Batch]:
        first = 1
        while (batch := self._next()) is not None:
            yield from parts(batch, first=first)
            first += batch.num_rows

    def _next(self) -> pa.RecordBatch | None:
        try:
            return self._reader.read_next_batch()
        except StopIteration:
            return None
        except (pa.ArrowException, OSError) as error:
            raise _unreadable(str(error)) from error


def _start(file: BinaryIO) -> int:
    if file.read(_STREAM_IN_FILE)[: len(_MAGIC)] != _MAGIC:
        raise _unreadable("it does not begin as an Arrow file does")
    return _STREAM_IN_FILE


def _refuse_too_large(file: BinaryIO, start: int, limit_bytes: int) -> None:
    """Return when each batch fits into memory, all dictionaries do, and the whole is no larger than allowed."""
    file.seek(start)
    dictionaries = total = 0
    try:
        for batch in sizes(file):
            total += batch.size_bytes
            if batch.is_dictionary:
                dictionaries += batch.size_bytes
            refuse_too_large("A record batch of the input", 0 if batch.is_dictionary else batch.size_bytes)
            refuse_too_large("The dictionaries of the input", dictionaries)
            if total > limit_bytes:
                raise TooLarge(
                    f"The Arrow input holds more than {limit_bytes:,} bytes once it is decompressed.",
                    remedy="Send it in parts, each with its own Idempotency-Key, "
                    "or have AE_MAX_DECOMPRESSED_BYTES raised.",
                    limit_bytes=limit_bytes,
                )
    except Unsound as error:
        raise _unreadable(str(error)) from error


def _unreadable(reason: str) -> InvalidInput:
    return InvalidInput(
        f"The Arrow input cannot be read: {reason.splitlines()[0]}.",
        remedy="Send a whole Arrow IPC stream, or a whole file, under the content type that says which.",
    )
