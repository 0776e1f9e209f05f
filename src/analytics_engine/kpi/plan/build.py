"""A question to a plan: resolve its names, share its scans, place each scan. Pure, and cached by shape."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from analytics_engine.errors import FormulaError, QueryError
from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.formula.parser import parse
from analytics_engine.kpi.formula.syntax import Node
from analytics_engine.kpi.formula.typed import Column, Expression, Given, Operation, Term, conjunction
from analytics_engine.kpi.formula.typing import TypeMistake, comparison
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.model.suggest import did_you_mean
from analytics_engine.kpi.plan.plan import Dimension, Measure, Place, Plan, Scan, columns_of
from analytics_engine.kpi.plan.question import FilterShape, Question
from analytics_engine.kpi.states.catalogue import rows_of, states_of


def build_plan(checker: KpiChecker, question: Question) -> Plan:
    """Return how a question is answered.

    Raises:
        KpiNotFound: a KPI is unknown.
        FormulaError: a KPI's formula, or the question's ``where``, is wrong.
        QueryError: a dimension or filter does not fit one of the terms, or the order names what is not asked.
    """
    return _Builder(checker, question).plan()


@dataclass(frozen=True, slots=True)
class _View:
    """What the question's dimensions and filters are, seen from the rows of one term's object model."""

    dimensions: tuple[Expression, ...]
    condition: Expression | None


class _Builder:
    def __init__(self, checker: KpiChecker, question: Question) -> None:
        self._checker = checker
        self._question = question
        self._dimensions = [(name, _parse(name, "dimension")) for name in question.dimensions]
        self._filters = [(shape, _parse(shape.attribute, "filter")) for shape in question.filters]
        self._where = _parse(question.where, "where") if question.where else None
        self._givens: dict[int, Given] = {}
        self._views: dict[tuple[str, tuple[str, ...]], _View] = {}

    def plan(self) -> Plan:
        measures = tuple(self._measure(code) for code in dict.fromkeys(self._question.kpis))
        terms = tuple(dict.fromkeys(term for measure in measures for term in measure.terms))
        scans = tuple(self._scans(terms))
        self._check_order(measures)
        return Plan(
            measures=measures,
            grain=self._question.grain,
            dimensions=tuple(
                Dimension(name, self._type_of(scans, index)) for index, name in enumerate(self._question.dimensions)
            ),
            scans=scans,
            order=self._question.order,
            givens=tuple(self._givens[position] for position in sorted(self._givens)),
            reads=tuple(sorted({model for scan in scans for model in self._read_by(scan)})),
        )

    # --- resolve ----------------------------------------------------------------------------------------------

    def _measure(self, code: str) -> Measure:
        checked = self._checker.kpi(code)
        found = self._checker.catalog.kpi(code)
        return Measure(found.definition, found.version, checked.expression, checked.type, checked.unit, checked.terms)

    def _view(self, term: Term) -> _View:
        key = (term.model, term.via)
        if key not in self._views:
            self._views[key] = _View(
                tuple(self._seen(node, term, f"dimension {name}") for name, node in self._dimensions),
                self._condition(term),
            )
        return self._views[key]

    def _seen(self, node: Node, term: Term, what: str) -> Expression:
        """Return an expression over rows, seen from a term's object model, or refuse the question."""
        model = self._checker.paths.model(term.model)
        try:
            return self._checker.resolver.row(node, model, term.via)
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
        if self._where is not None:
            conditions.append(self._where_condition(self._where, term))
        return conjunction(*conditions) if conditions else None

    def _filter(self, shape: FilterShape, attribute: Expression, position: int) -> Expression:
        kind = attribute.type
        if kind is None:
            raise QueryError(f"The filter {shape.attribute} has no type.")
        givens = tuple(Given(position + offset, kind, attribute.unit) for offset in range(shape.values))
        for given in givens:
            self._givens[given.position] = given
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

    def _type_of(self, scans: tuple[Scan, ...], index: int) -> DataType:
        kinds = {scan.dimensions[index].type for scan in scans}
        name = self._question.dimensions[index]
        if len(kinds) != 1:
            listed = ", ".join(sorted(str(kind) for kind in kinds))
            raise QueryError(f"The dimension {name} has several types: {listed}.")
        kind = kinds.pop()
        if kind is None:
            raise QueryError(f"The dimension {name} has no type.", remedy="Name an attribute.")
        return kind

    # --- share ------------------------------------------------------------------------------------------------

    def _scans(self, terms: Iterable[Term]) -> Iterable[Scan]:
        shared: dict[tuple[str, Column, _View], list[Term]] = {}
        for term in terms:
            self._check_grain(term)
            shared.setdefault((term.model, term.anchor, self._view(term)), []).append(term)
        for (model, anchor, view), members in shared.items():
            states = (state for term in members for state in (*states_of(term), rows_of(term)))
            yield Scan(
                model=model,
                anchor=anchor,
                dimensions=view.dimensions,
                condition=view.condition,
                terms=tuple(members),
                states=tuple(dict.fromkeys(states)),
                place=self._place(model),
            )

    def _check_grain(self, term: Term) -> None:
        grain = self._question.grain
        if term.anchor.type is DataType.DATE and grain is not None and grain.finer_than_day:
            raise QueryError(
                f"The term {term.label} is dated by days ({term.anchor}), so it has no {grain.value} values.",
                remedy="Ask by day or coarser.",
                term=term.label,
            )

    def _read_by(self, scan: Scan) -> Iterator[str]:
        root = self._checker.paths.model(scan.model)
        for column in columns_of(scan):
            for length in range(len(column.relations) + 1):
                yield self._checker.paths.end_of(root, column.relations[:length]).code

    # --- place ------------------------------------------------------------------------------------------------

    def _place(self, model_code: str) -> Place:
        binding = self._checker.paths.model(model_code).bound_to
        return Place(
            name="raw",
            schema=binding.schema_name,
            table=binding.table,
            client_column=binding.client_column,
            reason=f"{model_code} has no rollup, so its rows are read",
        )

    def _check_order(self, measures: tuple[Measure, ...]) -> None:
        known = ["period", *self._question.dimensions, *(measure.definition.code for measure in measures)]
        for order in self._question.order:
            if order.by not in known:
                raise QueryError(
                    f"The order names {order.by!r}, which the question does not ask for.",
                    remedy=did_you_mean(order.by, known) or f"Sort by one of: {', '.join(known)}.",
                )


def _parse(text: str, what: str) -> Node:
    try:
        return parse(text)
    except FormulaError as error:
        raise QueryError(f"The {what} {text!r}: {error.detail}", remedy=error.remedy, **error.facts) from error
