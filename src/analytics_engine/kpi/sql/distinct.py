"""Different values in periods, as bits: each value once, with a bit for every period it occurs in.

The bits are of one whole number where periods are few, else in blocks. A value that occurs in many periods is one group
instead of many, and the other aggregates keep their one pass over the rows, which an aggregate over different values
would make an engine sort.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.plan.plan import shared_where
from analytics_engine.kpi.plan.question import MOST_FEW
from analytics_engine.kpi.sql.nodes import alias, column, every, number, select, table
from analytics_engine.kpi.sql.parameters import OwnerSlot
from analytics_engine.kpi.sql.scans import Cells, ScanWriting, by_position, dimension_names
from analytics_engine.kpi.sql.sources import ENTRY
from analytics_engine.kpi.sql.writing import PERIOD, Part
from analytics_engine.kpi.states.catalogue import State

_SHIFT, _MASK = 5, 31
"""A block of bits is for 32 periods."""
_BLOCK, _VALUE, _BITS, _BUCKET = "block", "value", "bits", "bucket"


def distinct_values(work: ScanWriting, state: State, name: str, position: int) -> tuple[list[Part], Cells]:
    """Return the parts that count the different values of a state in the periods of the answer, and their cells."""
    bits = f"{work.name}_values_{position}"
    cells = f"{bits}_count"
    keys = [column(PERIOD, ENTRY), *(column(part, "m") for part in dimension_names(work.scan))]
    counted = alias(work.writing.dialect.cast(exp.Count(this=exp.Star()), DataType.INTEGER), name)
    count = select(
        [*keys, counted],
        table(bits, alias="m"),
        joins=[exp.Join(this=_periods(work), on=every(list(_in_period(work))))],
        group_by=by_position(len(keys)),
    )
    return [(bits, _values(work, state)), (cells, count)], Cells(cells, {state: name})


def _in_blocks(work: ScanWriting) -> bool:
    """Return whether one whole number may have too few bits: a spine of days may be long however few the periods."""
    return not work.writing.few or bool(work.scan.cut.spine)


def _block(period: exp.Expr) -> exp.Expr:
    return exp.Paren(this=exp.BitwiseRightShift(this=period, expression=number(_SHIFT)))


def _place(work: ScanWriting, period: exp.Expr) -> exp.Expr:
    """Return which bit is of a period."""
    if not _in_blocks(work):
        return period
    return exp.Paren(this=exp.BitwiseAnd(this=period, expression=number(_MASK)))


def _values(work: ScanWriting, state: State) -> exp.Select:
    """Return each value once a block, with the bits of its periods."""
    rows = _rows(work, state)
    place = _place(work, column(_BUCKET, "r"))
    one = exp.BitwiseLeftShift(this=work.writing.dialect.cast(number(1), DataType.INTEGER), expression=place)
    keys: list[exp.Expr] = [
        *([alias(_block(column(_BUCKET, "r")), _BLOCK)] if _in_blocks(work) else []),
        *(column(name, "r") for name in dimension_names(work.scan)),
        column(_VALUE, "r"),
    ]
    union = exp.Anonymous(this="BIT_OR", expressions=[one])
    return select([*keys, alias(union, _BITS)], rows, group_by=by_position(len(keys)))


def _rows(work: ScanWriting, state: State) -> exp.Expr:
    """Return the rows that have a value, with the number of their period."""
    assert state.argument is not None
    source = work.plain_source()
    value = source.write(state.argument)
    moment = source.column(work.scan.anchor)
    columns = [alias(work.bucket(moment, inside=True), _BUCKET), *work.dimensions(source), alias(value, _VALUE)]
    first, *conditions = work.conditions(source)
    if state.where is not None and state.where != shared_where(work.scan):
        conditions.append(source.write(state.where))
    known = exp.Not(this=exp.Is(this=exp.Paren(this=value.copy()), expression=exp.Null()))
    window = work.window(source.column(work.scan.anchor), bounded=True)
    query = select(columns, source.source, joins=source.joins(), where=[first, *window, *conditions, known])
    return exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier("r")))


def _periods(work: ScanWriting) -> exp.Expr:
    make = work.writing.parameters
    slot = OwnerSlot(work.scan.cut.spine, None if _in_blocks(work) else MOST_FEW)
    numbers = make(slot, DataType.INTEGER, array=True)
    return work.writing.dialect.rows_of_arrays(ENTRY, [("asked", numbers)], PERIOD)


def _in_period(work: ScanWriting) -> Iterator[exp.Expr]:
    """Yield that a value occurs in a period."""
    period = column(PERIOD, ENTRY)
    if _in_blocks(work):
        yield exp.EQ(this=column(_BLOCK, "m"), expression=_block(period))
    place = exp.cast(_place(work, period.copy()), "INT")
    shifted = exp.Paren(this=exp.BitwiseRightShift(this=column(_BITS, "m"), expression=place))
    bit = exp.Paren(this=exp.BitwiseAnd(this=shifted, expression=number(1)))
    yield exp.EQ(this=bit, expression=number(1))
