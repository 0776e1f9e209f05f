"""What a KPI's values are compared with, as expressions of the KPI language: shifted in time by one length."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from analytics_engine.contracts.calculation import Comparison
from analytics_engine.errors import QueryError
from analytics_engine.kpi.check import CheckedKpi, KpiChecker
from analytics_engine.kpi.model.frames import UNITS, Duration
from analytics_engine.kpi.model.time import Calendar, Window, local_midnight

_YEAR = Duration(1, "year")
_MONTHS_A_YEAR = 12
_LONGEST = 100_000
"""The greatest number of units in one length of time, in the KPI language."""
_LENGTHS = (("hour", 3_600), ("minute", 60), ("second", 1))


@dataclass(frozen=True, slots=True)
class Compared:
    """A KPI compared with another time: the expressions of what it is compared with, of the change and the growth.

    Times have neither change nor growth.
    """

    comparison: Comparison
    duration: Duration
    compared: str
    change: str | None
    growth: str | None

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(text for text in (self.compared, self.change, self.growth) if text is not None)


def compared(checker: KpiChecker, kpi: str, comparison: Comparison, duration: Duration) -> Compared:
    """Return a KPI's comparison with itself a length of time earlier.

    Raises:
        KpiNotFound, FormulaError: the KPI is unknown or wrong.
    """
    earlier = f"previous({kpi}, {duration})"
    if not meaning_of(checker, kpi).type.numeric:
        return Compared(comparison, duration, earlier, None, None)
    now = kpi if checker.catalog.has_kpi(kpi) else f"({kpi})"
    return Compared(comparison, duration, earlier, f"{now} - {earlier}", f"growth({kpi}, {duration})")


def meaning_of(checker: KpiChecker, kpi: str) -> CheckedKpi:
    """Return the meaning of a KPI by its code, or of an expression over KPIs.

    Raises:
        KpiNotFound, FormulaError: it is unknown or wrong.
    """
    by_code = checker.catalog.has_kpi(kpi) or kpi.isidentifier()
    return checker.kpi(kpi) if by_code else checker.formula(kpi)


def duration_of(comparison: Comparison, grain: str | None, window: Window, calendar: Calendar) -> Duration:
    """Return how much earlier the compared period begins.

    A year ago is a year of the custom calendar, for the grains of one. The time before a whole range is as long as
    the range: as many months where it is of whole months, else as many days, or hours, minutes, seconds.

    Raises:
        QueryError: the range's length cannot be said.
    """
    if comparison is Comparison.SAME_PERIOD_LAST_YEAR:
        return _year_of(grain, calendar)
    return Duration(1, grain) if grain is not None else _length_of(window, calendar)


def _year_of(grain: str | None, calendar: Calendar) -> Duration:
    if grain is None or grain in UNITS:
        return _YEAR
    year = f"{grain.rpartition('_')[0]}_year"
    return Duration(1, year) if year in calendar.grains and year not in UNITS else _YEAR


def _length_of(window: Window, calendar: Calendar) -> Duration:
    start, end = window.start, window.end
    if _is_midnight(start) and _is_midnight(end):
        if start.day == end.day == 1:
            return Duration((end.year - start.year) * _MONTHS_A_YEAR + end.month - start.month, "month")
        return Duration((end - start).days, "day")
    elapsed = calendar.instant(end) - calendar.instant(start)
    for unit, seconds in _LENGTHS:
        count, rest = divmod(elapsed, timedelta(seconds=seconds))
        if not rest and count <= _LONGEST:
            return Duration(count, unit)
    raise QueryError(
        f"The range from {start.isoformat()} to {end.isoformat()} has no length that the time before it could have.",
        remedy="Let it start and end at whole hours, or ask by a grain.",
    )


def _is_midnight(local: datetime) -> bool:
    return local == local_midnight(local)
