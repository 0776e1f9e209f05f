"""Which rollups would help, by what was asked of the rows; and which are kept although nobody reads them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations
from math import prod

from analytics_engine.contracts.metadata import MetadataApi
from analytics_engine.errors import AnalyticsEngineError
from analytics_engine.kernel.ports.database import Connection, Database
from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.model.rollup import Rollup
from analytics_engine.kpi.sql.keeping import keeping_of
from analytics_engine.services.database_service.rollups import repository
from analytics_engine.services.database_service.rollups.repository import SQL
from analytics_engine.services.database_service.rollups.schemas import Advice, ProposedRollup, UnusedRollup
from analytics_engine.services.database_service.tables.service import become_ingest

_LOOK_BACK = timedelta(days=30)
_LEAST_SECONDS = 1.0
_LEAST_FEWER = 2.0
_MOST_PROPOSALS = 3
_YEAR_DAYS = 365.0
"""Of one object model and moment."""


@dataclass(frozen=True)
class Asked:
    """One way of asking of the rows: by these dimensions, so many seconds in all."""

    dimensions: frozenset[str]
    kpis: frozenset[str]
    seconds: float


@dataclass(frozen=True)
class Chosen:
    """Dimensions for a rollup: what it would answer, of how many seconds, and into how many cells its rows fall."""

    dimensions: frozenset[str]
    asked: tuple[Asked, ...]
    seconds: float
    cells: float


class Advising:
    """Reads what the calculation engine has noted of its questions."""

    def __init__(self, database: Database, metadata: MetadataApi) -> None:
        self._database = database
        self._metadata = metadata

    async def advice(self, client_id: str) -> Advice:
        """Return the rollups to make for a client, the most useful first, and those nobody has read lately."""
        catalog = await self._metadata.catalog(client_id)
        assert catalog is not None
        checker = KpiChecker(catalog)
        proposals: list[ProposedRollup] = []
        async with self._database.transaction(client_id=client_id, read_only=True) as connection:
            days = {row["object_model"]: row["days"] for row in await connection.fetch(SQL["days_covered"], client_id)}
            await become_ingest(connection)
            asked = await connection.fetch(SQL["asked_of_rows"], client_id, _LOOK_BACK)
            groups: dict[tuple[str, str], list[Asked]] = {}
            for row in asked:
                use = Asked(frozenset(row["dimensions"]), frozenset(row["kpis"]), row["seconds"])
                groups.setdefault((row["object_model"], row["anchor"]), []).append(use)
            for place, uses in groups.items():
                if not catalog.has_object_model(place[0]):
                    continue
                sizes = await Sizes.of(connection, place[0], days.get(place[0], _YEAR_DAYS))
                for chosen in choose(uses, sizes):
                    proposed = _proposed(checker, place, chosen, sizes)
                    proposals += [proposed] if proposed is not None else []
            unused = [
                UnusedRollup(code=held.code, object_model=held.object_model, created_at=held.created_at)
                for held in await repository.present(connection)
                if held.client_id in {"", client_id} and held.status == "ready"
                and not await connection.fetch_value(SQL["was_read"], held.id, _LOOK_BACK)
            ]  # fmt: skip
        proposals.sort(key=lambda one: -one.seconds)
        return Advice(proposals=tuple(proposals), unused=tuple(unused))


@dataclass(frozen=True)
class Sizes:
    """How many rows an object model has, about, over how many days, and how many values each attribute."""

    rows: float
    days: float
    values: dict[str, float]

    @classmethod
    async def of(cls, connection: Connection, model: str, days: float) -> Sizes:
        rows = max(1.0, await connection.fetch_value(SQL["rows_of"], model))
        distinct = await connection.fetch(SQL["different_values"], model)
        values = {
            one["attname"]: -one["n_distinct"] * rows if one["n_distinct"] < 0 else max(1.0, one["n_distinct"])
            for one in distinct
        }
        return cls(rows, max(1.0, days), values)

    def cells(self, dimensions: Iterable[str]) -> float:
        """Return about how many cells a day's bucket makes of all rows."""
        return min(self.rows, self.days * prod(self.values.get(name, self.rows) for name in dimensions))


def choose(uses: Sequence[Asked], sizes: Sizes) -> list[Chosen]:
    """Return dimensions for rollups: the most saved first, then of what is left, as long as it is worth while."""
    left, found = list(uses), list[Chosen]()
    while left and len(found) < _MOST_PROPOSALS:
        sets = {use.dimensions for use in left}
        sets |= {one | other for one, other in combinations(sets, 2)}
        best = max((_chosen(each, left, sizes) for each in sets), key=lambda one: (_saved(one, sizes), -one.cells))
        if best.seconds < _LEAST_SECONDS or sizes.rows / best.cells < _LEAST_FEWER:
            break
        found.append(best)
        left = [use for use in left if use not in best.asked]
    return found


def _chosen(dimensions: frozenset[str], uses: Sequence[Asked], sizes: Sizes) -> Chosen:
    asked = tuple(use for use in uses if use.dimensions <= dimensions)
    return Chosen(dimensions, asked, sum(use.seconds for use in asked), sizes.cells(dimensions))


def _saved(chosen: Chosen, sizes: Sizes) -> float:
    """Return about how many seconds it would have saved: as it has fewer cells than there are rows."""
    return chosen.seconds * (1 - chosen.cells / sizes.rows)


def _proposed(checker: KpiChecker, place: tuple[str, str], chosen: Chosen, sizes: Sizes) -> ProposedRollup | None:
    """Return a definition that can be saved as it is; None where nothing of the KPIs can be kept."""
    model, anchor = place
    kpis = sorted({code for use in chosen.asked for code in use.kpis if checker.catalog.has_kpi(code)})
    dimensions = sorted(chosen.dimensions)
    name = "_".join([model, "by", *(dimensions or ["time"])]).upper()[:60]
    try:
        rollup = Rollup(
            code=name,
            name=f"{model} by {', '.join(dimensions) or 'time'}",
            object_model=model,
            anchor=None if checker.paths.model(model).time_attribute == anchor else anchor,
            dimensions=tuple(dimensions),
            kpis=tuple(kpis),
        )
        keeping = keeping_of(rollup, checker)
    except (AnalyticsEngineError, ValueError):
        return None
    hours = 1 if keeping.kept.anchor_type is DataType.DATE else 24
    written = min(sizes.rows, chosen.cells * hours) / sizes.rows
    return ProposedRollup(
        definition=rollup.model_dump(mode="json", exclude_defaults=True),
        questions=len(chosen.asked),
        seconds=round(chosen.seconds, 3),
        estimated_rows=int(sizes.rows),
        estimated_cells=int(chosen.cells),
        cells_written_for_a_thousand_rows=round(1000 * written),
        left_out=dict(keeping.left_out),
    )
