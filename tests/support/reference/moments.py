"""Instants and spans, on the clock of what is compared with them.

A timestamp is compared as an instant. A date has no zone: it is compared as the local midnight it begins with, with
the local times of the period's ends. So a period has two pairs of ends, and an attribute's type says which counts.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from analytics_engine.kpi.model.frames import Duration, Edge
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.model.time import Period, local_midnight

_MICROSECOND = timedelta(microseconds=1)


def ends(period: Period, kind: DataType | None) -> tuple[datetime, datetime]:
    """Return both ends of a period on the clock of a date or a timestamp."""
    if kind is DataType.DATE:
        return period.local_start, period.local_end
    return period.start, period.end


def edge_of(period: Period, edge: Edge, kind: DataType | None) -> datetime:
    start, end = ends(period, kind)
    return start if edge is Edge.START else end


def moment(value: date) -> datetime:
    """Return what a date or timestamp is compared as."""
    return value if isinstance(value, datetime) else local_midnight(value)


def fixed(duration: Duration) -> timedelta:
    """Return a duration of seconds up to weeks; a day is 24 hours."""
    return timedelta(**{f"{duration.unit}s": duration.count})


def fixed_text(text: str) -> timedelta:
    """Return the length of time in a text such as ``36 hours``."""
    count, unit = text.split()
    return fixed(Duration(int(count), unit.removesuffix("s")))


def microseconds(length: timedelta) -> Decimal:
    return Decimal(length // _MICROSECOND)
