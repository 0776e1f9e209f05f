"""What a question's dimensions and filters are, seen from the rows of each term's object model, or why they are not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from analytics_engine.errors import FormulaError, QueryError
from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.formula.currency import in_base_currency
from analytics_engine.kpi.formula.parser import parse
from analytics_engine.kpi.formula.syntax import Node
from analytics_engine.kpi.formula.tokens import shown
from analytics_engine.kpi.formula.typed import (
    Column,
    Constant,
    Expression,
    Given,
    Operation,
    Term,
    conjunction,
    depends_on_period,
)
from analytics_engine.kpi.formula.typing import TypeMistake, comparison
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.plan.question import FilterShape, Question


@dataclass(frozen=True, slots=True)
class View:
    """A question's dimensions and its condition, seen from one object model."""

    dimensions: tuple[Expression, ...]
    condition: Expression | None


class Views:
    """Sees one question from each object model, each once; collects the values the question brings."""

    def __init__(self, checker: KpiChecker, question: Question) -> None:
        self.checker = checker
        self._question = question
        self._dimensions = [(name, _parse(name, "dimension")) for name in question.dimensions]
        self._filters = [(shape, _parse(shape.attribute, "filter")) for shape in question.filters]
        self._where = [_parse(text, "where") for text in question.where if text]
        self._givens: dict[int, Given] = {}
        self._views: dict[tuple[str, Column, tuple[str, ...]], View] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the dimensions in the order of a view's."""
        return self._question.dimensions + tuple(f"{top.dimension} rest" for top in self._question.top)

    @property
    def grain(self) -> str | None:
        """The grain of the question."""
        return self._question.grain

    @property
    def givens(self) -> tuple[Given, ...]:
        """The values the question brings to its views, in their order."""
        return tuple(self._givens[position] for position in sorted(self._givens))

    def of(self, term: Term) -> View:
        """Return the question as a term's rows see it.

        Raises:
            QueryError: a dimension or filter cannot be reached from there.
        """
        key = (term.model, term.anchor, term.via)
        if key not in self._views:
            self._views[key] = View(tuple(self._cut(term)), self._condition(term))
        return self._views[key]

    def _cut(self, term: Term) -> Iterator[Expression]:
        seen = {name: self._dimension(name, node, term) for name, node in self._dimensions}
        position = self._first_of_top()
        rests: list[Expression] = []
        for top in self._question.top:
            member = seen[top.dimension]
            assert member.type is not None
            givens = [self._given(position + offset, member.type, member) for offset in range(top.values)]
            position += top.values
            shown = _one_of(member, givens, null=top.null)
            seen[top.dimension] = Operation("case", (shown, member), member.type, member.unit)
            rests.append(
                Operation(
                    "case", (shown, Constant(0, DataType.INTEGER), Constant(1, DataType.INTEGER)), DataType.INTEGER
                )
            )
        yield from seen.values()
        yield from rests

    def _first_of_top(self) -> int:
        question = self._question
        before = sum(shape.values for shape in question.filters)
        return before + sum(condition.values for condition in question.value_filters)

    def _dimension(self, name: str, node: Node, term: Term) -> Expression:
        seen = self._seen(node, term, f"dimension {name}")
        if seen.type is None:
            raise QueryError(f"The dimension {name} has no type.", remedy="Name an attribute.")
        if depends_on_period(seen):
            raise QueryError(
                f"The dimension {name} depends on the period, so it does not cut rows.",
                remedy="Name an attribute, or a part of a date.",
            )
        return seen

    def _seen(self, node: Node, term: Term, what: str) -> Expression:
        """Return an expression over rows, seen from a term's object model, or refuse the question."""
        model = self.checker.paths.model(term.model)
        try:
            seen = self.checker.resolver.row(node, model, term.via)
            return in_base_currency(self.checker.paths, seen, model, anchor=term.anchor, span=node.span)
        except FormulaError as error:
            raise QueryError(
                f"The {what} does not fit the term {term.label}: {error.detail}",
                remedy=error.remedy or f"Leave it out, or ask this KPI on its own (rows of {term.model}).",
                term=term.label,
                object_model=term.model,
            ) from error

    def _condition(self, term: Term) -> Expression | None:
        conditions: list[Expression] = []
        position = 0
        for shape, node in self._filters:
            attribute = self._seen(node, term, f"filter {shape.attribute}")
            conditions.append(self._filter(shape, attribute, position))
            position += shape.values
        conditions += [self._where_condition(node, term) for node in self._where]
        return conjunction(*conditions) if conditions else None

    def _given(self, position: int, kind: DataType, like: Expression) -> Given:
        return self._givens.setdefault(position, Given(position, kind, like.unit))

    def _filter(self, shape: FilterShape, attribute: Expression, position: int) -> Expression:
        kind = attribute.type
        if kind is None:
            raise QueryError(f"The filter {shape.attribute} has no type.")
        givens = tuple(self._given(position + offset, kind, attribute) for offset in range(shape.values))
        try:
            comparison((attribute, *givens))
        except TypeMistake as mistake:
            raise QueryError(f"The filter {shape.attribute}: {mistake.detail}", remedy=mistake.remedy) from mistake
        condition = Operation(shape.operator, (attribute, *givens), DataType.BOOLEAN)
        return Operation("not", (condition,), DataType.BOOLEAN) if shape.negated else condition

    def _where_condition(self, where: Node, term: Term) -> Expression:
        condition = self._seen(where, term, "condition of where")
        if condition.type not in {DataType.BOOLEAN, None}:
            raise QueryError("where is not a condition.", remedy="Compare something, such as flight.distance > 500.")
        return condition


def _one_of(member: Expression, givens: list[Given], *, null: bool) -> Expression:
    tests: list[Expression] = []
    if givens:
        tests.append(Operation("in", (member, *givens), DataType.BOOLEAN))
    if null or not givens:
        test = Operation("is_null", (member,), DataType.BOOLEAN)
        tests.append(
            test if null else Operation("and", (test, Constant(value=False, type=DataType.BOOLEAN)), DataType.BOOLEAN)
        )
    return tests[0] if len(tests) == 1 else Operation("or", tuple(tests), DataType.BOOLEAN)


def _parse(text: str, what: str) -> Node:
    try:
        return parse(text)
    except FormulaError as error:
        raise QueryError(f"The {what} {shown(text)!r}: {error.detail}", remedy=error.remedy, **error.facts) from error
