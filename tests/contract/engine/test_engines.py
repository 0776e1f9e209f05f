"""What every engine beside PostgreSQL promises of its snapshots; PostgreSQL's own are tested with its roles."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from analytics_engine.adapters.engines.clickhouse import ClickHouseEngine
from analytics_engine.adapters.engines.duckdb import DuckDbEngine
from analytics_engine.adapters.engines.facts import needs
from analytics_engine.adapters.engines.spark import SparkEngine
from analytics_engine.contracts.engine import DataState, Engine
from analytics_engine.errors import DependencyTimeout, DependencyUnavailable, Forbidden, QueryError
from analytics_engine.kpi.model.object_model import Attribute, DataType, ObjectModel
from analytics_engine.kpi.values.binding import Span
from support.engines import CLIENT, UNDER_TEST, ThroughAdapter, start_engine
from support.servers import TestServers

MODEL = ObjectModel(
    code="event",
    name="Event",
    nature="event",
    key=("id",),
    time_attribute="at",
    attributes=(
        Attribute(name="id", type=DataType.TEXT, nullable=False),
        Attribute(name="at", type=DataType.TIMESTAMP, nullable=False),
        Attribute(name="on", type=DataType.DATE),
        Attribute(name="count", type=DataType.INTEGER),
        Attribute(name="amount", type=DataType.DECIMAL),
        Attribute(name="weight", type=DataType.FLOAT),
        Attribute(name="open", type=DataType.BOOLEAN),
    ),
)
AT = datetime(2026, 3, 8, 7, 30, 0, 123_456, tzinfo=UTC)
WHOLE = {"id": "it's", "at": AT, "on": date(1960, 2, 29), "count": -(2**63), "amount": Decimal("0.000001"),
         "weight": 2.5, "open": False}  # fmt: skip
EMPTY = {"id": "", "at": AT, "on": None, "count": None, "amount": None, "weight": None, "open": None}
YEAR = Span(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
_CLIENT = {"duckdb": "$1", "clickhouse": "{p1: String}", "spark": ":p1"}
_LONG = {
    "duckdb": "SELECT SUM(a.range * b.range) AS x FROM range(200000) AS a, range(200000) AS b WHERE $1 <> ''",
    "clickhouse": "SELECT sum(sipHash64(number)) AS x FROM numbers(20000000000) WHERE {p1: String} <> ''",
    "spark": "SELECT SUM(a.id * b.id % 7) AS x FROM range(60000) AS a CROSS JOIN range(60000) AS b WHERE :p1 <> ''",
}


@pytest.fixture(scope="module", params=[name for name in UNDER_TEST if name != "postgres"])
async def engine(request: pytest.FixtureRequest, servers: TestServers) -> AsyncIterator[ThroughAdapter]:
    running = await start_engine(request.param, servers)
    assert isinstance(running, ThroughAdapter)
    await running.create(MODEL)
    await running.load(MODEL, [WHOLE, EMPTY])
    await running.load(MODEL, [WHOLE | {"id": "theirs"}], client_id="stranger")
    await running.cover("event", YEAR.start, YEAR.end)
    await running.cover("secret", YEAR.start, YEAR.end, client_id="stranger")
    yield running
    await running.close()


def rows_of_client(engine: ThroughAdapter, what: str = "*") -> str:
    return f"SELECT {what} FROM facts.event WHERE client_id = {_CLIENT[engine.name]}"


async def test_values_come_as_one_kind_of_python_whatever_the_driver(engine: ThroughAdapter) -> None:
    """Instants are aware and UTC, decimals exact, texts whole, and what is missing is None."""
    rows = await engine.run(rows_of_client(engine), [CLIENT])
    found = {row["id"]: row for row in rows}
    assert found == {"it's": {"client_id": CLIENT, **WHOLE}, "": {"client_id": CLIENT, **EMPTY}}
    assert {type(value) for value in found["it's"].values()} == {str, datetime, date, int, Decimal, float, bool}
    assert found["it's"]["at"].tzinfo is UTC


async def test_what_is_loaded_is_told_of_the_client_alone(engine: ThroughAdapter) -> None:
    """And nothing of transactions, which the engine has none of."""
    assert await engine.state(["event", "secret"]) == DataState(0, {"event": YEAR})


async def test_a_statement_that_names_no_client_is_not_run(engine: ThroughAdapter) -> None:
    with pytest.raises(Forbidden):
        await engine.run("SELECT * FROM facts.event", [])
    with pytest.raises(Forbidden):
        await engine.run(rows_of_client(engine), ["stranger"], client_id=CLIENT)


@pytest.mark.parametrize("what", ["nothing_such", "1 FROM facts.nothing_such WHERE 1 = 1 OR"])
async def test_what_is_not_there_yet_is_unavailable_with_the_remedy(engine: ThroughAdapter, what: str) -> None:
    marker = _CLIENT[engine.name]
    sql = rows_of_client(engine, what) if " " not in what else f"SELECT 1 FROM facts.nothing WHERE {marker} <> ''"
    with pytest.raises(DependencyUnavailable, match="not ready") as failure:
        await engine.run(sql, [CLIENT])
    assert "Load" in failure.value.remedy
    assert await engine.run(rows_of_client(engine, "COUNT(*) AS n"), [CLIENT]) == [{"n": 2}]


@pytest.mark.parametrize("number", ["EXP(1000)", "EXP(1000) - EXP(1000)"])
async def test_a_result_that_is_no_finite_number_is_an_error(engine: ThroughAdapter, number: str) -> None:
    with pytest.raises(QueryError, match="no finite number"):
        await engine.run(rows_of_client(engine, f"{number} AS x"), [CLIENT])


async def test_a_decimal_that_would_be_rounded_is_refused(engine: ThroughAdapter) -> None:
    with pytest.raises(QueryError, match="38 digits"):
        await engine.run(rows_of_client(engine), [CLIENT, Decimal("1." + "1" * 38)])


async def test_a_statement_that_takes_too_long_is_stopped(engine: ThroughAdapter) -> None:
    async with hasty(engine, 0.5).snapshot(client_id=CLIENT) as snapshot:
        with pytest.raises(DependencyTimeout, match=r"within 0\.5 s"):
            await snapshot.rows(_LONG[engine.name], [CLIENT])


async def test_one_that_nobody_waits_for_is_stopped_too(engine: ThroughAdapter) -> None:
    """The engine answers the next question soon; ClickHouse stops at its time limit."""

    async def ask() -> None:
        async with hasty(engine, 2.0 if engine.name == "clickhouse" else 30.0).snapshot(client_id=CLIENT) as snapshot:
            await snapshot.rows(_LONG[engine.name], [CLIENT])

    work = asyncio.create_task(ask())
    await asyncio.sleep(0.5)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert await engine.run(rows_of_client(engine, "COUNT(*) AS n"), [CLIENT]) == [{"n": 2}]


async def test_many_questions_are_answered_at_the_same_time(engine: ThroughAdapter) -> None:
    sql = rows_of_client(engine, "COUNT(*) AS n")
    answers = await asyncio.gather(*(engine.run(sql, [CLIENT]) for _ in range(20)))
    assert answers == [[{"n": 2}]] * 20


@pytest.mark.filterwarnings("ignore:.*RETRIES_EXCEEDED.*")
@pytest.mark.parametrize(
    "away",
    [
        lambda: DuckDbEngine(Path("/nowhere/facts.duckdb")),
        lambda: ClickHouseEngine("clickhouse://127.0.0.1:1/"),
        lambda: SparkEngine("sc://127.0.0.1:1"),
    ],
    ids=["duckdb", "clickhouse", "spark"],
)
async def test_an_engine_that_is_away_is_unavailable_with_the_remedy(away: Callable[[], Engine]) -> None:
    with pytest.raises(DependencyUnavailable) as failure:
        async with away().snapshot(client_id=CLIENT) as snapshot:
            await snapshot.state([])
    assert "Check" in failure.value.remedy


def test_a_driver_that_is_not_installed_is_named_before_anything_is_asked() -> None:
    """So that what starts the service can say which extra to install."""
    needs("duckdb")
    with pytest.raises(ModuleNotFoundError) as failure:
        needs("no_such_driver")
    assert failure.value.name == "no_such_driver"


def hasty(engine: Any, timeout_s: float) -> Engine:
    """Return an adapter of its own to what another asks, with less patience."""
    makers: dict[str, Callable[[], Engine]] = {
        "duckdb": lambda: DuckDbEngine(engine.folder / "facts.duckdb", timeout_s=timeout_s),
        "clickhouse": lambda: ClickHouseEngine(engine.engine._url, timeout_s=timeout_s),
        "spark": lambda: SparkEngine(engine.engine._url, timeout_s=timeout_s),
    }
    return makers[engine.name]()
