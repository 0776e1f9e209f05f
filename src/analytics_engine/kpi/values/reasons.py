"""Why a value is null: the first part of its formula that made it so, in words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from analytics_engine.kpi.formula.functions import SCALARS
from analytics_engine.kpi.formula.layout import write_literal
from analytics_engine.kpi.formula.typed import Constant, Expression, Operation, Term
from analytics_engine.kpi.values.evaluate import TermValues, evaluate


class NullReason(StrEnum):
    """Why a value is null."""

    NO_ROWS = "no_rows"
    ZERO_DENOMINATOR = "zero_denominator"
    ONLY_NULLS = "only_nulls"
    NOT_LOADED = "not_loaded"
    UNDEFINED = "undefined"


@dataclass(frozen=True, slots=True)
class Reason:
    """A null's reason: its code, and a sentence that names the term."""

    code: NullReason
    detail: str


@dataclass(frozen=True, slots=True)
class Cell:
    """What is known of one cell: each term's value, the rows behind it, and whether its period was loaded."""

    values: TermValues
    rows: dict[Term, int]
    covered: dict[str, bool]


def reason_of(expression: Expression, cell: Cell) -> Reason:
    """Return why an expression that is null in a cell is null."""
    match expression:
        case Term():
            return _reason_of_term(expression, cell)
        case Operation(operator="divide" | "modulo", operands=operands):
            return _null_operand(operands, cell) or Reason(
                NullReason.ZERO_DENOMINATOR, f"The denominator {label(operands[1])} is 0 in this period."
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
        return Reason(NullReason.ONLY_NULLS, f"Every row behind {term.label} has no value there.")
    if not cell.covered[term.model]:
        return Reason(
            NullReason.NOT_LOADED, f"The data of {term.model} does not cover this period, so {term.label} is unknown."
        )
    return Reason(NullReason.NO_ROWS, f"There are no rows for {term.label} in this period.")


def label(expression: Expression) -> str:
    """Return an expression in words an analyst would write; references to KPIs appear written out."""
    match expression:
        case Term():
            return expression.label
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
