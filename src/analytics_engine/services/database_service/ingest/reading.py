"""What every format gives: columns as they were delivered, in batches, and where each row stood in the input."""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from zoneinfo import ZoneInfo

import pyarrow as pa

from analytics_engine.contracts.data import RowError
from analytics_engine.errors import InvalidInput

BATCH_ROWS = 65_536


class Format(StrEnum):
    """A format by its media type."""

    CSV = "text/csv"
    JSON = "application/json"
    NDJSON = "application/x-ndjson"
    PARQUET = "application/vnd.apache.parquet"


@dataclass(frozen=True)
class Reading:
    """How the input is read.

    Args:
        time_zone: the zone of timestamps without an offset; None refuses them.
        null_token: what stands for null in CSV beside the empty field, such as ``NA``.
    """

    format: Format
    time_zone: ZoneInfo | None = None
    null_token: str = ""


@dataclass(frozen=True)
class Batch:
    """Some rows in the order of the input: columns of equal length, as text or as the format typed them."""

    columns: Mapping[str, pa.Array]
    rows: int


class Gaps:
    """Places that hold no row, added in their order, and where rows are because of them. Places count from 0."""

    def __init__(self) -> None:
        self._rows_before: list[int] = []

    def add(self, place: int) -> None:
        self._rows_before.append(place - len(self._rows_before))

    def place(self, row: int) -> int:
        """Return the place of a row."""
        return row + bisect.bisect_right(self._rows_before, row)


class RowSource(Protocol):
    """The rows of one input."""

    @property
    def malformed(self) -> list[RowError]:
        """Rows that could not be taken apart; they are in no batch."""
        ...

    @property
    def columns(self) -> tuple[str, ...] | None:
        """The columns the input declares; None where every row names its own."""
        ...

    def batches(self) -> Iterator[Batch]:
        """Give the rows, in order; called once."""
        ...

    def line(self, row: int) -> int:
        """Return the line of a row, counted from 1; for formats without lines, its place among the rows."""
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
