"""Functions of a cell's value that look at other periods, or at other cells of the same period."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from analytics_engine.errors import FormulaError
from analytics_engine.kpi.formula.applying import apply_scalar
from analytics_engine.kpi.formula.extent import MOST_STEPS, check_extent
from analytics_engine.kpi.formula.functions import CELL_FUNCTIONS
from analytics_engine.kpi.formula.layout import write
from analytics_engine.kpi.formula.syntax import Call, DurationLiteral, Node, Path, PeriodEdge
from analytics_engine.kpi.formula.tokens import formula_error
from analytics_engine.kpi.formula.typed import (
    Expression,
    Operation,
    Term,
    TimeAverage,
    framed,
    leaves_of,
    over_all_members,
)
from analytics_engine.kpi.model.frames import EdgeOf, FrameStep, Rolling, Shift, ToDate
from analytics_engine.kpi.model.object_model import DataType

CellOf = Callable[[Node], Expression]

_OPERANDS = {"time_avg": 1, "share_of_total": 1, "rank": 1}
_WITHIN_A_DAY = frozenset({"second", "minute", "hour"})
_SETS = frozenset({"lost", "kept", "gained"})


def over_time(call: Call, cell: CellOf) -> Expression:
    """Return a function of the catalogue's cell functions over the value it is given.

    Raises:
        FormulaError: its operands are not what it takes, or its value has no meaning over a window.
    """
    wanted = _OPERANDS.get(call.name, 2)
    if len(call.arguments) != wanted:
        raise formula_error(
            f"{call.name} takes {wanted} operand{'s' if wanted > 1 else ''}, not {len(call.arguments)}.",
            call.span,
            remedy=f"Write it as {CELL_FUNCTIONS[call.name].example}.",
        )
    operand = cell(call.arguments[0])
    if not leaves_of(operand):
        raise formula_error(f"{call.name} of a constant measures nothing.", call.arguments[0].span)
    match call.name:
        case "time_avg":
            return _time_average(call, operand)
        case "share_of_total":
            _check_share(call, operand)
            return apply_scalar("divide", [operand, over_all_members(operand)], call.arguments * 2)
        case "rank":
            return _rank(call, operand)
        case "growth":
            earlier = _framed(call, operand, _step(call))
            return apply_scalar("growth_of", [operand, earlier], (call.arguments[0],) * 2)
        case _:
            step = _step(call)
            if isinstance(step, Rolling | ToDate):
                _check_window(call, operand)
            return _framed(call, operand, step)


def _rank(call: Call, operand: Expression) -> Expression:
    if "rank" in _comparisons(operand):
        raise formula_error(
            "rank of a place has no meaning: it is a place already.",
            call.arguments[0].span,
            remedy="Rank once: rank of what is inside.",
        )
    ranked = Operation("rank", (operand,), DataType.INTEGER)
    check_extent(ranked, call.span)
    return ranked


def _framed(call: Call, operand: Expression, step: FrameStep) -> Expression:
    if any(len(leaf.frame) >= MOST_STEPS for leaf in leaves_of(operand)):
        raise formula_error(
            f"More than {MOST_STEPS} functions over time stand inside each other.",
            call.span,
            remedy="One length of time can be written as one: 2 years instead of 1 year before 1 year before.",
        )
    return framed(operand, step)


def _time_average(call: Call, operand: Expression) -> Expression:
    if operand.type is None or not operand.type.numeric:
        raise formula_error("time_avg needs a number.", call.arguments[0].span)
    if any(isinstance(leaf, TimeAverage) for leaf in leaves_of(operand)):
        raise formula_error(
            "time_avg of a mean over days has no meaning: of one day it is the value at its end.",
            call.arguments[0].span,
            remedy="Take the mean once: time_avg of what is inside.",
        )
    _check_days(call, operand)
    kind = DataType.FLOAT if operand.type is DataType.FLOAT else DataType.DECIMAL
    return TimeAverage(operand, kind, operand.unit, label=write(call))


def _check_days(call: Call, operand: Expression) -> None:
    """Refuse what has no meaning when the period is a day."""
    for leaf in leaves_of(operand):
        if isinstance(leaf, TimeAverage):
            raise formula_error(
                "A mean over days of a mean over days is no other mean.",
                call.span,
                remedy=f"Write {leaf.label} alone, for the days of the period that is asked.",
            )
        for step in leaf.frame:
            if isinstance(step, EdgeOf) and step.grain in _WITHIN_A_DAY:
                raise formula_error(
                    f"A mean over days asks each day as a whole, which is no {step.grain}.",
                    call.span,
                    remedy="Name an enclosing period that is a day or longer.",
                )


def _step(call: Call) -> FrameStep:
    argument = call.arguments[1]
    match call.name, argument:
        case "previous" | "growth", DurationLiteral(value):
            return Shift(value)
        case "rolling", DurationLiteral(value):
            return Rolling(value)
        case "to_date", Path(parts) if len(parts) == 1:
            return ToDate(parts[0].lower())
        case "at_period", PeriodEdge(edge, grain):
            return EdgeOf(edge, grain)
        case _:
            raise _not_a_step(call, argument)


def _not_a_step(call: Call, argument: Node) -> FormulaError:
    wanted = {"to_date": "a grain, such as year", "at_period": "start of or end of a grain, such as end of year"}
    return formula_error(
        f"The second operand of {call.name} is {wanted.get(call.name, 'a length of time, such as 28 days')}, not "
        f"{write(argument)}.",
        argument.span,
        remedy=f"Write it as {CELL_FUNCTIONS[call.name].example}.",
    )


def _check_share(call: Call, operand: Expression) -> None:
    """Refuse the share of a place: places have no total."""
    if "rank" in _comparisons(operand):
        raise formula_error(
            "share_of_total of rank has no meaning: places have no total.",
            call.arguments[0].span,
            remedy="Rank the shares instead: rank(share_of_total(...)).",
        )


def _check_window(call: Call, operand: Expression) -> None:
    """Refuse a window over what has no states to merge: stocks, and values that compare cells."""
    place = call.arguments[0]
    compared = next(_comparisons(operand), None)
    if compared is not None:
        raise formula_error(
            f"{call.name} of {compared} has no meaning: it does not add up over a window.",
            place.span,
            remedy=f"Take the window first: {compared}({call.name}(...)).",
        )
    for leaf in leaves_of(operand):
        if isinstance(leaf, TimeAverage) or (isinstance(leaf, Term) and (leaf.at or leaf.function in _SETS)):
            raise formula_error(
                f"{leaf.label} is a stock: it is asked at an instant, not over a window.",
                place.span,
                remedy="A mean over the days of a period is time_avg(...).",
            )


def _comparisons(expression: Expression) -> Iterator[str]:
    if isinstance(expression, Operation):
        if expression.operator in {"rank", "growth_of"}:
            yield {"rank": "rank", "growth_of": "growth"}[expression.operator]
        for operand in expression.operands:
            yield from _comparisons(operand)
    elif isinstance(expression, Term | TimeAverage) and expression.total:
        yield "share_of_total"
