"""Which rows count: filters, segments and conditions of a query, as the engine asks for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analytics_engine.contracts.calculation import AttributeFilter, Conditions, FilterOperator, FilterValue, ValueFilter
from analytics_engine.errors import FormulaError, QueryError
from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.formula.parser import parse
from analytics_engine.kpi.formula.syntax import Path
from analytics_engine.kpi.model.object_model import Segment
from analytics_engine.kpi.model.suggest import did_you_mean
from analytics_engine.kpi.plan.question import FilterShape
from analytics_engine.kpi.plan.question import ValueFilter as ValueShape

_OPERATORS: dict[FilterOperator, tuple[str, bool]] = {
    FilterOperator.EQUAL: ("equal", False),
    FilterOperator.NOT_EQUAL: ("not_equal", False),
    FilterOperator.LESS: ("less", False),
    FilterOperator.LESS_OR_EQUAL: ("less_or_equal", False),
    FilterOperator.GREATER: ("greater", False),
    FilterOperator.GREATER_OR_EQUAL: ("greater_or_equal", False),
    FilterOperator.IN: ("in", False),
    FilterOperator.NOT_IN: ("in", True),
    FilterOperator.IS_NULL: ("is_null", False),
    FilterOperator.IS_NOT_NULL: ("is_not_null", False),
}
"""Each operator's name in the function catalogue, and whether it is turned round."""


def filter_shapes(filters: Sequence[AttributeFilter]) -> tuple[FilterShape, ...]:
    """Return the shapes of filters on attributes.

    Raises:
        QueryError: one has too few or too many values for its operator.
    """
    return tuple(FilterShape(each.attribute, *_shape(each.attribute, each)) for each in filters)


def value_shapes(filters: Sequence[ValueFilter]) -> tuple[ValueShape, ...]:
    """Return the shapes of filters on values.

    Raises:
        QueryError: as ``filter_shapes``.
    """
    return tuple(ValueShape(each.kpi, *_shape(each.kpi, each)) for each in filters)


def _shape(name: str, condition: AttributeFilter | ValueFilter) -> tuple[str, int, bool]:
    count = len(condition.values)
    match condition.operator:
        case FilterOperator.IS_NULL | FilterOperator.IS_NOT_NULL:
            wanted, fits = "none", count == 0
        case FilterOperator.IN | FilterOperator.NOT_IN:
            wanted, fits = "at least one", count > 0
        case _:
            wanted, fits = "one", count == 1
    if not fits:
        raise QueryError(
            f"The filter {name} {condition.operator.value} takes {wanted} value, not {count}.",
            remedy="Correct its list of values.",
        )
    operator, negated = _OPERATORS[condition.operator]
    return operator, count, negated


def values_of(filters: Sequence[AttributeFilter | ValueFilter]) -> tuple[FilterValue, ...]:
    """Return the values of filters, in their order."""
    return tuple(value for condition in filters for value in condition.values)


def where_of(checker: KpiChecker, conditions: Conditions) -> tuple[str, ...]:
    """Return the conditions in the KPI language that all rows must meet, segments by their names.

    Raises:
        QueryError: a segment is none.
    """
    for segment in conditions.segments:
        _check_segment(checker, segment)
    return ((conditions.where,) if conditions.where.strip() else ()) + conditions.segments


def _check_segment(checker: KpiChecker, name: str) -> None:
    known = list(_segments(checker))
    if name not in known and not _leads_to_segment(checker, name):
        listed = f"The segments are {', '.join(known)}." if known else "No object model has segments; use where."
        raise QueryError(f"There is no segment {name!r}.", remedy=did_you_mean(name, known) or listed, segment=name)


def _leads_to_segment(checker: KpiChecker, name: str) -> bool:
    """Return whether a name leads along relations to a segment, such as ``order_line.order.heavy``."""
    try:
        node = parse(name)
        if not isinstance(node, Path) or len(node.parts) == 1 or not checker.catalog.has_object_model(node.parts[0]):
            return False
        found = checker.paths.find(checker.paths.model(node.parts[0]), node.parts[1:], node.span)
    except FormulaError:
        return False
    return isinstance(found.member, Segment)


def _segments(checker: KpiChecker) -> Iterator[str]:
    for version in checker.catalog.object_models:
        for segment in version.definition.segments:
            yield f"{version.definition.code}.{segment.name}"
