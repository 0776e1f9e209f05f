"""The port of the engines that hold the rows: PostgreSQL by default, others beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from analytics_engine.kpi.sql.dialects import Dialect
from analytics_engine.kpi.states.kept import Kept
from analytics_engine.kpi.values.binding import Span
from analytics_engine.kpi.values.kept import Marks
from analytics_engine.kpi.values.reach import Reach

BARRIER = "lifecycle.barrier"
"""Who drops archived rows waits behind it for all snapshots in which they are not archived yet."""

Coverage = Mapping[str, Span]
Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class DataState:
    """What the data is at one moment.

    Args:
        watermark: every transaction whose id is below it is in the rows.
        coverage: the span of time that is loaded, of each object model that has any.
        marks: which spans of each rollup are to be read from the rows.
        archived: the object models some of whose rows are in the archive, and are read once they are brought back.
    """

    watermark: int
    coverage: Coverage
    marks: Mapping[int, Marks] = field(default_factory=dict)
    archived: frozenset[str] = frozenset()


class Snapshot(Protocol):
    """One unchanging state of the data, for as long as it is open."""

    async def state(self, models: Sequence[str], rollups: Sequence[int] = ()) -> DataState:
        """Return the state of the data of these object models and rollups."""
        ...

    async def bring_back(self, reach: Reach) -> None:
        """Have statements from now on read what is in the archive, too, as far as a question reaches.

        Raises:
            QueryError: rows that it reaches are kept no longer, or are too many.
            DependencyUnavailable: the archive cannot be reached.
        """
        ...

    async def rows(self, sql: str, parameters: Sequence[object]) -> Rows:
        """Run a statement and return its rows; one that fails leaves the snapshot as it was.

        Raises:
            QueryError: the engine cannot compute with these values.
            DependencyUnavailable: the engine cannot be reached, or a table is not there yet.
            DependencyTimeout: the statement ran into its time limit.
        """
        ...


class KeptRollups(Protocol):
    """Tells which rollups there are."""

    async def rollups(self, *, client_id: str) -> Sequence[Kept]:
        """Return the rollups that may be read for a client."""
        ...


class Engine(KeptRollups, Protocol):
    """Runs statements where the rows are."""

    @property
    def dialect(self) -> Dialect:
        """How statements for this engine are written."""
        ...

    def snapshot(self, *, client_id: str) -> AbstractAsyncContextManager[Snapshot]:
        """Open a snapshot of one client's data; no other client's rows are in it.

        Raises:
            DependencyUnavailable: the engine cannot be reached.
        """
        ...
