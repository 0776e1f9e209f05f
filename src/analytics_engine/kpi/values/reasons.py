"""Why a value is null: the first part of its formula that made it so, in words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from analytics_engine.kpi.formula.functions import SCALARS
from analytics_engine.kpi.formula.layout import write_literal
from analytics_engine.kpi.formula.typed import (
    Constant,
    Expression,
    Leaf,
    Operation,
    Parameter,
    PeriodDays,
    Term,
    TimeAverage,
)
from analytics_engine.kpi.model.frames import Frame, frame_label
from analytics_engine.kpi.values.evaluate import LeafValues, evaluate


class NullReason(StrEnum):
    """Why a value is null."""

    NO_ROWS = "no_rows"
    ZERO_DENOMINATOR = "zero_denominator"
    ONLY_NULLS = "only_nulls"
    NOT_LOADED = "not_loaded"
    NO_POSITIVE_BASE = "no_positive_base"
    UNKNOWN_DAY = "unknown_day"
    UNDEFINED = "undefined"


@dataclass(frozen=True, slots=True)
class Reason:
    """A null's reason: its code, and a sentence that names the term."""

    code: NullReason
    detail: str


@dataclass(frozen=True, slots=True)
class Cell:
    """What is known of one cell: each leaf's value, the rows behind it, and whether what it reads was loaded."""

    values: LeafValues
    rows: dict[Leaf, int]
    covered: dict[Leaf, bool]


def reason_of(expression: Expression, cell: Cell) -> Reason:
    """Return why an expression that is null in a cell is null."""
    match expression:
        case Term():
            return _reason_of_term(expression, cell)
        case TimeAverage():
            return Reason(
                NullReason.UNKNOWN_DAY,
                f"{label(expression)} is a mean over days, and on one of them the value is unknown.",
            )
        case Operation(operator="growth_of", operands=operands):
            return _null_operand(operands, cell) or Reason(
                NullReason.NO_POSITIVE_BASE, f"{label(operands[1])} is not above 0, so there is no growth against it."
            )
        case Operation(operator="divide" | "modulo", operands=operands):
            return _null_operand(operands, cell) or Reason(
                NullReason.ZERO_DENOMINATOR, f"The denominator {label(operands[1])} is 0 in this period."
            )
        case Operation(operator="rank", operands=operands):
            return _null_operand(operands, cell) or Reason(
                NullReason.NO_ROWS, f"There are no rows to rank {label(operands[0])} by in this period."
            )
        case Operation(operands=operands):
            return _null_operand(operands, cell) or Reason(
                NullReason.UNDEFINED, f"{label(expression)} has no value for these operands."
            )
        case _:
            return Reason(NullReason.UNDEFINED, "The formula gives null here.")


def _null_operand(operands: tuple[Expression, ...], cell: Cell) -> Reason | None:
    for operand in operands:
        if not isinstance(operand, Constant) and evaluate(operand, cell.values) is None:
            return reason_of(operand, cell)
    return None


def _reason_of_term(term: Term, cell: Cell) -> Reason:
    if cell.rows[term] > 0:
        return _reason_in_spite_of_rows(term)
    if not cell.covered[term]:
        return Reason(
            NullReason.NOT_LOADED, f"The data of {term.model} does not cover this period, so {label(term)} is unknown."
        )
    return Reason(NullReason.NO_ROWS, f"There are no rows for {label(term)} in this period.")


_SPREADS = frozenset({"stddev", "variance", "covariance", "correlation"})


def _reason_in_spite_of_rows(term: Term) -> Reason:
    name = label(term)
    if term.function in _SPREADS:
        differ = " that differ" if term.function == "correlation" else ""
        return Reason(NullReason.UNDEFINED, f"{name} needs two rows with a value{differ}, and there are fewer.")
    if term.function == "weighted_avg":
        return Reason(NullReason.ZERO_DENOMINATOR, f"The weights behind {name} add up to nothing.")
    if term.function == "prorate":
        return Reason(NullReason.ONLY_NULLS, f"No row behind {name} has both an amount and an end.")
    return Reason(NullReason.ONLY_NULLS, f"No row behind {name} has a value.")


def label(expression: Expression) -> str:
    """Return an expression in words an analyst would write; references to KPIs appear written out."""
    match expression:
        case Term() | TimeAverage():
            return _leaf_label(expression)
        case PeriodDays(frame=frame):
            return f"days(period){_framed(frame)}"
        case Parameter(name=name):
            return f":{name}"
        case Operation(operator="growth_of", operands=operands):
            return f"growth({label(operands[0])})"
        case Operation(operator="rank", operands=operands):
            return f"rank({label(operands[0])})"
        case Constant(value=value):
            return write_literal(value)
        case Operation(operator=operator, operands=operands):
            symbol = SCALARS[operator].symbol
            parts = [label(operand) for operand in operands]
            if symbol and len(parts) > 1:
                return f" {symbol} ".join(parts)
            return f"{operator}({', '.join(parts)})"
        case _:
            return str(expression)


def _leaf_label(leaf: Term | TimeAverage) -> str:
    total = ", all members" if leaf.total else ""
    framed = _framed(leaf.frame)
    return f"{leaf.label}{framed}{f' ({total[2:]})' if total else ''}"


def _framed(frame: Frame) -> str:
    return f" ({frame_label(frame)})" if frame else ""
