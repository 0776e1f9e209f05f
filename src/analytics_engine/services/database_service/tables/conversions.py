"""Which types a column's values can be converted to, how, and whether each of them can for certain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.services.database_service.tables.fact_table import SQL_TYPES

_LEAST, _MOST = -(2**63), 2**63 - 1
_EXACT_IN_FLOAT = 2**53


@dataclass(frozen=True)
class Conversion:
    """How a value becomes one of another type.

    Args:
        sql: an expression over ``{x}``, null for a value that does not convert exactly; it never raises.
        lossless: every value converts.
    """

    sql: str
    lossless: bool = False

    def of(self, column: str) -> str:
        return self.sql.format(x=column)


_CONVERSIONS: Mapping[tuple[DataType, DataType], Conversion] = {
    (DataType.INTEGER, DataType.DECIMAL): Conversion("{x}::numeric", lossless=True),
    (DataType.INTEGER, DataType.FLOAT): Conversion(
        f"CASE WHEN {{x}} BETWEEN -{_EXACT_IN_FLOAT} AND {_EXACT_IN_FLOAT} THEN {{x}}::double precision END"
    ),
    (DataType.DECIMAL, DataType.INTEGER): Conversion(
        f"CASE WHEN {{x}} BETWEEN {_LEAST} AND {_MOST} AND {{x}} = trunc({{x}}) THEN {{x}}::bigint END"
    ),
    (DataType.DECIMAL, DataType.FLOAT): Conversion(
        "CASE WHEN {x} BETWEEN -1e300 AND 1e300 THEN CASE WHEN {x} = 0 OR abs({x}) > 1e-300 THEN "
        "CASE WHEN {x}::double precision::text::numeric = {x} THEN {x}::double precision END END END"
    ),
    (DataType.FLOAT, DataType.INTEGER): Conversion(
        f"CASE WHEN {{x}} BETWEEN -{_EXACT_IN_FLOAT} AND {_EXACT_IN_FLOAT} AND {{x}} = trunc({{x}}) "
        "THEN {x}::bigint END"
    ),
    (DataType.FLOAT, DataType.DECIMAL): Conversion(
        "CASE WHEN {x} BETWEEN -1e300 AND 1e300 THEN {x}::text::numeric END"
    ),
    (DataType.TEXT, DataType.INTEGER): Conversion(
        f"CASE WHEN {{x}} ~ '^-?[0-9]{{{{1,19}}}}$' THEN CASE WHEN {{x}}::numeric BETWEEN {_LEAST} AND {_MOST} "
        "THEN {x}::bigint END END"
    ),
    (DataType.TEXT, DataType.DECIMAL): Conversion(
        "CASE WHEN length({x}) <= 1000 AND {x} ~ '^-?[0-9]+([.][0-9]+)?$' THEN {x}::numeric END"
    ),
    (DataType.TEXT, DataType.FLOAT): Conversion(
        "CASE WHEN {x} ~ '^-?[0-9]{{1,200}}([.][0-9]{{1,200}})?(e[+-]?[0-9]{{1,2}})?$' THEN "
        "CASE WHEN {x}::double precision::text::numeric = {x}::numeric THEN {x}::double precision END END"
    ),
    (DataType.TEXT, DataType.BOOLEAN): Conversion("CASE {x} WHEN 'true' THEN true WHEN 'false' THEN false END"),
    (DataType.INTEGER, DataType.TEXT): Conversion("{x}::text"),
    (DataType.DECIMAL, DataType.TEXT): Conversion("{x}::text"),
    (DataType.FLOAT, DataType.TEXT): Conversion("{x}::text"),
    (DataType.BOOLEAN, DataType.TEXT): Conversion("{x}::text"),
}

_ZONE = "A day is an instant only in some zone, and an instant is on a day only in some zone"
_REFUSED: Mapping[frozenset[DataType], str] = {frozenset({DataType.DATE, DataType.TIMESTAMP}): _ZONE}


def conversion(present: DataType, wanted: DataType) -> Conversion | None:
    return _CONVERSIONS.get((present, wanted))


def why_not(present: DataType, wanted: DataType) -> str:
    """Return why there is no conversion between two types."""
    known = _REFUSED.get(frozenset({present, wanted}))
    return known or f"There is no one way to write {SQL_TYPES[present]} as {SQL_TYPES[wanted]}"
