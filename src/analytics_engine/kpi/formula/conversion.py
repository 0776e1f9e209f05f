"""Values that come over the wire, in the type of what they are compared with."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

from analytics_engine.errors import QueryError
from analytics_engine.kpi.formula.syntax import LiteralValue
from analytics_engine.kpi.formula.tokens import GREATEST_INTEGER, UNREADABLE, holds
from analytics_engine.kpi.model.object_model import DataType


def convert(value: LiteralValue | float, kind: DataType) -> LiteralValue | float:
    """Return a filter's value in the type of the attribute it is compared with.

    Raises:
        QueryError: it cannot be read as that type.
    """
    try:
        converted = _converted(value, kind)
    except (ValueError, InvalidOperation, OverflowError, TypeError) as error:
        raise _misfit(value, kind) from error
    if converted is None:
        raise _misfit(value, kind)
    return converted


def _converted(value: LiteralValue | float, kind: DataType) -> LiteralValue | float:
    match kind, value:
        case DataType.BOOLEAN, bool():
            return value
        case _, bool():
            return None
        case DataType.INTEGER, int() | str():
            number = int(value)
            return number if -GREATEST_INTEGER <= number <= GREATEST_INTEGER else None
        case DataType.DECIMAL, int() | float() | str() | Decimal():
            exact = Decimal(str(value))
            return exact if holds(exact) else None
        case DataType.FLOAT, int() | float() | str() | Decimal():
            real = float(Decimal(str(value)))
            return real if math.isfinite(real) else None
        case DataType.TEXT, str():
            return value if UNREADABLE.search(value) is None else None
        case DataType.TIMESTAMP, datetime() | str():
            return _instant(value)
        case DataType.DATE, str():
            return date.fromisoformat(value)
        case DataType.DATE, date() if not isinstance(value, datetime):
            return value
        case _:
            return None


def _instant(value: datetime | str) -> datetime | None:
    """Return an instant in a year of UTC from 1 to 9999."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    if moment.tzinfo is None:
        return None
    moment.astimezone(UTC)
    return moment


_LONGEST_SHOWN = 100
_SHAPES = {
    DataType.BOOLEAN: "true or false",
    DataType.INTEGER: "a whole number of 64 bits",
    DataType.DECIMAL: "a number of at most 38 digits",
    DataType.FLOAT: "a number",
    DataType.TEXT: "a text without null characters",
    DataType.DATE: "a date such as 2026-01-31",
    DataType.TIMESTAMP: "an instant such as 2026-01-31T12:00:00+00:00",
}


def _misfit(value: object, kind: DataType) -> QueryError:
    shown = repr(value)
    if len(shown) > _LONGEST_SHOWN:
        shown = f"{shown[:_LONGEST_SHOWN]}..."
    return QueryError(
        f"The filter's value {shown} does not fit an attribute of type {kind.value}.",
        remedy=f"Give {_SHAPES[kind]}.",
        value=shown,
    )
