"""Values that come over the wire, in the type of what they are compared with."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from analytics_engine.errors import QueryError
from analytics_engine.kpi.formula.syntax import LiteralValue
from analytics_engine.kpi.model.object_model import DataType


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
        case DataType.DECIMAL, int() | float() | str() | Decimal():
            return _finite(Decimal(str(value)))
        case DataType.FLOAT, int() | float() | str() | Decimal():
            return float(_finite(Decimal(str(value))))
        case DataType.TEXT, str():
            return value
        case DataType.TIMESTAMP, datetime():
            return value
        case DataType.DATE, date():
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
