"""Scalars over aggregates, for every place that combines them: formulas of KPIs, and conditions of having."""

from __future__ import annotations

from collections.abc import Callable

from analytics_engine.kpi.formula.applying import apply_scalar, check_scalar, is_aggregate, written
from analytics_engine.kpi.formula.row_resolver import RowResolver
from analytics_engine.kpi.formula.syntax import Call, DurationLiteral, Literal, Modified, Node, Operation
from analytics_engine.kpi.formula.syntax import Parameter as ParameterName
from analytics_engine.kpi.formula.tokens import formula_error
from analytics_engine.kpi.formula.typed import Expression

TermOf = Callable[[Call, Modified], Expression]


def over_aggregates(
    node: Node, term: TermOf, rows: RowResolver, other: Callable[[Node], Expression | None] = lambda _: None
) -> Expression:
    """Return arithmetic over aggregates; ``term`` gives each aggregate, ``other`` what else the place allows.

    Raises:
        FormulaError: a name, type or unit is wrong.
    """

    def resolved(part: Node) -> Expression:
        found = other(part)
        if found is not None:
            return found
        match part:
            case Literal() | DurationLiteral():
                return written(part)
            case ParameterName():
                return rows.parameter(part)
            case Modified(base=Call() as call) if is_aggregate(call):
                return term(call, part)
            case Call() if is_aggregate(part):
                return term(part, Modified(part, span=part.span))
            case Call(name, arguments):
                check_scalar(part)
                return apply_scalar(name, [resolved(argument) for argument in arguments], arguments)
            case Operation(operator, operands):
                return apply_scalar(operator, [resolved(operand) for operand in operands], operands)
            case _:
                raise formula_error("A value of the cell is needed here, such as an aggregate.", part.span)

    return resolved(node)
