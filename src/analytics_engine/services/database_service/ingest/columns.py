"""A column as it was delivered becomes one of its attribute's type.

Whole at once where that works, else value by value, so that each one that fails is named.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analytics_engine.kpi.model.object_model import Attribute, DataType
from analytics_engine.services.database_service.ingest.parsing import DECIMAL_PATTERN, parser
from analytics_engine.services.database_service.ingest.reading import Reading
from analytics_engine.services.database_service.tables.fact_table import ARROW_TYPES

_INSTANT = pa.timestamp("us", "UTC")

_FIRST_DAY, _LAST_DAY = -719_162, 2_932_896
_FIRST_INSTANT_US = -62_135_596_800_000_000
_LAST_INSTANT_US = 253_402_300_799_999_999
_END_OF_ZONE_RULES_US = 2_114_380_800_000_000


@dataclass(frozen=True)
class Fault:
    """One value that is wrong: its row in the batch, its text, and why."""

    row: int
    text: str
    reason: str


@dataclass(frozen=True)
class Converted:
    """Values of the attribute's type; those that were wrong are null here and have a fault."""

    values: pa.Array
    faults: tuple[Fault, ...] = ()


def convert(column: pa.Array, attribute: Attribute, reading: Reading) -> Converted:
    """Return a column's values as the attribute's type, with a fault for each that cannot be."""
    column = _plain(column)
    if pa.types.is_null(column.type):
        return Converted(pa.nulls(len(column), ARROW_TYPES[attribute.type]))
    if attribute.type is DataType.TEXT:
        return _checked(attribute, Converted(_as_text(column)))
    try:
        whole = _WHOLE[attribute.type](column, reading)
    except pa.ArrowException:
        whole = None
    converted = Converted(whole) if whole is not None else _one_by_one(column, attribute, reading)
    return _checked(attribute, converted)


def _plain(column: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_large_string(column.type) or pa.types.is_string_view(column.type):
        column = column.cast(pa.string())
    return column


def _as_text(column: pa.Array) -> pa.Array:
    return column if pa.types.is_string(column.type) else column.cast(pa.string())


# --- whole columns -----------------------------------------------------------------------------------------


def _integers(column: pa.Array, _: Reading) -> pa.Array | None:
    if pa.types.is_string(column.type):
        if pc.any(pc.match_substring(column, "x", ignore_case=True)).as_py():
            return None
        return column.cast(pa.int64())
    return column.cast(pa.int64()) if pa.types.is_integer(column.type) or pa.types.is_floating(column.type) else None


def _decimals(column: pa.Array, _: Reading) -> pa.Array | None:
    if pa.types.is_boolean(column.type):
        return None
    text = _as_text(column)
    if pa.types.is_integer(column.type) or pa.types.is_decimal(column.type):
        return text
    return text if _all(pc.match_substring_regex(text, DECIMAL_PATTERN)) else None


def _floats(column: pa.Array, _: Reading) -> pa.Array | None:
    if pa.types.is_boolean(column.type):
        return None
    values = column.cast(pa.float64())
    return values if _all(pc.is_finite(values)) else None


def _booleans(column: pa.Array, _: Reading) -> pa.Array | None:
    return column.cast(pa.bool_()) if pa.types.is_boolean(column.type) or pa.types.is_string(column.type) else None


def _dates(column: pa.Array, _: Reading) -> pa.Array | None:
    if not pa.types.is_date(column.type) and not pa.types.is_string(column.type):
        return None
    days = column.cast(pa.date32())
    return days if _within(days.cast(pa.int32()), _FIRST_DAY, _LAST_DAY) else None


def _timestamps(column: pa.Array, reading: Reading) -> pa.Array | None:
    if pa.types.is_string(column.type):
        return _timestamps_of_text(column, reading)
    if not pa.types.is_timestamp(column.type):
        return None
    if column.type.tz is None:
        return None if reading.time_zone is None else _placed(column.cast(pa.timestamp("us")), reading)
    return _in_years(column.cast(_INSTANT))


def _timestamps_of_text(column: pa.Array, reading: Reading) -> pa.Array | None:
    try:
        return _in_years(column.cast(_INSTANT))
    except pa.ArrowInvalid:
        if reading.time_zone is None:
            return None
        return _placed(column.cast(pa.timestamp("us")), reading)


def _placed(local: pa.Array, reading: Reading) -> pa.Array | None:
    """Return local times as instants; None where Arrow does not know the zone's rules (it has none after 2037)."""
    assert reading.time_zone is not None
    if not _within(local, 0, _END_OF_ZONE_RULES_US):
        return None
    placed = pc.assume_timezone(local, reading.time_zone.key, ambiguous="raise", nonexistent="raise")
    return _in_years(placed.cast(_INSTANT))


def _in_years(instants: pa.Array) -> pa.Array | None:
    """Return the instants if Python and PostgreSQL can both name them all."""
    return instants if _within(instants, _FIRST_INSTANT_US, _LAST_INSTANT_US) else None


def _within(times: pa.Array, first: int, last: int) -> bool:
    ends = pc.min_max(times.cast(pa.int64()))
    low, high = ends["min"].as_py(), ends["max"].as_py()
    return low is None or (low >= first and high <= last)


def _all(mask: pa.Array) -> bool:
    return bool(pc.all(mask).as_py() in {True, None})


_WHOLE: dict[DataType, Callable[[pa.Array, Reading], pa.Array | None]] = {
    DataType.INTEGER: _integers,
    DataType.DECIMAL: _decimals,
    DataType.FLOAT: _floats,
    DataType.BOOLEAN: _booleans,
    DataType.DATE: _dates,
    DataType.TIMESTAMP: _timestamps,
}


# --- value by value ----------------------------------------------------------------------------------------


def _one_by_one(column: pa.Array, attribute: Attribute, reading: Reading) -> Converted:
    parse = parser(attribute.type, time_zone=reading.time_zone)
    values: list[object] = []
    faults: list[Fault] = []
    for row, text in enumerate(_as_text(column).to_pylist()):
        try:
            values.append(None if text is None else parse(text))
        except ValueError as error:
            values.append(None)
            faults.append(Fault(row, text, str(error)))
    return Converted(pa.array(values, ARROW_TYPES[attribute.type]), tuple(faults))


# --- what holds whatever the type --------------------------------------------------------------------------


def _checked(attribute: Attribute, converted: Converted) -> Converted:
    faults = [*converted.faults, *_outside_value_list(attribute, converted.values)]
    if attribute.type is DataType.TEXT:
        faults.extend(_with_nul(converted.values))
    if not attribute.nullable:
        faulty = {fault.row for fault in faults}
        missing = pc.indices_nonzero(pc.is_null(converted.values)).to_pylist()
        faults.extend(
            Fault(row, "", "is missing, and the attribute is required") for row in missing if row not in faulty
        )
    return Converted(converted.values, tuple(faults))


def _outside_value_list(attribute: Attribute, values: pa.Array) -> list[Fault]:
    if not attribute.values:
        return []
    text = _as_text(values)
    outside = pc.and_(pc.invert(pc.is_in(text, pa.array(attribute.values, pa.string()))), pc.is_valid(text))
    reason = f"is not one of: {', '.join(attribute.values)}"
    return [Fault(row, text[row].as_py(), reason) for row in pc.indices_nonzero(outside).to_pylist()]


def _with_nul(values: pa.Array) -> list[Fault]:
    if not _may_hold_nul(values):
        return []
    found = pc.indices_nonzero(pc.fill_null(pc.match_substring(values, "\x00"), fill_value=False)).to_pylist()
    return [Fault(row, values[row].as_py(), "holds a NUL character, which no text may") for row in found]


def _may_hold_nul(texts: pa.Array) -> bool:
    """Return whether there is a byte of zero in the column, which is told at once; what stands for null counts too."""
    _, offsets, content = texts.buffers()
    if offsets is None or content is None:
        return False
    ends = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    return not np.frombuffer(content, np.uint8)[ends[0] : ends[-1]].all()
