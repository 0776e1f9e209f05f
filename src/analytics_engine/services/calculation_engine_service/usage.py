"""What is asked, and where it is read: noted for the advice which rollups would help, and which nobody needs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from analytics_engine.errors import AnalyticsEngineError
from analytics_engine.kernel.logging import get_logger
from analytics_engine.kernel.ports.database import Database
from analytics_engine.kernel.queries import load_queries
from analytics_engine.kernel.tasks import is_wanted
from analytics_engine.kpi.formula.paths import Paths
from analytics_engine.kpi.formula.typed import Child, Column, Expression, PeriodBound, Rate, terms_of, walk
from analytics_engine.kpi.plan.plan import Plan, Scan, Shape
from analytics_engine.kpi.states.catalogue import Merge, states_of
from analytics_engine.services.calculation_engine_service.plans import Compiled

log = get_logger(__name__)

_SQL = load_queries(__package__)
_WRITE_EVERY_S = 30.0
_MOST = 10_000
"""So many different uses are remembered between two writes; others are not noted."""


@dataclass(frozen=True)
class Use:
    """One way a client asks of an object model.

    Args:
        rollup: the number of the rollup that is read; 0 for the rows.
        dimensions: the attributes that cells must be told apart by.
        kpis: those whose states merge.
    """

    client_id: str
    object_model: str
    anchor: str
    rollup: int
    dimensions: tuple[str, ...]
    kpis: tuple[str, ...]
    grain: str


class UsageLog:
    """Counts uses in memory, and writes them down now and then; what a process that dies had not written is lost."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._counted: dict[Use, tuple[int, float]] = {}

    def note(self, client_id: str, paths: Paths, compiled: Iterable[Compiled], seconds: float) -> None:
        """Note statements that were run for a client, and how long they took together."""
        uses = [use for each in compiled for use in uses_of(client_id, paths, each.plan)]
        for use in uses:
            if use in self._counted or len(self._counted) < _MOST:
                scans, so_far = self._counted.get(use, (0, 0.0))
                self._counted[use] = scans + 1, so_far + seconds / len(uses)

    async def keep(self) -> None:
        while is_wanted():
            await asyncio.sleep(_WRITE_EVERY_S)
            try:
                await self.write()
            except AnalyticsEngineError as error:
                log.warning("usage_not_written", reason=error.detail)

    async def write(self) -> None:
        """Write down what was counted; where that fails, it is kept for the next time."""
        for client_id in {use.client_id for use in self._counted}:
            own = {use: count for use, count in self._counted.items() if use.client_id == client_id}
            async with self._database.transaction(client_id=client_id) as connection:
                for use, (scans, seconds) in own.items():
                    await connection.execute(
                        _SQL["add_use"], use.client_id, use.object_model, use.anchor, use.rollup,
                        list(use.dimensions), list(use.kpis), use.grain, scans, seconds,
                    )  # fmt: skip
            for use in own:
                del self._counted[use]


def uses_of(client_id: str, paths: Paths, plan: Plan) -> Iterator[Use]:
    """Yield how a plan reads each of its scans of rows that a rollup could hold."""
    for scan in plan.scans:
        kpis = tuple(sorted(_merging(plan, scan)))
        dimensions = _needed(scan, paths)
        if scan.shape is Shape.ROWS and kpis and dimensions is not None:
            kept = scan.place.kept
            yield Use(
                client_id=client_id,
                object_model=scan.model,
                anchor=str(scan.anchor),
                rollup=kept.id if kept is not None else 0,
                dimensions=tuple(sorted(dimensions)),
                kpis=kpis,
                grain=plan.grain or "",
            )


def _merging(plan: Plan, scan: Scan) -> Iterator[str]:
    """Yield the KPIs whose terms of a scan have states that merge."""
    for measure in plan.measures:
        terms = [term for term in terms_of(measure.expression) if term in scan.terms]
        if terms and measure.version and all(s.merge is not Merge.ONCE for term in terms for s in states_of(term)):
            yield measure.definition.code


def _needed(scan: Scan, paths: Paths) -> set[str] | None:
    """Return the attributes of the rows that a scan is cut and filtered by; None where they do not tell it."""
    wanted: Sequence[Expression | None] = (*scan.dimensions, scan.condition)
    found: set[str] = set()
    for part in (part for expression in wanted if expression is not None for part in walk(expression)):
        if isinstance(part, Child | Rate | PeriodBound):
            return None
        if isinstance(part, Column) and part.relations:
            step = paths.step(paths.model(scan.model), part.relations[0])
            if step is None or step.as_of is not None:
                return None
            found |= {here for here, _ in step.pairs}
        elif isinstance(part, Column):
            found.add(part.attribute)
    return found
