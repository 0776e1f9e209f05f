"""The values of a statement's parameters, from a question and the state of the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from analytics_engine.errors import QueryError
from analytics_engine.kpi.formula.syntax import LiteralValue
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.model.time import Period
from analytics_engine.kpi.sql.parameters import (
    ClientSlot,
    ConstantSlot,
    CoveredSlot,
    GivenSlot,
    LimitSlot,
    PeriodStartsSlot,
    Slot,
    WindowSlot,
    ZoneSlot,
)

_MIDNIGHT = (0, 0, 0, 0)


@dataclass(frozen=True)
class Span:
    """A half-open span of instants that an object model's loaded data covers."""

    start: datetime
    end: datetime

    def holds(self, period: Period) -> bool:
        return self.start <= period.start and period.end <= self.end


@dataclass(frozen=True)
class Binding:
    """All that a run of a plan brings to it.

    Args:
        periods: the periods of the answer, ascending, next to each other.
        givens: the values of the question's filters, as they came over the wire.
        coverage: what is loaded of each object model; one that is missing has nothing loaded.
    """

    client_id: str
    zone: str
    periods: tuple[Period, ...]
    limit: int
    givens: tuple[LiteralValue | float, ...] = ()
    coverage: Mapping[str, Span] = field(default_factory=dict)

    def covered(self, model: str) -> list[bool]:
        span = self.coverage.get(model)
        return [span is not None and span.holds(period) for period in self.periods]


def bind(slots: Sequence[Slot], binding: Binding) -> list[object]:
    """Return the values of a statement's parameters, in their order.

    Raises:
        QueryError: a filter's value does not fit its attribute, or a range of days does not start at midnight.
    """
    return [_value(slot, binding) for slot in slots]


def _value(slot: Slot, binding: Binding) -> object:
    match slot:
        case ClientSlot():
            return binding.client_id
        case WindowSlot(end=end, type=kind):
            return _moments(binding, kind)[-1 if end else 0]
        case PeriodStartsSlot(type=kind):
            return _moments(binding, kind)[:-1]
        case CoveredSlot(model=model):
            return binding.covered(model)
        case ZoneSlot():
            return binding.zone
        case GivenSlot(position=position, type=kind):
            return convert(binding.givens[position], kind)
        case ConstantSlot(value=value):
            return value
        case LimitSlot():
            return binding.limit


def _moments(binding: Binding, kind: DataType) -> list[datetime] | list[date]:
    """Return the starts of the periods and the end of the last, as instants or as days of the zone."""
    last = binding.periods[-1]
    if kind is DataType.TIMESTAMP:
        return [*(period.start for period in binding.periods), last.end]
    local = [*(period.local_start for period in binding.periods), last.local_end]
    for moment in local:
        if (moment.hour, moment.minute, moment.second, moment.microsecond) != _MIDNIGHT:
            raise QueryError(
                f"The range is cut at {moment.isoformat()}, but rows here are dated by days.",
                remedy="Let the range start and end at midnight.",
            )
    return [moment.date() for moment in local]


def convert(value: LiteralValue | float, kind: DataType) -> object:
    """Return a filter's value in the type of the attribute it is compared with.

    Raises:
        QueryError: it cannot be read as that type.
    """
    try:
        converted = _converted(value, kind)
    except (ValueError, InvalidOperation, TypeError) as error:
        raise _misfit(value, kind) from error
    if converted is None:
        raise _misfit(value, kind)
    return converted


def _converted(value: LiteralValue | float, kind: DataType) -> object | None:
    match kind, value:
        case DataType.BOOLEAN, bool():
            return value
        case _, bool():
            return None
        case DataType.INTEGER, int():
            return value
        case DataType.INTEGER, str():
            return int(value)
        case DataType.DECIMAL, int() | float() | str():
            return _finite(Decimal(str(value)))
        case DataType.FLOAT, int() | float() | str():
            return float(_finite(Decimal(str(value))))
        case DataType.TEXT, str():
            return value
        case DataType.DATE, str():
            return date.fromisoformat(value)
        case DataType.TIMESTAMP, str():
            moment = datetime.fromisoformat(value)
            return moment if moment.tzinfo is not None else None
        case _:
            return None


def _finite(number: Decimal) -> Decimal:
    if not number.is_finite():
        raise ValueError(number)
    return number


_SHAPES = {
    DataType.BOOLEAN: "true or false",
    DataType.INTEGER: "a whole number",
    DataType.DECIMAL: "a number",
    DataType.FLOAT: "a number",
    DataType.TEXT: "a text",
    DataType.DATE: "a date such as 2026-01-31",
    DataType.TIMESTAMP: "an instant such as 2026-01-31T12:00:00+00:00",
}


def _misfit(value: object, kind: DataType) -> QueryError:
    return QueryError(
        f"The filter's value {value!r} does not fit an attribute of type {kind.value}.",
        remedy=f"Give {_SHAPES[kind]}.",
        value=str(value),
    )
