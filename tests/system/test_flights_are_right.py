"""Every flights KPI through the gateway equals the same number worked out independently from the source files."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from system.oracle import FLIGHT_KPIS, WEATHER_KPIS, ZERO_OF_NOTHING, Oracle
from system.product import Product

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("product")]

YEAR = {"from": "2013-01-01", "to": "2014-01-01"}
GRAINS = ["day", "week", "month"]
NEW_YORK, KOLKATA = "America/New_York", "Asia/Kolkata"
RANGES = {NEW_YORK: YEAR, KOLKATA: {"from": "2013-02-01", "to": "2014-01-01"}}
"""What is loaded begins with the year in New York, so January is not all there in Kolkata."""
OBSERVED = {"from": "2013-01-01", "to": "2013-12-30"}
"""The weather was observed until late on 30 December."""
FLIGHT_DIMENSIONS = {"flight.airline.name": "airline", "flight.origin_code": "origin"}


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Oracle:
    return Oracle(Path(tmp_path_factory.mktemp("oracle")))


def cells(result: dict[str, Any]) -> dict[tuple[Any, ...], dict[str, Any]]:
    """A result's values by (local start of the period, members of the dimensions)."""
    found = {}
    for row in range(result["row_count"]):
        start = _calendar_start(result["period"]["start"][row][:19], result["grain"])
        members = [dimension["values"][row] for dimension in result["dimensions"]]
        found[start, *members] = {kpi["code"]: kpi["values"][row] for kpi in result["kpis"]}
    return found


def _calendar_start(start: str, grain: str | None) -> str:
    """A range may cut its first week; the oracle labels it by its Monday."""
    moment = datetime.fromisoformat(start)
    return (moment - timedelta(days=moment.weekday())).isoformat() if grain == "week" else start


def same(ours: Any, theirs: Any) -> bool:
    """Integers are equal; decimals are within 1e-12 of the float DuckDB divides in; floats within 1e-9."""
    if ours is None or theirs is None:
        return ours is None and theirs is None
    if isinstance(ours, str):
        return math.isclose(Decimal(ours), Decimal(repr(float(theirs))), rel_tol=1e-12)
    if isinstance(ours, float):
        return math.isclose(ours, float(theirs), rel_tol=1e-9, abs_tol=1e-12)
    return bool(ours == theirs)


def expect_equal(result: dict[str, Any], expected: dict[tuple[Any, ...], dict[str, Any]]) -> None:
    """Every cell of both sides is there and equal; a cell only the product shows is an empty period."""
    ours = cells(result)
    assert not result["truncated"]
    assert expected.keys() <= ours.keys()
    differing = [
        (cell, code, value, expected.get(cell, {}).get(code))
        for cell, values in ours.items()
        for code, value in values.items()
        if not same(value, _expected(expected.get(cell), code))
    ]
    assert differing == []


def _expected(values: dict[str, Any] | None, code: str) -> Any:
    """What the oracle says of a cell; of a period it has no rows for, counts and sums are 0, as 2013 is loaded."""
    if values is None:
        return 0 if code in ZERO_OF_NOTHING else None
    return values[code]


Ask = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def ask(running_product: Product) -> Ask:
    def calculate(kpis: list[str], **query: Any) -> dict[str, Any]:
        return running_product.post("/api/v1/calculate", {"kpis": kpis, "range": YEAR, "limit": 100_000} | query)

    return calculate


@pytest.mark.parametrize("zone", RANGES)
@pytest.mark.parametrize("dimension", FLIGHT_DIMENSIONS)
def test_flights_by_grain_and_dimension(ask: Ask, oracle: Oracle, dimension: str, zone: str) -> None:
    asked = RANGES[zone]
    within = f"local_time >= '{asked['from']}' and local_time < '{asked['to']}'"
    member = FLIGHT_DIMENSIONS[dimension]
    for grain in GRAINS:
        result = ask(list(FLIGHT_KPIS), grain=grain, dimensions=[dimension], time_zone=zone, range=asked)
        expected = oracle.answer(FLIGHT_KPIS, view="flight", grain=grain, zone=zone, dimension=member, where=within)
        expect_equal(result, expected)


def test_what_was_not_loaded_is_not_zero(ask: Ask) -> None:
    """The last days of 2012 hold no rows because none were loaded: that is null with its reason, not 0."""
    result = ask(["FL_FLIGHTS"], grain="day", range={"from": "2012-12-31", "to": "2013-01-02"})
    (kpi,) = result["kpis"]
    assert kpi["values"] == [None, 842]
    assert kpi["reasons"]["0"]["code"] == "not_loaded"


@pytest.mark.parametrize("grain", GRAINS)
def test_flights_with_filters(ask: Ask, oracle: Oracle, grain: str) -> None:
    """Filters on the flight itself, on a joined register, and on a condition in the language."""
    result = ask(
        list(FLIGHT_KPIS),
        grain=grain,
        filters=[
            {"attribute": "flight.origin_code", "operator": "in", "values": ["JFK", "LGA"]},
            {"attribute": "flight.airline.name", "operator": "!=", "values": ["Delta Air Lines Inc."]},
        ],
        where="flight.distance > 500 and flight.plane.seats is not null",
    )
    where = "origin in ('JFK', 'LGA') and airline <> 'Delta Air Lines Inc.' and distance > 500 and seats is not null"
    expected = oracle.answer(FLIGHT_KPIS, view="flight", grain=grain, zone=NEW_YORK, where=where)
    expect_equal(result, expected)


@pytest.mark.parametrize("grain", GRAINS)
def test_hours_of_weather(ask: Ask, oracle: Oracle, grain: str) -> None:
    result = ask(list(WEATHER_KPIS), grain=grain, dimensions=["weather.origin_code"], range=OBSERVED)
    within = f"local_time >= '{OBSERVED['from']}' and local_time < '{OBSERVED['to']}'"
    expected = oracle.answer(WEATHER_KPIS, view="weather", grain=grain, zone=NEW_YORK, dimension="origin", where=within)
    expect_equal(result, expected)


@pytest.mark.parametrize("grain", GRAINS)
def test_departures_belong_to_the_period_they_left_in(ask: Ask, oracle: Oracle, grain: str) -> None:
    """Another time attribute puts the same rows into other periods."""
    result = ask(["FL_DEPARTED"], grain=grain, dimensions=["flight.origin_code"])
    within = f"local_time >= '{YEAR['from']}' and local_time < '{YEAR['to']}'"
    expected = oracle.answer(
        {"FL_DEPARTED": "count(*)"},
        view="departure", grain=grain, zone=NEW_YORK, dimension="origin", where=within, time="left_at",
    )  # fmt: skip
    expect_equal(result, expected)


@pytest.mark.parametrize("grain", ["week", "month"])
def test_two_object_models_in_one_formula(ask: Ask, oracle: Oracle, grain: str) -> None:
    """Cancelled flights and hours of low visibility are counted apart and divided by period."""
    result = ask(["FL_CANCELLED_PER_LOW_VISIBILITY_HOUR"], grain=grain)
    sql = {"n": "count(*) filter (where dep_time is null)"}, {"n": "count(*) filter (where visib < 3)"}
    cancelled = oracle.answer(sql[0], view="flight", grain=grain, zone=NEW_YORK)
    hours = oracle.answer(sql[1], view="weather", grain=grain, zone=NEW_YORK)
    expected = {
        key: {
            "FL_CANCELLED_PER_LOW_VISIBILITY_HOUR": (
                cancelled[key]["n"] / hours[key]["n"] if key in hours and hours[key]["n"] else None
            )
        }
        for key in cancelled
    }
    expect_equal(result, expected)


def test_the_whole_year_is_not_a_sum_of_its_days(ask: Ask, oracle: Oracle) -> None:
    """Rates, medians and distinct counts of the range are computed from its rows, never from its periods."""
    result = ask(list(FLIGHT_KPIS), grain=None)
    expected = oracle.answer(FLIGHT_KPIS, view="flight", grain="century", zone=NEW_YORK)
    (ours,), (theirs,) = cells(result).values(), expected.values()
    assert [code for code in ours if not same(ours[code], theirs[code])] == []
