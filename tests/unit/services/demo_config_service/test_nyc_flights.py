from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from analytics_engine.errors import DependencyUnavailable
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.services.demo_config_service.nyc_flights import TABLES, data_directory, read_table


def instant(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


@pytest.fixture(scope="module")
def tables() -> dict[str, pa.Table]:
    directory = data_directory()
    return {table.object_model: read_table(table, directory) for table in TABLES}


def row(table: pa.Table, **where: Any) -> dict[str, Any]:
    for name, value in where.items():
        table = table.filter(pc.equal(table.column(name), value))
    (found,) = table.to_pylist()
    return dict(found)


def test_every_row_of_the_package_is_there(tables: dict[str, pa.Table]) -> None:
    """All five files are read whole."""
    assert {name: table.num_rows for name, table in tables.items()} == {
        "airline": 16,
        "airport": 1_458,
        "plane": 3_322,
        "weather": 26_115,
        "flight": 336_776,
    }


def test_the_first_flight_is_mapped_as_the_file_says(tables: dict[str, pa.Table]) -> None:
    """UA 1545 of 1 January 2013: scheduled 05:15 in New York, left two minutes late, landed eleven late."""
    flight = row(tables["flight"], carrier_code="UA", flight_number=1545, scheduled_hour_at=instant(2013, 1, 1, 10))
    assert flight == {
        "carrier_code": "UA",
        "flight_number": 1545,
        "tail_number": "N14228",
        "origin_code": "EWR",
        "destination_code": "IAH",
        "scheduled_hour_at": instant(2013, 1, 1, 10),
        "scheduled_departure_at": instant(2013, 1, 1, 10, 15),
        "departed_at": instant(2013, 1, 1, 10, 17),
        "departure_delay": 2,
        "arrival_delay": 11,
        "air_time": 227,
        "distance": 1400,
        "cancelled": False,
    }


def test_a_cancelled_flight_has_no_departure(tables: dict[str, pa.Table]) -> None:
    """NA is null: a flight without a departure time is cancelled and has neither delays nor an actual departure."""
    flight = row(tables["flight"], carrier_code="EV", flight_number=4308, scheduled_hour_at=instant(2013, 1, 1, 21))
    assert flight["cancelled"] is True
    assert flight["scheduled_departure_at"] == instant(2013, 1, 1, 21, 30)
    assert [flight[name] for name in ("departed_at", "departure_delay", "arrival_delay", "air_time")] == [None] * 4
    assert pc.sum(tables["flight"].column("cancelled")).as_py() == 8_255


def test_weather_keeps_its_decimals_and_its_nulls(tables: dict[str, pa.Table]) -> None:
    """The first observation at Newark: exact temperature, no gust reported."""
    weather = row(tables["weather"], origin_code="EWR", observed_hour_at=instant(2013, 1, 1, 6))
    assert weather["temperature"] == Decimal("39.02")
    assert weather["wind_speed"] == 10.357019999999999
    assert weather["wind_gust"] is None
    assert weather["visibility"] == Decimal(10)


def test_a_plane_and_an_airport_carry_the_catalogs_names(tables: dict[str, pa.Table]) -> None:
    """Columns are renamed to the attributes of the object models."""
    plane = row(tables["plane"], tail_number="N10156")
    assert (plane["manufactured_year"], plane["seats"], plane["engine"]) == (2004, 55, "Turbo-fan")
    airport = row(tables["airport"], code="04G")
    assert (airport["altitude"], airport["time_zone"]) == (1044, "America/New_York")


def test_keys_are_unique_and_whole(tables: dict[str, pa.Table]) -> None:
    """No two rows share a key and no key has a null, so that an upsert loads every row."""
    keys = {
        "airline": ["code"],
        "airport": ["code"],
        "plane": ["tail_number"],
        "weather": ["origin_code", "observed_hour_at"],
        "flight": ["carrier_code", "flight_number", "scheduled_hour_at"],
    }
    for name, key in keys.items():
        assert tables[name].group_by(key).aggregate([]).num_rows == tables[name].num_rows
        assert all(tables[name].column(column).null_count == 0 for column in key)


def test_every_event_lies_in_the_declared_coverage(tables: dict[str, pa.Table]) -> None:
    """What is declared as covered holds every row: a period outside it is unknown, not zero."""
    times = {"flight": "scheduled_departure_at", "weather": "observed_hour_at"}
    for table in TABLES:
        if table.coverage is None:
            assert table.object_model not in times
            continue
        span = pc.min_max(tables[table.object_model].column(times[table.object_model])).as_py()
        assert table.coverage.covered_from <= span["min"]
        assert span["max"] < table.coverage.covered_until


def test_columns_and_types_are_those_of_the_shipped_object_models(tables: dict[str, pa.Table]) -> None:
    """The sample fills every attribute of the catalog's object models, each in its own type."""
    import yaml

    folder = Path(__file__).parents[4] / "catalog" / "object_models"
    arrow = {
        DataType.INTEGER: pa.int64(),
        DataType.DECIMAL: pa.decimal128(8, 2),
        DataType.FLOAT: pa.float64(),
        DataType.TEXT: pa.string(),
        DataType.BOOLEAN: pa.bool_(),
        DataType.TIMESTAMP: pa.timestamp("us", tz="UTC"),
    }
    for name, table in tables.items():
        (model,) = yaml.safe_load((folder / f"{name}.yaml").read_text("utf-8"))["object_models"]
        declared = {attribute["name"]: arrow[DataType(attribute["type"])] for attribute in model["attributes"]}
        assert {field.name: field.type for field in table.schema} == declared


def test_a_missing_file_names_the_remedy(tmp_path: Path) -> None:
    """Without the package's files there is a clear problem, not a stack trace."""
    with pytest.raises(DependencyUnavailable) as raised:
        read_table(TABLES[0], tmp_path)
    assert "airlines.csv" in raised.value.detail
    assert "pip install" in raised.value.remedy
