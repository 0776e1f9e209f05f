"""Rollups on the wire."""

from __future__ import annotations

from typing import Any

from pydantic import AwareDatetime, Field

from analytics_engine.contracts.wire import WireModel
from analytics_engine.kpi.model.rollup import Level


class MarkedSpan(WireModel):
    """A span that is read from the rows, and why; ``every_state``: of all states, or of those rows do not leave."""

    starts: AwareDatetime
    ends: AwareDatetime
    every_state: bool
    reason: str
    marked_at: AwareDatetime


class LevelState(WireModel):
    """The cells of one length of bucket, of all clients."""

    level: Level
    estimated_rows: int
    size_bytes: int


class RollupState(WireModel):
    """A rollup as it is for the asking client.

    ``marked`` lists the spans that are read from the rows until they are rebuilt, up to 100 of ``marks``; ``left_out``
    says which terms of its KPIs it does not keep, and why.
    """

    id: int
    code: str
    of_all_clients: bool
    object_model: str
    status: str
    anchor: str
    dimensions: tuple[str, ...]
    states: int
    tallies: int = Field(description="the values that are counted in its cells, for distinct counts and percentiles")
    reads: tuple[str, ...] = Field(description="the object models whose rows it depends on beside its own")
    levels: tuple[LevelState, ...]
    built: float = Field(ge=0, le=1, description="how much of the client's time is not marked")
    marks: int
    marked: tuple[MarkedSpan, ...]
    left_out: dict[str, str]
    created_at: AwareDatetime
    ready_at: AwareDatetime | None
    verified_at: AwareDatetime | None


class WrongBucketState(WireModel):
    """A bucket that was not what its rows are. It is marked now, and going to be rebuilt."""

    level: Level
    starts: AwareDatetime
    ends: AwareDatetime
    cells: int


class VerifiedSpan(WireModel):
    starts: AwareDatetime
    ends: AwareDatetime


class VerifiedState(WireModel):
    """What of a rollup was compared with the rows: every span that is not marked."""

    rollup: str
    spans: tuple[VerifiedSpan, ...]
    wrong: tuple[WrongBucketState, ...]


class ProposedRollup(WireModel):
    """A rollup that would have answered questions which were answered from rows, within the last 30 days.

    ``definition`` can be saved as it is. ``seconds`` is how long those questions took; how many cells there would be
    by day, and how many of the finest level writing a thousand rows would add, is estimated from the table's
    statistics.
    """

    definition: dict[str, Any]
    questions: int
    seconds: float
    estimated_rows: int
    estimated_cells: int
    cells_written_for_a_thousand_rows: int
    left_out: dict[str, str]


class UnusedRollup(WireModel):
    """A rollup that no question was answered from within the last 30 days."""

    code: str
    object_model: str
    created_at: AwareDatetime


class Advice(WireModel):
    proposals: tuple[ProposedRollup, ...]
    unused: tuple[UnusedRollup, ...]
