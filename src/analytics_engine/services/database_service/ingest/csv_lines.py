"""Which line each record of a CSV begins in, though some records are no rows and some fields hold line breaks."""

from __future__ import annotations

from array import array
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from analytics_engine.services.database_service.ingest.reading import Malformed
from analytics_engine.services.database_service.ingest.rejection import MOST_KEPT

Int64s = npt.NDArray[np.int64]

_FIRST_LINE = 2
"""The header is the first."""


@dataclass(frozen=True)
class Refused:
    """A record of another width than the header: its place among all records from 0; without a reason it is blank."""

    place: int
    text: str
    reason: str


class RecordLines:
    """Counts along: what was refused comes in first, then the records that were read around it.

    Only what was refused and not yet passed is held, which is as far as the reader reads ahead.
    """

    def __init__(self) -> None:
        self._next = 0
        self._breaks = 0
        self._places = array("q")
        self._breaks_in = array("q")
        self._is_wrong = array("b")
        self._described: dict[int, Refused] = {}
        self._described_ever = 0
        self._passed: tuple[tuple[Malformed, ...], int] = ((), 0)

    def refuse(self, record: Refused) -> None:
        self._places.append(record.place)
        self._breaks_in.append(record.text.count("\n"))
        self._is_wrong.append(bool(record.reason))
        if record.reason and self._described_ever < MOST_KEPT:
            self._described[record.place] = record
            self._described_ever += 1

    def of(self, batch: pa.RecordBatch) -> pa.Array:
        """Return the lines of the next records that were read."""
        return pa.array(self._count(_line_breaks(batch), everything=False))

    def passed(self) -> tuple[tuple[Malformed, ...], int]:
        """Return what was refused between the records counted last: the first of it, and how much it was."""
        return self._passed

    def rest(self) -> tuple[tuple[Malformed, ...], int]:
        """Return what was refused after the last record."""
        self._count(np.zeros(0, np.int64), everything=True)
        return self._passed

    def _count(self, breaks: Int64s, *, everything: bool) -> Int64s:
        rows = np.arange(len(breaks))
        places = np.array(self._places, np.int64)
        rows_before = places - self._next - np.arange(len(places))
        gaps = np.searchsorted(rows_before, rows, side="right")
        count = len(places) if everything else int(gaps[-1]) if len(gaps) else 0
        breaks_before_row = np.concatenate(([0], np.cumsum(breaks)))
        breaks_before_gap = np.concatenate(([0], np.cumsum(np.array(self._breaks_in, np.int64))))
        start = self._breaks + _FIRST_LINE
        records = self._next + rows + gaps
        lines: Int64s = records + start + breaks_before_row[:-1] + breaks_before_gap[gaps]
        self._pass(
            places[:count], places[:count] + start + breaks_before_row[rows_before[:count]] + breaks_before_gap[:count]
        )
        self._breaks += int(breaks_before_row[-1] + breaks_before_gap[count])
        self._next += len(breaks) + count
        return lines

    def _pass(self, places: Int64s, lines: Int64s) -> None:
        count = len(places)
        described = [
            Malformed(int(line), refused.text, refused.reason)
            for place, line in zip(places.tolist(), lines.tolist(), strict=True)
            if (refused := self._described.pop(place, None)) is not None
        ]
        self._passed = (tuple(described), sum(self._is_wrong[:count]))
        for held in (self._places, self._breaks_in, self._is_wrong):
            del held[:count]


def _line_breaks(batch: pa.RecordBatch) -> Int64s:
    breaks = np.zeros(batch.num_rows, np.int64)
    for column in batch.columns:
        if pc.any(pc.match_substring(column, "\n")).as_py():
            breaks += pc.fill_null(pc.count_substring(column, "\n"), 0).to_numpy()
    return breaks
