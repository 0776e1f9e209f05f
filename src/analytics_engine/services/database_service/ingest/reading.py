"""What every format gives: columns as they were delivered, in batches, and where each row stood in the input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from zoneinfo import ZoneInfo

import pyarrow as pa

from analytics_engine.errors import InvalidInput
from analytics_engine.services.database_service.ingest.encodings import Encoding

BATCH_ROWS = 65_536
BATCH_BYTES = 16 * 1024 * 1024
LONGEST_ROW_BYTES = 16 * 1024 * 1024


class Format(StrEnum):
    """A format by its media type."""

    CSV = "text/csv"
    JSON = "application/json"
    NDJSON = "application/x-ndjson"
    PARQUET = "application/vnd.apache.parquet"
    ARROW_STREAM = "application/vnd.apache.arrow.stream"
    ARROW_FILE = "application/vnd.apache.arrow.file"


@dataclass(frozen=True)
class Reading:
    """How the input is read.

    Args:
        time_zone: the zone of timestamps without an offset; None refuses them.
        null_token: what stands for null in CSV beside the empty field, such as ``NA``.
        encoding: how the body is compressed.
    """

    format: Format
    time_zone: ZoneInfo | None = None
    null_token: str = ""
    encoding: Encoding = Encoding.IDENTITY


@dataclass(frozen=True)
class Malformed:
    """A row that could not be taken apart."""

    line: int
    text: str
    reason: str


@dataclass(frozen=True)
class Batch:
    """Some rows in the order of the input.

    Args:
        columns: of equal length, as text or as the format typed them.
        lines: the line of each row, counted from 1; for formats without lines, its place among the rows.
        malformed: rows that are in no column, the first of them; ``malformed_rows`` counts all.
    """

    columns: Mapping[str, pa.Array]
    lines: pa.Array
    malformed: tuple[Malformed, ...] = ()
    malformed_rows: int = 0

    @property
    def rows(self) -> int:
        return len(self.lines)


class RowSource(Protocol):
    """The rows of one input."""

    @property
    def columns(self) -> tuple[str, ...] | None:
        """The columns the input declares; None where every row names its own."""
        ...

    def batches(self) -> Iterator[Batch]:
        """Give the rows, in order; called once."""
        ...


def format_of(content_type: str) -> Format:
    """Return the format that a ``Content-Type`` names.

    Raises:
        InvalidInput: it names none of ours.
    """
    media_type = content_type.partition(";")[0].strip().lower()
    try:
        return Format(_ALIASES.get(media_type, media_type))
    except ValueError:
        raise InvalidInput(
            f"The content type {media_type!r} is not one that can be loaded."
            if media_type
            else "The request has no Content-Type.",
            remedy=f"Send one of: {', '.join(Format)}.",
        ) from None


_ALIASES = {
    "application/csv": Format.CSV,
    "application/ndjson": Format.NDJSON,
    "application/jsonl": Format.NDJSON,
    "application/x-parquet": Format.PARQUET,
    "application/parquet": Format.PARQUET,
}
