"""A scalar applied to typed operands: its type and unit, or a mistake with its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

from analytics_engine.errors import FormulaError
from analytics_engine.kpi.formula import functions
from analytics_engine.kpi.formula.extent import check_extent
from analytics_engine.kpi.formula.functions import KNOWN_FUNCTIONS, SCALARS, Aggregate
from analytics_engine.kpi.formula.syntax import Call, DurationLiteral, Literal, LiteralValue, Node, Path
from analytics_engine.kpi.formula.tokens import formula_error
from analytics_engine.kpi.formula.typed import Constant, Expression, Operation, Parameter, PeriodBound
from analytics_engine.kpi.formula.typing import Signature, TypeMistake
from analytics_engine.kpi.model.frames import UNITS
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.model.suggest import did_you_mean
from analytics_engine.kpi.model.units import Unit

ParameterLookup = Callable[[str], Parameter | None]
"""Gives a parameter of the KPI whose formula is resolved, by its name."""

_TYPE_OF_LITERAL: tuple[tuple[type, DataType], ...] = (
    (bool, DataType.BOOLEAN),
    (int, DataType.INTEGER),
    (str, DataType.TEXT),
)


def constant(value: LiteralValue) -> Constant:
    """Return a value of the formula with its type."""
    if value is None:
        return Constant(None, None)
    for kind, data_type in _TYPE_OF_LITERAL:
        if isinstance(value, kind):
            return Constant(value, data_type)
    if hasattr(value, "tzinfo"):
        return Constant(value, DataType.TIMESTAMP)
    return Constant(value, DataType.DATE if hasattr(value, "year") else DataType.DECIMAL)


_TIMES = {"second": "s", "minute": "min", "hour": "h", "day": "day"}


def written(node: Literal | DurationLiteral) -> Constant:
    """Return a value of the formula, in its unit where one is written behind it.

    Raises:
        FormulaError: the unit is none, or it has no fixed length.
    """
    if isinstance(node, DurationLiteral):
        if node.value.unit not in _TIMES:
            reason = "has no fixed length" if node.value.unit in UNITS else "is no unit of time"
            raise formula_error(
                f"{node.value} is no number: a {node.value.unit} {reason}.",
                node.span,
                remedy="Write it in seconds, minutes, hours or days.",
            )
        return Constant(node.value.count, DataType.INTEGER, Unit.parse(_TIMES[node.value.unit]))
    try:
        return replace(constant(node.value), unit=Unit.parse(node.unit))
    except ValueError as error:
        raise formula_error(f"{error}.", node.span) from error


def apply_scalar(name: str, operands: Sequence[Expression], places: Sequence[Node]) -> Expression:
    """Return a scalar of the catalogue over operands.

    Raises:
        FormulaError: it does not take operands of these types and units.
    """
    operands = _with_dates(operands)
    try:
        signature = SCALARS[name].rule(operands)
    except TypeMistake as mistake:
        place = places[min(mistake.operand, len(places) - 1)]
        raise formula_error(mistake.detail, place.span, remedy=mistake.remedy) from mistake
    first = operands[0]
    if name == "negate" and isinstance(first, Constant) and isinstance(first.value, int | Decimal):
        return replace(first, value=-first.value)
    applied = Operation(name, tuple(operands), signature.type, signature.unit)
    check_extent(applied, places[0].span)
    return applied


def _with_dates(operands: Sequence[Expression]) -> Sequence[Expression]:
    """A period's bound that stands beside a date is a date itself."""
    if not any(isinstance(operand, PeriodBound) for operand in operands):
        return operands
    if not any(operand.type is DataType.DATE for operand in operands):
        return operands
    return [replace(part, type=DataType.DATE) if isinstance(part, PeriodBound) else part for part in operands]


def signature_of(aggregate: Aggregate, operands: Sequence[Expression], call: Call) -> Signature:
    """Return what an aggregate gives for operands.

    Raises:
        FormulaError: it does not take them.
    """
    try:
        return aggregate.rule(operands)
    except TypeMistake as mistake:
        place = call.arguments[min(mistake.operand, len(call.arguments) - 1)].span
        raise formula_error(mistake.detail, place, remedy=mistake.remedy) from mistake


def check_scalar(call: Call) -> None:
    """Accept a call of a known scalar with the right number of operands.

    Raises:
        FormulaError: there is no such function, or it is no scalar, or the number is wrong.
    """
    check_plain(call)
    if call.name not in functions.CALLABLE_SCALARS:
        raise unknown_function(call)
    check_operands(call, *SCALARS[call.name].operands)


def unknown_function(call: Call) -> FormulaError:
    if call.name in KNOWN_FUNCTIONS:
        return formula_error(f"{call.name}(...) has no place here.", call.span, remedy=_PLACES.get(call.name, ""))
    listed = f"There are: {', '.join(sorted(KNOWN_FUNCTIONS))}."
    return formula_error(
        f"There is no function {call.name!r}.", call.span, remedy=did_you_mean(call.name, KNOWN_FUNCTIONS) or listed
    )


_PLACES = {
    "every": "It is a condition on rows: count(order) filter (where every(order.lines, ...)).",
    "any": "It is a condition on rows: count(order) filter (where any(order.lines, ...)).",
    "start_of": "The bounds of the period belong into conditions on rows: filter (where paid_at < end_of(period)).",
    "end_of": "The bounds of the period belong into conditions on rows: filter (where paid_at < end_of(period)).",
    "days": "days(period) stands outside of aggregates.",
}


def is_aggregate(node: Node) -> bool:
    """Return whether a call, outside of row expressions, is an aggregate."""
    return isinstance(node, Call) and node.name in functions.CALLABLE_AGGREGATES


def check_plain(call: Call) -> None:
    """Refuse ``distinct``, ``per`` and ``having`` where they mean nothing."""
    if call.distinct:
        raise formula_error(f"distinct belongs to count, not to {call.name}.", call.span)
    if call.per:
        raise formula_error(f"per belongs to first, last and time_weighted_avg, not to {call.name}.", call.span)
    if call.having is not None:
        raise formula_error(f"having belongs to count(distinct ...), not to {call.name}.", call.span)


def check_operands(call: Call, least: int, most: int) -> None:
    """Refuse a wrong number of operands."""
    count = len(call.arguments)
    if not least <= count <= most:
        wanted = str(least) if least == most else f"{least} to {most}" if most < functions.MANY else f"{least} or more"
        plural = "s" if wanted != "1" else ""
        raise formula_error(f"{call.name} takes {wanted} operand{plural}, not {count}.", call.span)


def constant_of(node: Node) -> Constant:
    """Return an operand that must be written out.

    Raises:
        FormulaError: it is anything else.
    """
    if not isinstance(node, Literal) or node.unit:
        raise formula_error("This operand is a constant written out, such as 0.95.", node.span)
    return constant(node.value)


def is_period(call: Call) -> bool:
    """Return whether a call is of the form ``name(period)``."""
    return len(call.arguments) == 1 and isinstance(call.arguments[0], Path) and call.arguments[0].parts == ("period",)


def check_period(call: Call) -> None:
    """Refuse a period function of anything but the period."""
    if not is_period(call):
        raise formula_error(f"{call.name} takes the period: {call.name}(period).", call.span)
