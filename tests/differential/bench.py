"""The engines, standing: tables that hold the rows of every random catalog, and questions asked of them.

Nothing is made or dropped for a question. The rows of each are of a client of their own, and what was loaded for others
before stands beside them; so every question also asks whether clients are kept apart.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, Protocol

from analytics_engine.adapters.engines.duckdb import RIGHT_PLANS, DuckDbSnapshot
from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.formula.syntax import LiteralValue
from analytics_engine.kpi.model.object_model import DataType, ObjectModel
from analytics_engine.kpi.model.time import Calendar, Window, periods
from analytics_engine.kpi.plan.build import build_plan
from analytics_engine.kpi.plan.question import Question, are_few
from analytics_engine.kpi.sql.dialects import Dialect
from analytics_engine.kpi.sql.emit import emit
from analytics_engine.kpi.values.answer import Answer, read_answer
from analytics_engine.kpi.values.binding import Binding, Span, bind
from differential.catalogs import MODELS, Recipe, catalog_of
from support.engines import (
    ClickHouseUnderTest,
    DuckDbUnderTest,
    EngineUnderTest,
    PostgresUnderTest,
    Row,
    SparkUnderTest,
)
from support.reference.asking import CellKey
from support.servers import TestServers

ENGINES = ("postgres", "duckdb", "clickhouse", "spark")
ALL_TIME = Span(datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
_MOST_ROWS = 100_000


@dataclass(frozen=True)
class Asked:
    """A question, and what a run of it needs."""

    checker: KpiChecker
    question: Question
    window: Window
    calendar: Calendar
    coverage: Mapping[str, Span]
    now: datetime = ALL_TIME.end
    parameters: Mapping[str, LiteralValue] = field(default_factory=dict)


@dataclass(frozen=True)
class Told:
    """An answer, and which cell each of its rows is of."""

    answer: Answer
    keys: list[CellKey]


class Standing(Protocol):
    """An engine whose tables can be emptied."""

    name: str
    dialect: Dialect
    holds: int
    """How many clients' rows it holds before it is emptied."""

    async def start(self) -> None: ...
    async def create(self, model: ObjectModel) -> None: ...
    async def load(self, model: ObjectModel, rows: Iterable[Row], *, client_id: str) -> None: ...
    async def run(self, sql: str, parameters: Sequence[object], *, client_id: str) -> list[dict[str, Any]]: ...
    async def empty(self, tables: Sequence[str]) -> None: ...
    async def close(self) -> None: ...


class Bench:
    """One engine that is asked one question after another."""

    def __init__(self, engine: Standing, runner: asyncio.Runner) -> None:
        self._engine = engine
        self._runner = runner
        self._models = [version.definition for recipe in _SHAPES for version in catalog_of(recipe).object_models]
        self._clients = count(1)
        self._held = 0

    @property
    def name(self) -> str:
        return self._engine.name

    def start(self) -> None:
        self._runner.run(self._start())

    async def _start(self) -> None:
        await self._engine.start()
        for model in self._models:
            await self._engine.create(model)

    def load(self, recipe: Recipe, rows: Mapping[str, Sequence[Row]]) -> str:
        """Load rows for a client that has none yet, and return the client."""
        if self._held == self._engine.holds:
            self._runner.run(self._engine.empty([model.bound_to.table for model in self._models]))
            self._held = 0
        self._held += 1
        client = f"client_{next(self._clients)}"
        self.add(client, recipe, rows)
        return client

    def add(self, client: str, recipe: Recipe, rows: Mapping[str, Sequence[Row]]) -> None:
        """Load further rows of a client."""
        self._runner.run(self._load(client, recipe, rows))

    async def _load(self, client: str, recipe: Recipe, rows: Mapping[str, Sequence[Row]]) -> None:
        for version in catalog_of(recipe).object_models:
            await self._engine.load(version.definition, rows[version.definition.code], client_id=client)

    def ask(self, client: str, asked: Asked) -> Told:
        """Return what the engine answers.

        Raises:
            QueryError: the engine cannot compute it.
        """
        grain = asked.question.grain
        cut = periods(asked.window, grain, asked.calendar)
        question = replace(asked.question, few=asked.question.few and are_few(cut))
        plan = build_plan(asked.checker, question)
        statement = emit(plan, asked.checker, self._engine.dialect)
        binding = Binding(
            client_id=client,
            calendar=asked.calendar,
            periods=cut,
            limit=_MOST_ROWS,
            now=asked.now,
            grain=grain,
            parameters=asked.parameters,
            coverage={model: asked.coverage[model] for model in plan.object_models if model in asked.coverage},
        )
        rows = self._runner.run(self._engine.run(statement.sql, bind(statement.slots, binding), client_id=client))
        answer = read_answer(plan, rows, binding)
        members = [tuple(dimension.values[place] for dimension in answer.dimensions) for place in range(len(rows))]
        return Told(answer, [(row["period"] - 1, found) for row, found in zip(rows, members, strict=True)])


_SHAPES = [
    Recipe(MODELS, text_keys=text_keys, by_days=by_days, currencies=True)
    for text_keys in (False, True)
    for by_days in (False, True)
]


# --- engines that stand ----------------------------------------------------------------------------------------------


class StandingPostgres(PostgresUnderTest):
    holds = 100

    async def empty(self, tables: Sequence[str]) -> None:
        named = ", ".join(f'facts."{table}"' for table in tables)
        await self.connection.execute(f"TRUNCATE {named}")


class StandingDuckDb(DuckDbUnderTest):
    """In memory, and open all the time: to open a file takes longer than to ask it."""

    holds = 100

    def __init__(self) -> None:
        import duckdb

        super().__init__()
        self._connection = duckdb.connect()
        self._connection.execute("SET TimeZone = 'UTC'")
        self._connection.execute(RIGHT_PLANS)
        self._connection.execute("SET threads = 1")

    async def run(self, sql: str, parameters: Sequence[object], *, client_id: str = "") -> list[dict[str, Any]]:
        snapshot = DuckDbSnapshot(self._connection, client_id, timeout_s=30.0)
        return [dict(row) for row in await snapshot.rows(sql, parameters)]

    async def empty(self, tables: Sequence[str]) -> None:
        for table in tables:
            self._connection.execute(f'DELETE FROM facts."{table}"')

    async def close(self) -> None:
        self._connection.close()
        await super().close()

    async def _write(self, sql: str, loaded: Any = None) -> None:
        if loaded is not None:
            self._connection.register("loaded", loaded)
        self._connection.execute(sql)


class StandingClickHouse(ClickHouseUnderTest):
    """Its tables are in memory, which takes small loads without a file of each; a few rows need no threads."""

    holds = 100

    async def start(self) -> None:
        await super().start()
        async with self.engine.snapshot(client_id=""):
            assert self.engine._client is not None
            for setting, value in (("max_threads", 1), ("compile_expressions", 0)):
                self.engine._client.set_client_setting(setting, value)

    async def create_table(self, table: str, columns: Mapping[str, DataType]) -> None:
        written = ", ".join(f'"{name}" {self.dialect.types[kind]}' for name, kind in columns.items())
        await self._command(f'CREATE TABLE facts."{table}" ({written}) ENGINE = Memory')

    async def empty(self, tables: Sequence[str]) -> None:
        for table in tables:
            await self._command(f'TRUNCATE TABLE facts."{table}"')


class StandingSpark(SparkUnderTest):
    """Its tables are folders of files, of which there should be few."""

    holds = 1

    async def empty(self, tables: Sequence[str]) -> None:
        for table in tables:
            for file in sorted((self.folder / table).glob("*.parquet"), key=_number)[1:]:
                file.unlink()


def _number(file: Path) -> int:
    return int(file.stem)


_STANDING: dict[str, type[EngineUnderTest]] = {
    "duckdb": StandingDuckDb,
    "clickhouse": StandingClickHouse,
    "spark": StandingSpark,
}


@contextmanager
def bench(name: str, servers: TestServers) -> Iterator[Bench]:
    """An engine with empty tables, for as long as the context lasts."""
    engine: Any = StandingPostgres(servers) if name == "postgres" else _STANDING[name]()
    with asyncio.Runner() as runner:
        standing = Bench(engine, runner)
        try:
            standing.start()
            yield standing
        finally:
            runner.run(engine.close())
