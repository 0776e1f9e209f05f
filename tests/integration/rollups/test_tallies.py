"""Tallies: kept where a definition says so, and read where values repeat so often that they are fewer than rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from analytics_engine.errors import InvalidDefinition
from analytics_engine.kernel.queries import load_queries
from analytics_engine.kpi.model.rollup import Level, Rollup
from analytics_engine.kpi.model.time import Window
from analytics_engine.kpi.plan.plan import Scan
from analytics_engine.kpi.sql.keeping import keeping_of
from integration.rollups.world import Ask, World, checker

CLIENT = "tallied"
START = datetime(2026, 1, 1, tzinfo=UTC)
QUARTER = Window(START, START + timedelta(days=90))
COUNT = 9_000
"""So many rows in ninety days, of each object model."""


def _rollup(model: str, number: str, *more: str) -> Rollup:
    kinds = ("DISTINCT", "MIDDLE", "AVG", *more)
    return Rollup(
        code=model.upper(),
        name=model,
        object_model=model,
        kpis=tuple(f"T_{kind}_{model}_{number}".upper() for kind in kinds),
        levels=(Level.DAY, Level.MONTH),
        tallies=True,
    )


SURVEYS, PAYMENTS = _rollup("survey", "score"), _rollup("payment", "amount", "LOW")
ROWS: dict[str, Callable[[int], dict[str, Any]]] = {
    "survey": lambda number: {
        "response_id": str(number), "customer_id": "c", "responded_at": _at(number), "kind": "nps",
        "score": number % 11,
    },
    "payment": lambda number: {
        "payment_id": str(number), "invoice_id": "i", "paid_at": _at(number), "amount": number % 90,
    },
}  # fmt: skip


def _at(number: int) -> datetime:
    return START + timedelta(minutes=number * 90 * 1440 // COUNT)


@pytest.fixture(scope="module")
async def filled(world: World) -> World:
    """Surveys of eleven scores, and payments of ninety amounts, a hundred of either a day."""
    for code, row in ROWS.items():
        await world.copy(code, CLIENT, list(map(row, range(COUNT))), by=world.writer)
    await world.make([SURVEYS, PAYMENTS])
    await world.build()
    await world.writer.execute("VACUUM (ANALYZE)")
    return world


async def _asked(world: World, kpi: str, grain: str) -> tuple[Scan, list[Any], list[Any]]:
    """Return where a KPI is read, with the rollups as they are, its values, and those of the rows."""
    ask = Ask(kpi, QUARTER, grain, "UTC")
    plan, rolled = await world.ask(CLIENT, ask, await world.engine.rollups(client_id=CLIENT))
    _, raw = await world.ask(CLIENT, ask, ())
    (scan,) = plan.main.scans
    return scan, list(rolled.measures[0].values), list(raw.measures[0].values)


@pytest.mark.parametrize("grain", ["day", "month"])
@pytest.mark.parametrize("kpi", SURVEYS.kpis)
async def test_values_that_repeat_are_read_from_tallies(filled: World, kpi: str, grain: str) -> None:
    scan, rolled, raw = await _asked(filled, kpi, grain)
    assert scan.place.name == "rollup SURVEY"
    assert rolled == raw
    assert set(rolled) == {11} if "DISTINCT" in kpi else all(value > 0 for value in rolled)


async def test_a_rank_is_exact_though_its_product_with_the_count_is_not(filled: World) -> None:
    """In doubles 0.07 times 100 is more than 7; the value at that rank is the seventh all the same."""
    ask = Ask("T_LOW_PAYMENT_AMOUNT", QUARTER, "day", "UTC")
    days = [sorted(number % 90 for number in range(day * 100, (day + 1) * 100)) for day in range(90)]
    for rollups in ((), await filled.kept(CLIENT)):
        plan, answer = await filled.ask(CLIENT, ask, rollups)
        assert len(plan.rollups) == bool(rollups)
        assert list(answer.measures[0].values) == [float(day[6]) for day in days]
    assert any(day[6] != day[7] for day in days)


async def test_values_that_hardly_repeat_are_read_from_the_rows(filled: World) -> None:
    """Nearly as many values as rows a day: by day the rows are read; by month a tally, where values repeat."""
    by_day, rolled, raw = await _asked(filled, "T_DISTINCT_PAYMENT_AMOUNT", "day")
    assert (by_day.place.kept, rolled) == (None, raw)
    assert by_day.place.reason == (
        "PAYMENT has no fewer values by day than an eighth of the rows, so the rows are read"
    )
    by_month, rolled, raw = await _asked(filled, "T_DISTINCT_PAYMENT_AMOUNT", "month")
    assert (by_month.place.name, rolled, raw) == ("rollup PAYMENT", [90, 90, 90], [90, 90, 90])
    averages, _, _ = await _asked(filled, "T_AVG_PAYMENT_AMOUNT", "day")
    assert averages.place.name == "rollup PAYMENT"


async def test_tallies_are_kept_where_the_definition_says_so() -> None:
    without = keeping_of(SURVEYS.model_copy(update={"tallies": False}), checker())
    assert without.tallies == ()
    assert dict(without.left_out) == {
        "count(distinct survey.score)": "its values are counted where a rollup has tallies: true",
        "approx_percentile(survey.score, 0.5)": "its values are counted where a rollup has tallies: true",
    }
    nothing = SURVEYS.model_copy(update={"tallies": False, "kpis": SURVEYS.kpis[:1]})
    with pytest.raises(InvalidDefinition, match="Nothing of these KPIs can be kept") as refused:
        keeping_of(nothing, checker())
    assert "tallies: true" in refused.value.remedy


async def test_what_there_is_to_read_is_found_without_looking_through_all_tables(filled: World) -> None:
    """Each second of answers asks it, and a server of many months has tens of thousands of tables and indexes."""
    query = load_queries("analytics_engine.adapters.engines")["rollups"]
    plan = "\n".join(row[0] for row in await filled.writer.fetch(f"EXPLAIN {query}", CLIENT))
    assert "Index Scan" in plan
    assert "Seq Scan on pg_class" not in plan
