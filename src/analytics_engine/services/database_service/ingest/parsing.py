"""One value from its text, the slow and telling way: only what a whole column could not be cast from comes here."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from analytics_engine.kpi.model.object_model import DataType

_NUMBER = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?"
DECIMAL_PATTERN = f"^{_NUMBER}$"
_DECIMAL = re.compile(DECIMAL_PATTERN)
_BOOLEANS = {"true": True, "t": True, "yes": True, "1": True, "false": False, "f": False, "no": False, "0": False}
_NOT_FINITE = {"nan", "inf", "infinity"}
_SMALLEST, _LARGEST = -(2**63), 2**63 - 1

Parse = Callable[[str], object]
"""Returns the value, None for an empty text, or raises ValueError with the reason why there is none."""


def parser(type_: DataType, *, time_zone: ZoneInfo | None) -> Parse:
    """Return what takes a stripped, non-empty text of this type."""
    parsers: dict[DataType, Parse] = {
        DataType.INTEGER: _integer,
        DataType.DECIMAL: _decimal,
        DataType.FLOAT: _float,
        DataType.BOOLEAN: _boolean,
        DataType.DATE: _date,
        DataType.TIMESTAMP: lambda text: _timestamp(text, time_zone),
    }
    parse = parsers[type_]
    return lambda text: parse(text.strip()) if text.strip() else None


def _number(text: str, kind: str) -> Decimal:
    if text.lstrip("+-").lower() in _NOT_FINITE:
        raise ValueError(f"is not a finite number; {kind} attributes take no NaN and no infinity")
    if not _DECIMAL.match(text):
        raise ValueError(f"is not a {kind} number" if kind != "integer" else "is not an integer")
    return Decimal(text)


def _integer(text: str) -> int:
    number = _number(text, "integer")
    if number != number.to_integral_value():
        raise ValueError("is not an integer")
    if not _SMALLEST <= number <= _LARGEST:
        raise ValueError("does not fit into 64 bits")
    return int(number)


def _decimal(text: str) -> str:
    _number(text, "decimal")
    return text


def _float(text: str) -> float:
    value = float(_number(text, "float"))
    if value in {float("inf"), float("-inf")}:
        raise ValueError("is too large for a 64-bit float")
    return value


def _boolean(text: str) -> bool:
    try:
        return _BOOLEANS[text.lower()]
    except KeyError:
        raise ValueError("is neither true nor false") from None


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("is not a date like 2013-01-31") from None


def _timestamp(text: str, time_zone: ZoneInfo | None) -> datetime:
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("is not a timestamp like 2013-01-31T17:05:00Z") from None
    try:
        return (_placed(value, time_zone) if value.tzinfo is None else value).astimezone(UTC)
    except OverflowError:
        raise ValueError("is outside of the years 1 to 9999") from None


def _placed(value: datetime, time_zone: ZoneInfo | None) -> datetime:
    """Return a local time as an instant.

    Raises:
        ValueError: no zone was told, or the zone has this local time twice, or not at all.
    """
    if time_zone is None:
        raise ValueError(
            "has no offset from UTC, so it is no instant; write it like 2013-01-31T17:05:00-05:00, "
            "or tell the zone with ?time_zone=America/New_York"
        )
    earlier, later = (value.replace(tzinfo=time_zone, fold=fold) for fold in (0, 1))
    if earlier.utcoffset() == later.utcoffset():
        return earlier
    if earlier.astimezone(UTC).astimezone(time_zone).replace(tzinfo=None) != value:
        raise ValueError(f"does not exist in {time_zone.key}: clocks were put forward over it")
    raise ValueError(f"is there twice in {time_zone.key}, when clocks were put back; write it with its offset")
