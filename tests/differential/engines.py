"""Random questions asked of a real engine: its tables are made for one question, and gone after it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import asyncpg

from analytics_engine.kpi.model.time import periods
from analytics_engine.kpi.plan.build import build_plan
from analytics_engine.kpi.plan.plan import Plan
from analytics_engine.kpi.plan.question import Question
from analytics_engine.kpi.sql.dialects import POSTGRES, Dialect
from analytics_engine.kpi.sql.emit import emit
from analytics_engine.kpi.values.answer import Answer, read_answer
from analytics_engine.kpi.values.binding import Binding, Span, bind
from differential.strategies import Case
from support.servers import TestServers

CLIENT, STRANGER = "client", "stranger"


class Engine(Protocol):
    """Runs one statement over the rows of a case."""

    @property
    def dialect(self) -> Dialect: ...

    def rows(self, case: Case, sql: str, parameters: Sequence[object]) -> Sequence[Mapping[str, Any]]: ...


class PostgresEngine:
    """Holds the rows in tables of a transaction that is rolled back; the rows of another client stand beside them."""

    dialect = POSTGRES

    def __init__(self, runner: asyncio.Runner, connection: asyncpg.Connection[Any]) -> None:
        self._runner = runner
        self._connection = connection

    def rows(self, case: Case, sql: str, parameters: Sequence[object]) -> Sequence[Mapping[str, Any]]:
        return self._runner.run(self._rows(case, sql, parameters))

    async def _rows(self, case: Case, sql: str, parameters: Sequence[object]) -> Sequence[Mapping[str, Any]]:
        transaction = self._connection.transaction()
        await transaction.start()
        try:
            await self._load(case)
            rows: Sequence[Mapping[str, Any]] = await self._connection.fetch(sql, *parameters)
            return rows
        finally:
            await transaction.rollback()

    async def _load(self, case: Case) -> None:
        for model in (version.definition for version in case.catalog.object_models):
            table = model.bound_to.table
            columns = ", ".join(f'"{a.name}" {POSTGRES.types[a.type]}' for a in model.attributes)
            await self._connection.execute(f'CREATE TABLE facts."{table}" (client_id text, {columns})')
            values = [tuple(row[a.name] for a in model.attributes) for row in case.rows[model.code]]
            records = [(client, *row) for client in (CLIENT, STRANGER) for row in values]
            if records:
                await self._connection.copy_records_to_table(table, schema_name="facts", records=records)


@contextmanager
def postgres(servers: TestServers) -> Iterator[Engine]:
    """A database of PostgreSQL for as long as the context lasts."""
    database = servers.new_database(migrated=False)
    with asyncio.Runner() as runner:
        connection = runner.run(asyncpg.connect(database.owner_url, statement_cache_size=0))
        runner.run(connection.execute("CREATE SCHEMA facts"))
        yield PostgresEngine(runner, connection)
        runner.run(connection.close())
    servers.drop_database(database)


def plan_of(case: Case) -> Plan:
    question = Question(
        kpis=tuple(code for code, _, _ in case.kpis),
        grain=case.scene.grain,
        dimensions=case.dimensions,
        where=case.where,
    )
    return build_plan(case.checker, question)


def ask(case: Case, engine: Engine) -> tuple[Answer, list[int]]:
    """Return what an engine answers, and the number of the period, from 0, of each of its rows."""
    plan = plan_of(case)
    statement = emit(plan, case.checker, engine.dialect)
    loaded = {model: case.coverage[model] for model in plan.object_models if model in case.coverage}
    binding = Binding(
        client_id=CLIENT,
        calendar=case.calendar,
        periods=periods(case.scene.window, case.scene.grain, case.calendar),
        limit=100_000,
        now=case.now,
        grain=case.scene.grain,
        parameters=case.parameters,
        coverage={model: Span(span.start, span.end) for model, span in loaded.items()},
    )
    rows = engine.rows(case, statement.sql, bind(statement.slots, binding))
    return read_answer(plan, rows, binding), [row["period"] - 1 for row in rows]
