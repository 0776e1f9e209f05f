"""Random rows: few, with keys that meet, and with times at the edges where mistakes live."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from hypothesis import strategies as st

from analytics_engine.kpi.model.object_model import Attribute, Cardinality, DataType, Nature, ObjectModel
from analytics_engine.kpi.model.time import Calendar, CustomGrain, Weekday, Window, periods
from differential.catalogs import Recipe, catalog_of

Row = dict[str, Any]
HALF_OF_ROWS = 8
"""Rows are drawn in two lists of up to so many, which gives more of them and still shrinks to none."""
_MOMENT = timedelta(microseconds=1)
_DAY = timedelta(days=1)


def _retail_months(first: date, years: int) -> tuple[date, ...]:
    """Return the starts of months of 4, 4 and 5 weeks."""
    starts = [first]
    for weeks in (4, 4, 5) * 4 * years:
        starts.append(starts[-1] + timedelta(weeks=weeks))
    return tuple(starts)


RETAIL_MONTH = CustomGrain("retail_month", _retail_months(date(2022, 1, 30), 6))
"""A grain of a calendar of the client's own."""


@dataclass(frozen=True)
class Scene:
    """A zone, a window and a grain, at a place of the calendar where something is special.

    Args:
        by_days: whether all periods begin at midnight, so that rows dated by days can be asked.
    """

    zone: str
    start: str
    end: str
    grain: str | None
    by_days: bool = True
    week_start: Weekday = Weekday.MONDAY
    fiscal_year_start_month: int = 1

    @property
    def calendar(self) -> Calendar:
        return Calendar(self.zone, self.week_start, self.fiscal_year_start_month, (RETAIL_MONTH,))

    @property
    def window(self) -> Window:
        return Window(datetime.fromisoformat(self.start), datetime.fromisoformat(self.end))

    @property
    def days(self) -> int:
        return (self.window.end - self.window.start).days


SCENES = (
    Scene("UTC", "2026-01-01", "2026-04-01", "month"),
    Scene("UTC", "2026-01-01", "2026-02-01", None),
    Scene("America/New_York", "2026-03-06", "2026-03-11", "day"),
    Scene("America/New_York", "2026-10-30", "2026-11-04", "day"),
    Scene("America/New_York", "2026-02-15", "2026-04-10", "month"),
    Scene("America/New_York", "2026-10-05", "2026-11-20", "week"),
    Scene("America/New_York", "2026-03-08", "2026-03-09", "hour", by_days=False),
    Scene("America/New_York", "2026-11-01", "2026-11-02", "hour", by_days=False),
    Scene("America/New_York", "2026-03-07T06:30", "2026-03-09T17:45", None, by_days=False),
    Scene("Asia/Kolkata", "2026-01-30", "2026-02-03", "day"),
    Scene("Asia/Kolkata", "2026-02-10T06:15", "2026-02-11T20:00", "day", by_days=False),
    Scene("UTC", "2024-02-26", "2024-03-03", "day"),
    Scene("Europe/Berlin", "2024-02-01", "2024-04-01", "month"),
    Scene("UTC", "2023-11-01", "2025-05-01", "quarter"),
    Scene("America/New_York", "2023-01-01", "2026-01-01", "year"),
    Scene("America/New_York", "2026-02-20", "2026-03-20", "week", week_start=Weekday.SUNDAY),
    Scene("Europe/Berlin", "2025-10-01", "2026-10-01", "fiscal_quarter", fiscal_year_start_month=2),
    Scene("America/New_York", "2026-02-10", "2026-05-03", "retail_month"),
    Scene("Australia/Lord_Howe", "2026-04-04", "2026-04-07", "day"),
)


@cache
def moments_of(scene: Scene) -> tuple[datetime, ...]:
    """Return instants worth a row: inside of the window, at the edges of its periods, and where frames look."""
    calendar = scene.calendar
    cut = periods(scene.window, scene.grain, calendar)
    inside = [period.start + (period.end - period.start) / part for period in (cut[0], cut[-1]) for part in (2, 3)]
    edges = [period.start for period in _few(cut)] + [cut[-1].end]
    near = [edge + step for edge in edges for step in (timedelta(0), -_MOMENT, timedelta(hours=1))]
    around = [scene.window.start + step for step in (-_DAY, -28 * _DAY, -31 * _DAY, -365 * _DAY)]
    earlier = [calendar.instant(local) for local in around]
    found = [*inside, *inside, *inside, *near, *earlier, cut[-1].end + _DAY, cut[0].end + timedelta(minutes=30)]
    return tuple(moment.astimezone(UTC) for moment in found)


def _few(cut: Sequence[Any]) -> Sequence[Any]:
    return cut if len(cut) < 7 else [*cut[:3], *cut[-3:]]


@cache
def days_of(scene: Scene) -> tuple[date, ...]:
    """Return the dates of those instants."""
    zone = scene.calendar.tz
    return tuple(dict.fromkeys(moment.astimezone(zone).date() for moment in moments_of(scene)))


_POOLS: dict[DataType, tuple[Any, ...]] = {
    DataType.INTEGER: (1, 0, 2, 3, -1, 7, 100),
    DataType.DECIMAL: tuple(map(Decimal, ("1", "0", "2.50", "0.1", "-3.75", "10", "1234567.89", "0.30"))),
    DataType.FLOAT: (1.0, 0.0, 0.5, -2.75, 3.25, 1000.5),
    DataType.TEXT: ("a", "b", "c", "", "o'k"),
    DataType.BOOLEAN: (True, False),
}
"""Numbers whose sums are exact in any order: the floats are multiples of a quarter."""


@lru_cache(2_000)
def _pool(scene: Scene, attribute: Attribute) -> tuple[Any, ...]:
    match attribute.type:
        case DataType.TIMESTAMP:
            values: tuple[Any, ...] = moments_of(scene)
        case DataType.DATE:
            values = days_of(scene)
        case _:
            values = _POOLS[attribute.type]
    return (*values, None) if attribute.nullable else values


_CURRENCIES = ("USD", "EUR", "GBP", None)


@cache
def _numbers(kind: DataType, *, nullable: bool) -> tuple[Any, ...]:
    """Return values of keys, few, so that they meet."""
    values: tuple[Any, ...] = ("a", "b", "c") if kind is DataType.TEXT else (1, 2, 3)
    return (*values, None) if nullable else values


@lru_cache(200)
def rows_of(recipe: Recipe, scene: Scene) -> st.SearchStrategy[dict[str, list[Row]]]:
    """Return a strategy for the rows of every object model; a row is drawn as one byte for each attribute."""
    models = [version.definition for version in catalog_of(recipe).object_models]
    return st.fixed_dictionaries({model.code: _rows(model, scene) for model in models})


def _rows(model: ObjectModel, scene: Scene) -> st.SearchStrategy[list[Row]]:
    width = len(model.attributes)
    drawn = st.lists(st.binary(min_size=width, max_size=width), max_size=HALF_OF_ROWS)
    both = st.tuples(drawn, drawn)
    return both.map(lambda halves: _finished(model, [_row(model, scene, row) for half in halves for row in half]))


def _row(model: ObjectModel, scene: Scene, drawn: bytes) -> Row:
    return {
        attribute.name: _picked(_values(scene, attribute), byte)
        for attribute, byte in zip(model.attributes, drawn, strict=True)
    }


def _values(scene: Scene, attribute: Attribute) -> tuple[Any, ...]:
    if attribute.name.endswith("currency"):
        return _CURRENCIES if attribute.nullable else _CURRENCIES[:-1]
    if attribute.name.endswith("_id"):
        return _numbers(attribute.type, nullable=attribute.nullable)
    return _pool(scene, attribute)


def _picked(values: Sequence[Any], byte: int) -> Any:
    return values[byte % len(values)]


def _finished(model: ObjectModel, rows: list[Row]) -> list[Row]:
    """Make keys unique, and intervals of one thing end before its next begins."""
    if model.nature is Nature.INTERVAL:
        return _in_sequence(model, rows)
    for relation in model.relations:
        if relation.cardinality is Cardinality.ONE_TO_ONE:
            rows = _once(rows, tuple(relation.on))
    if len(model.key) == 1:
        text = next(a for a in model.attributes if a.name == model.key[0]).type is DataType.TEXT
        names = "abcdefghijklmnop" if text else range(1, 2 * HALF_OF_ROWS + 1)
        return [row | {model.key[0]: name} for name, row in zip(names, rows, strict=False)]
    return list({tuple(row[name] for name in model.key): row for row in rows}.values())


def _once(rows: list[Row], names: tuple[str, ...]) -> list[Row]:
    """Return rows of which no two have the same values there; nulls do not count."""
    found: dict[Any, Row] = {}
    for number, row in enumerate(rows):
        values = tuple(row[name] for name in names)
        found.setdefault(number if None in values else values, row)
    return list(found.values())


def _in_sequence(model: ObjectModel, rows: list[Row]) -> list[Row]:
    """An end is after its start, and not after the start of the next of the same thing."""
    begins, ends = str(model.valid_from), str(model.valid_to)
    unique = {tuple(row[name] for name in model.key): row for row in rows}
    ordered = sorted(unique.values(), key=lambda row: row[begins])
    finished = []
    for place, row in enumerate(ordered):
        following = [other[begins] for other in ordered[place + 1 :] if all(other[n] == row[n] for n in model.series)]
        end = row[ends]
        if end is not None and end <= row[begins]:
            end = row[begins] + _DAY
        if following and (end is None or end > following[0]):
            end = following[0]
        finished.append(row | {ends: end})
    return finished
