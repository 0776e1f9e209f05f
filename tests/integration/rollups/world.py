"""The starter catalog's object models as the product keeps them, with a rollup of everything that can be kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg
import pyarrow.parquet as pq

from analytics_engine.adapters.blobs.local import LocalBlobs
from analytics_engine.adapters.engines.archive import Archive
from analytics_engine.adapters.engines.postgres import PostgresEngine
from analytics_engine.adapters.postgres.database import PostgresDatabase
from analytics_engine.adapters.postgres.outbox import PostgresOutbox
from analytics_engine.contracts.engine import Snapshot
from analytics_engine.contracts.services import Service
from analytics_engine.errors import InvalidDefinition, QueryError
from analytics_engine.kernel.clock import SystemClock
from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.formula.typed import terms_of
from analytics_engine.kpi.model.catalog import Catalog, KpiVersion, ObjectModelVersion
from analytics_engine.kpi.model.kpi import Direction, Kpi
from analytics_engine.kpi.model.object_model import DataType, Nature, ObjectModel
from analytics_engine.kpi.model.rollup import Level, Rollup
from analytics_engine.kpi.model.time import Calendar, Window, periods
from analytics_engine.kpi.plan.build import build_plan
from analytics_engine.kpi.plan.plan import Plan
from analytics_engine.kpi.plan.question import Question, are_few
from analytics_engine.kpi.sql.dialects import POSTGRES
from analytics_engine.kpi.sql.emit import emit
from analytics_engine.kpi.sql.keeping import keeping_of
from analytics_engine.kpi.states.kept import SCHEMA, Kept
from analytics_engine.kpi.values.answer import Answer, MeasureColumn, read_answer
from analytics_engine.kpi.values.binding import Binding, Span, bind
from analytics_engine.kpi.values.kept import spans_of
from analytics_engine.kpi.values.reach import reach_of
from analytics_engine.services.business_metadata.bundle import read_bundle, read_directory
from analytics_engine.services.database_service.lifecycle.archiving import Archiving
from analytics_engine.services.database_service.rollups.maintenance import Maintenance
from analytics_engine.services.database_service.rollups.reading import RollupsOfColumns
from analytics_engine.services.database_service.rollups.service import Rollups
from analytics_engine.services.database_service.tables.service import FactTables
from catalog.cases import CATALOG_FOLDER, CODES
from catalog.generator.world import OBJECT_MODELS
from differential.agreement import agree, kind_of
from support.databases import TestDatabase

ALL_TIME = Span(datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
_MOST_ROWS = 100_000
_MOST_DIMENSIONS = 3

Row = Mapping[str, Any]


@cache
def starter() -> Catalog:
    """The starter catalog's object models and the KPIs over them, and KPIs of states that the starter ones have not."""
    entries = [entry.definition for entry in read_bundle(read_directory(CATALOG_FOLDER))]
    models = [model for model in entries if isinstance(model, ObjectModel) and model.code in OBJECT_MODELS]
    kpis = [kpi for kpi in entries if isinstance(kpi, Kpi) and kpi.code in CODES]
    return Catalog(
        version="starter",
        object_models=tuple(ObjectModelVersion(definition=model) for model in models),
        kpis=tuple(KpiVersion(definition=kpi) for kpi in (*kpis, *_of_every_state(models))),
    )


def _of_every_state(models: Sequence[ObjectModel]) -> Iterator[Kpi]:
    """Yield, for each object model that is placed in time, aggregates of every kind over its first numbers."""
    for model in models:
        numbers = [attribute for attribute in model.attributes if attribute.type.numeric]
        for attribute in numbers[-1:] if model.nature is Nature.EVENT else []:
            yield from _of_tallies(f"{model.code}.{attribute.name}", f"{model.code}_{attribute.name}")
        for attribute in numbers[:2] if model.nature is Nature.EVENT else []:
            name = f"{model.code}.{attribute.name}"
            formulas = {
                "MIN": f"min({name})",
                "MAX": f"max({name})",
                "AVG": f"avg({name})",
                "COUNT": f"count({name})",
            }
            if not attribute.unit and attribute.currency is None:
                formulas["FLOAT"] = f"sum({name})" if attribute.type is DataType.FLOAT else f"sum(sqrt(abs({name})))"
                formulas["SOME"] = f"sum({name}) filter (where {name} > 3)"
            for kind, formula in formulas.items():
                yield _kpi(f"T_{kind}_{model.code}_{attribute.name}", formula)


def _of_tallies(name: str, code: str) -> Iterator[Kpi]:
    """Yield aggregates that are found in counts of values: of all rows and of some, in periods and in windows."""
    formulas = {
        "DISTINCT": f"count(distinct {name})",
        "DISTINCT_SOME": f"count(distinct {name}) filter (where {name} > 3)",
        "DISTINCT_ROLLING": f"rolling(count(distinct {name}), 10 days)",
        "MIDDLE": f"approx_percentile({name}, 0.5)",
        "LOW": f"approx_percentile({name}, 0.07)",
        "HIGH_SOME": f"approx_percentile({name}, 0.9) filter (where {name} > 3)",
        "MIDDLE_TO_DATE": f"to_date(approx_percentile({name}, 0.5), month)",
    }
    yield from (_kpi(f"T_{kind}_{code}", formula) for kind, formula in formulas.items())


def _kpi(code: str, formula: str) -> Kpi:
    code = code.upper()
    return Kpi(code=code, name=code, module="TEST", formula=formula, direction=Direction.HIGHER)


@cache
def checker() -> KpiChecker:
    return KpiChecker(starter())


@cache
def every_rollup() -> tuple[Rollup, ...]:
    """A rollup of each object model by each of the moments that KPIs place its rows by, where anything can be kept."""
    kpis: dict[tuple[str, str], set[str]] = defaultdict(set)
    for version in starter().kpis:
        code = version.definition.code
        for term in terms_of(checker().kpi(code).expression):
            kpis[term.model, str(term.anchor)].add(code)
    found = []
    for (code, anchor), codes in sorted(kpis.items()):
        rollup = Rollup(
            code=f"{code}_{anchor}".upper().replace(".", "_"),
            name=f"{code} by {anchor}",
            object_model=code,
            anchor=anchor,
            dimensions=_dimensions(checker().paths.model(code)),
            kpis=tuple(sorted(codes)),
            tallies=True,
        )
        try:
            keeping_of(rollup, checker())
        except InvalidDefinition:
            continue
        found.append(rollup)
    return tuple(found)


@cache
def models_of(rollup: Rollup) -> tuple[str, ...]:
    """Return the object models whose rows a rollup depends on."""
    return tuple(
        dict.fromkeys((rollup.object_model, *(read.model for read in keeping_of(rollup, checker()).kept.reads)))
    )


def _dimensions(model: ObjectModel) -> tuple[str, ...]:
    """What leads elsewhere, then texts: both are cut by."""
    leads = [name for relation in model.relations if relation.as_of is None for name in relation.on]
    texts = [attribute.name for attribute in model.attributes if attribute.type is DataType.TEXT]
    wanted = [name for name in dict.fromkeys([*leads, *texts]) if name not in model.key]
    return tuple(wanted[:_MOST_DIMENSIONS])


def grains_of(code: str) -> tuple[str | None, ...]:
    """Return the grains a KPI, and all it is made of, may be asked by; None for the range as one period."""
    allowed = {"hour", "day", "week", "month", "quarter"}
    for name in (code, *checker().kpi(code).kpis):
        own = starter().kpi(name).definition.allowed_grains
        allowed &= set(own) or allowed
    for term in terms_of(checker().kpi(code).expression):
        if term.anchor.type is DataType.DATE:
            allowed -= {"hour"}
    return (None, *sorted(allowed))


@cache
def cuts_of(code: str, rollup: Rollup) -> tuple[tuple[str, ...], ...]:
    """Return what a KPI can be cut by: nothing, what a rollup has, and what that leads to."""
    model = checker().paths.model(rollup.object_model)
    names = [f"{model.code}.{name}" for name in rollup.dimensions]
    for relation in model.relations:
        if relation.as_of is None and set(relation.on) <= set(rollup.dimensions):
            target = checker().paths.model(relation.target)
            names += [f"{model.code}.{relation.name}.{attribute.name}" for attribute in target.attributes[:3]]
    return ((), *((name,) for name in names if fits(code, name)))


def fits(code: str, dimension: str) -> bool:
    try:
        build_plan(checker(), Question((code,), "month", (dimension,)))
    except QueryError:
        return False
    return True


@dataclass(frozen=True)
class Ask:
    """A question of one KPI."""

    kpi: str
    window: Window
    grain: str | None
    zone: str
    dimensions: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    now: datetime = ALL_TIME.end


class World:
    """A database as the product makes it, its writers, and the calculation engine's login."""

    def __init__(self, database: TestDatabase) -> None:
        self.database = database
        self.own = PostgresDatabase(database.service_url(Service.DATABASE), application_name="own")
        self._calculation = PostgresDatabase(database.service_url(Service.CALCULATION), application_name="calculation")
        self._folder = TemporaryDirectory(prefix="ae-archive-of-test-")
        self.archive_folder = Path(self._folder.name)
        self.archive = LocalBlobs(self.archive_folder)
        self.engine = PostgresEngine(self._calculation, Archive(self.archive))
        self.archiving = Archiving(self.own, self.archive, SystemClock())
        self.tables = FactTables(self.own, SystemClock(), RollupsOfColumns(PostgresOutbox(), SystemClock()))
        self.rollups = Rollups(self.own, self.tables)
        self.maintenance = Maintenance(self.own)

    async def start(self) -> None:
        self.writer = await self.connect()
        for version in starter().object_models:
            await self.tables.ensure(version, client_id="")

    async def stop(self) -> None:
        await self.writer.close()
        await self.own.stop()
        await self._calculation.stop()
        self._folder.cleanup()

    async def connect(self) -> asyncpg.Connection[Any]:
        """Return a writer that is none of the product's: the owner with a connection of its own."""
        return await asyncpg.connect(self.database.owner_url, server_settings={"timezone": "Asia/Tokyo"})

    async def make(self, rollups: Sequence[Rollup]) -> None:
        await self.rollups.follow(starter(), {rollup.code: rollup for rollup in rollups}, "")

    async def build(self) -> None:
        """Maintain until nothing is left to do."""
        while await self.maintenance.once():
            pass

    async def make_room(self, code: str, rows: Sequence[Row]) -> None:
        """Have a place for rows of the months that these are of."""
        table = await self.tables.ensure(starter().object_model(code), client_id="")
        if table.partition_column is None:
            return
        moments = [row[table.partition_column] for row in rows]
        days = {moment.astimezone(UTC).date() if isinstance(moment, datetime) else moment for moment in moments}
        await self.tables.make_room(table, {day.replace(day=1) for day in days})

    async def copy(self, code: str, client_id: str, rows: Sequence[Row], *, by: asyncpg.Connection[Any]) -> None:
        await self.make_room(code, rows)
        names = [attribute.name for attribute in starter().object_model(code).definition.attributes]
        records = [(client_id, *(row[name] for name in names)) for row in rows]
        await by.copy_records_to_table(code, schema_name="facts", records=records, columns=["client_id", *names])

    async def rows(self, code: str, client_id: str) -> list[dict[str, Any]]:
        """Return all rows of a client."""
        start = await self.writer.fetchval("SELECT rows_from FROM lifecycle.bounds WHERE object_model = $1", code)
        time = starter().object_model(code).definition.time_attribute
        kept = f'AND "{time}" >= $2' if start else ""
        values = (client_id, start) if start else (client_id,)
        found = await self.writer.fetch(f'SELECT * FROM facts."{code}" WHERE client_id = $1 {kept}', *values)
        rows = [{name: value for name, value in row.items() if name != "client_id"} for row in found]
        return rows + [row async for row in self._archived(code, client_id)]

    async def _archived(self, code: str, client_id: str) -> AsyncIterator[dict[str, Any]]:
        query = "SELECT name FROM lifecycle.parts WHERE client_id = $1 AND object_model = $2"
        decimals = {
            attribute.name
            for attribute in starter().object_model(code).definition.attributes
            if attribute.type is DataType.DECIMAL
        }
        for part in await self.writer.fetch(query, client_id, code):
            for row in pq.read_table(self.archive_folder / part["name"]).to_pylist():
                yield {
                    name: Decimal(value) if name in decimals and value is not None else value
                    for name, value in row.items()
                }

    async def forget_the_archive(self) -> None:
        """Have every table take rows of any time again, as those of the next client are."""
        for row in await self.writer.fetch("SELECT object_model FROM lifecycle.bounds"):
            table = f'facts."{row["object_model"]}"'
            await self.writer.execute(f"ALTER TABLE {table} DROP CONSTRAINT ae_rows_from")
            for each in (table, table.replace("facts", "fact_keys")):
                if await self.writer.fetchval("SELECT to_regclass($1)", each) is not None:
                    await self.writer.execute(f"DROP TRIGGER IF EXISTS ae_rows_from ON {each}")
        for name in ("bounds", "parts", "leaving"):
            await self.writer.execute(f"DELETE FROM lifecycle.{name}")
        self.tables = FactTables(self.own, SystemClock(), RollupsOfColumns(PostgresOutbox(), SystemClock()))

    async def read_at(self, client_id: str, ask: Ask, kept: Kept) -> set[Level | None]:
        """Return at which levels of a rollup the periods of a question are read; None is the rows."""
        cut = periods(ask.window, ask.grain, Calendar(ask.zone))
        async with self.engine.snapshot(client_id=client_id) as snapshot:
            marks = (await snapshot.state((), [kept.id])).marks[kept.id]
        boundaries = sorted({moment for period in cut for moment in (period.start, period.end)})
        spans = spans_of(kept, marks, boundaries, bounded=True, subtracts=True)
        return {level for level, found in spans.items() if found}

    @staticmethod
    def table_of(kept: Kept, level: str, tally: int | None = None) -> str:
        """Return the table of a level of a rollup, or of one of its tallies."""
        return f'{SCHEMA}."{kept.table(Level(level), tally)}"'

    async def kept(self, client_id: str) -> list[Kept]:
        """Return the rollups there are, all of whose tallies are read, however many values they have."""
        return [replace(kept, sparse=frozenset()) for kept in await self.engine.rollups(client_id=client_id)]

    async def ask(self, client_id: str, ask: Ask, kept: Sequence[Kept]) -> tuple[Plan, Answer]:
        """Return the plan and what is answered."""
        async with self.engine.snapshot(client_id=client_id) as snapshot:
            return await self.asked_of(snapshot, client_id, ask, kept)

    async def asked_of(self, snapshot: Snapshot, client_id: str, ask: Ask, kept: Sequence[Kept]) -> tuple[Plan, Answer]:
        """Return the plan and what is answered in a snapshot."""
        calendar = Calendar(ask.zone)
        cut = periods(ask.window, ask.grain, calendar)
        question = Question((ask.kpi,), ask.grain, ask.dimensions, where=ask.where, few=are_few(cut))
        plan = build_plan(checker(), question, kept)
        statement = emit(plan, checker(), POSTGRES)
        state = await snapshot.state((), plan.rollups)
        binding = Binding(
            client_id=client_id,
            calendar=calendar,
            periods=cut,
            limit=_MOST_ROWS,
            now=ask.now,
            grain=ask.grain,
            coverage=dict.fromkeys(plan.object_models, ALL_TIME),
            marks=state.marks,
        )
        if state.archived:
            await snapshot.bring_back(reach_of(plan, statement.slots, checker().paths, binding))
        rows = await snapshot.rows(statement.sql, bind(statement.slots, binding))
        return plan, read_answer(plan, rows, binding)


def differences(one: Answer, other: Answer) -> Iterator[tuple[Any, ...]]:
    """Yield what two answers differ in: cells, values, reasons, rows behind them."""
    cells, others = _cells(one), _cells(other)
    if set(cells) != set(others):
        yield "other cells", set(cells) ^ set(others)
        return
    for mine, theirs in zip(one.measures, other.measures, strict=True):
        kind = kind_of(mine.measure.expression)
        for key, place in cells.items():
            there = others[key]
            if not agree(mine.values[place], theirs.values[there], kind, _size(mine.values, theirs.values)):
                yield key, mine.values[place], theirs.values[there]
            if _reason(mine, place) != _reason(theirs, there):
                yield key, _reason(mine, place), _reason(theirs, there)
            for counts, others_ in ((mine.rows, theirs.rows), (mine.skipped, theirs.skipped)):
                told = {name: (of_term[place], others_[name][there]) for name, of_term in counts.items()}
                yield from ((key, name, *pair) for name, pair in told.items() if pair[0] != pair[1])


def _cells(answer: Answer) -> dict[tuple[Any, ...], int]:
    keys = zip(answer.periods, *(dimension.values for dimension in answer.dimensions), strict=True)
    return {key: place for place, key in enumerate(keys)}


def _reason(column: MeasureColumn, place: int) -> Any:
    reason = column.reasons.get(place)
    return reason.code if reason is not None else None


def _size(*columns: Sequence[Any]) -> float:
    """Return the greatest number of an answer: floats that cancel out are as exact as they are."""
    numbers = [abs(float(value)) for column in columns for value in column if isinstance(value, int | float | Decimal)]
    return max(numbers, default=0.0)
