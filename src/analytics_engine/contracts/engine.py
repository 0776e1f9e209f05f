"""The port of the engines that hold the rows: PostgreSQL by default, others beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from analytics_engine.kpi.sql.dialects import Dialect
from analytics_engine.kpi.values.binding import Span

Coverage = Mapping[str, Span]
Bind = Callable[[Coverage], Sequence[object]]
"""Gives a statement's parameters, once it is known what is loaded."""


@dataclass(frozen=True)
class Reading:
    """Rows, and the state of the data they were read from, all in one snapshot.

    Args:
        watermark: every transaction whose id is below it is in the rows.
    """

    rows: Sequence[Mapping[str, Any]]
    coverage: Coverage
    watermark: int


class Engine(Protocol):
    """Runs statements where the rows are."""

    @property
    def dialect(self) -> Dialect:
        """How statements for this engine are written."""
        ...

    async def read(self, sql: str, *, client_id: str, models: Sequence[str], bind: Bind) -> Reading:
        """Run a statement for one client and return its rows with the state of the data of these object models.

        Raises:
            DependencyUnavailable: the engine cannot be reached.
            DependencyTimeout: the statement ran into its time limit.
        """
        ...

    async def coverage(self, *, client_id: str, models: Sequence[str]) -> Reading:
        """Return the state of the data without reading rows."""
        ...
