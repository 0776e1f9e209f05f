"""Is a KPI right? Everything that can be known of it before it is asked: meaning, type, unit, what it reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from analytics_engine.errors import FormulaError, QueryError
from analytics_engine.kpi.formula.conversion import convert
from analytics_engine.kpi.formula.currency import RATE_ATTRIBUTES, RATES
from analytics_engine.kpi.formula.extent import check_extent
from analytics_engine.kpi.formula.layout import write
from analytics_engine.kpi.formula.parser import parse
from analytics_engine.kpi.formula.paths import Paths
from analytics_engine.kpi.formula.resolve import Resolver
from analytics_engine.kpi.formula.syntax import LiteralValue, Node, Path, children
from analytics_engine.kpi.formula.tokens import Span, formula_error
from analytics_engine.kpi.formula.typed import Child, Column, Expression, Parameter, Rate, Term, terms_of, walk
from analytics_engine.kpi.model.catalog import Catalog
from analytics_engine.kpi.model.kpi import Kpi, KpiParameter
from analytics_engine.kpi.model.object_model import DataType, Nature, ObjectModel
from analytics_engine.kpi.model.units import Unit

_NOWHERE = Span(1, 1)
"""The place of what is wrong outside of the formula's text."""


@dataclass(frozen=True)
class CheckedKpi:
    """A KPI's meaning.

    Args:
        expression: arithmetic over terms, other KPIs written in.
        formula: the formula in its standard layout.
        kpis: codes of the KPIs it refers to, directly.
        attributes: what it reads, as ``object_model.attribute``, keys of the joins included: the minimal set.
    """

    expression: Expression
    formula: str
    type: DataType
    unit: Unit
    terms: tuple[Term, ...]
    kpis: tuple[str, ...]
    object_models: tuple[str, ...]
    attributes: tuple[str, ...]


class KpiChecker:
    """Checks the KPIs of one catalog, each once."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.paths = Paths(catalog)
        self.resolver = Resolver(catalog, self.paths, self._referred)
        self._checked: dict[str, CheckedKpi] = {}
        self._open: list[str] = []

    def kpi(self, code: str) -> CheckedKpi:
        """Return a KPI's meaning.

        Raises:
            KpiNotFound: there is none of this code.
            FormulaError: its formula, or one it refers to, is wrong; ``kpi`` names whose.
        """
        if code not in self._checked:
            self._checked[code] = self._check_named(self.catalog.kpi(code).definition)
        return self._checked[code]

    def definition(self, kpi: Kpi) -> CheckedKpi:
        """Return the meaning of a KPI that is not in the catalog yet, or is being changed."""
        return self._check_named(kpi)

    def formula(
        self,
        text: str,
        *,
        condition: str = "",
        code: str | None = None,
        parameters: Sequence[KpiParameter] = (),
    ) -> CheckedKpi:
        """Return the meaning of a formula; ``code`` is the KPI it is written for, so that a cycle is found."""
        if code is not None:
            self._open.append(code)
        try:
            return self._check(text, condition, parameters)
        finally:
            if code is not None:
                self._open.pop()

    def _check_below(self, tree: Node) -> None:
        """Check the KPIs a formula leads to, the deepest first: chains of any length need no deep stack.

        One that refers back to a KPI which is open is checked with that one open, and so is refused.
        """
        waiting = [self._unchecked(tree)]
        opened = len(self._open)
        try:
            while waiting:
                code = next(waiting[-1], None)
                if code is not None:
                    waiting.append(self._unchecked_of(code))
                    self._open.append(code)
                    continue
                waiting.pop()
                if waiting:
                    self.kpi(self._open.pop())
        finally:
            del self._open[opened:]

    def _unchecked(self, tree: Node) -> Iterator[str]:
        for code in _single_names(tree):
            if self.catalog.has_kpi(code) and code not in self._checked and code not in self._open:
                yield code

    def _unchecked_of(self, code: str) -> Iterator[str]:
        try:
            tree = parse(self.catalog.kpi(code).definition.formula)
        except FormulaError:  # told when the KPI itself is checked, with its name
            return iter(())
        return self._unchecked(tree)

    def _check_named(self, kpi: Kpi) -> CheckedKpi:
        self._open.append(kpi.code)
        try:
            return self._check(kpi.formula, kpi.filter, kpi.parameters)
        except FormulaError as error:
            error.facts.setdefault("kpi", kpi.code)
            raise
        finally:
            self._open.pop()

    def _referred(self, code: str, span: Span) -> Expression:
        if code in self._open:
            cycle = " > ".join([*self._open[self._open.index(code) :], code])
            raise formula_error(
                f"The formula refers to itself: {cycle}.", span, remedy="Take one of these references out."
            )
        return self.kpi(code).expression

    def _check(self, text: str, condition: str, parameters: Sequence[KpiParameter]) -> CheckedKpi:
        resolver = self._resolver_with(parameters)
        tree = parse(text)
        self._check_below(tree)
        expression = resolver.cell(tree)
        if condition:
            expression = _with_condition(resolver, expression, condition)
        check_extent(expression, tree.span)
        terms = terms_of(expression)
        if not terms:
            raise formula_error(
                "The formula aggregates nothing, so it measures nothing.",
                tree.span,
                remedy="Use an aggregate such as count(order), or another KPI.",
            )
        if expression.type is None or not (expression.type.numeric or expression.type.temporal):
            raise formula_error(
                f"The formula gives {expression.type.value if expression.type else 'null'}, not a number or a time.",
                tree.span,
            )
        reads = _Reads(self.paths)
        for term in terms:
            reads.term(term)
        return CheckedKpi(
            expression=expression,
            formula=write(tree),
            type=expression.type,
            unit=expression.unit,
            terms=terms,
            kpis=tuple(dict.fromkeys(code for code in _single_names(tree) if self.catalog.has_kpi(code))),
            object_models=tuple(sorted(reads.models)),
            attributes=tuple(sorted(reads.attributes)),
        )

    def _resolver_with(self, parameters: Sequence[KpiParameter]) -> Resolver:
        if not parameters:
            return self.resolver
        known: dict[str, Parameter] = {}
        for declared in parameters:
            if declared.name in known:
                raise formula_error(f"The parameter {declared.name} is declared twice.", _NOWHERE)
            known[declared.name] = _parameter(declared)
        return Resolver(self.catalog, self.paths, self._referred, known.get)


def _with_condition(resolver: Resolver, expression: Expression, condition: str) -> Expression:
    try:
        return resolver.filtered(expression, parse(condition))
    except FormulaError as error:
        error.facts["place"] = "filter"
        raise


def _parameter(declared: KpiParameter) -> Parameter:
    """Return a parameter with its default in its own type; that of a float is kept as it is written."""
    value: LiteralValue = declared.default
    try:
        converted = convert(value, declared.type)
        unit = Unit.parse(declared.unit)
    except QueryError as error:
        raise formula_error(
            f"The default {value!r} of the parameter {declared.name} is no {declared.type.value}.",
            _NOWHERE,
            remedy=error.remedy,
        ) from error
    except ValueError as error:
        raise formula_error(f"The parameter {declared.name}: {error}.", _NOWHERE) from error
    if not isinstance(converted, float):
        value = converted
    return Parameter(declared.name, declared.type, unit, value)


class _Reads:
    """What terms read: object models, and attributes as ``object_model.attribute``, keys of the joins included."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self.models: set[str] = set()
        self.attributes: set[str] = set()

    def term(self, term: Term) -> None:
        model = self._paths.model(term.model)
        self._rows(model, term)
        self._named(model, _beside(term, model))

    def _named(self, model: ObjectModel, names: Iterable[str | None]) -> None:
        self.attributes.update(f"{model.code}.{name}" for name in names if name is not None)

    def _rows(self, model: ObjectModel, expression: Expression) -> None:
        self.models.add(model.code)
        for part in walk(expression):
            match part:
                case Column():
                    end = self._along(model, part.relations)
                    self.attributes.add(f"{end.code}.{part.attribute}")
                case Rate():
                    self.models.add(RATES)
                    self.attributes.update(f"{RATES}.{name}" for name in RATE_ATTRIBUTES)
                case Child():
                    self._child(model, part)
                case _:
                    pass

    def _child(self, model: ObjectModel, child: Child) -> None:
        owner = self._along(model, child.relations)
        there = self._paths.model(child.model)
        for here, key in child.keys:
            self.attributes.update({f"{owner.code}.{here}", f"{there.code}.{key}"})
        self.models.add(there.code)
        for part in (child.argument, child.where, child.anchor):
            if part is not None:
                self._rows(there, part)
        if child.since is not None:
            self._rows(model, child.since)
            self._named(model, model.key)
        if child.at is not None:
            self._named(there, _held(there))

    def _along(self, model: ObjectModel, route: tuple[str, ...]) -> ObjectModel:
        here = model
        for name in route:
            step = self._paths.step(here, name)
            assert step is not None
            there = self._paths.model(step.target)
            for source, key in step.pairs:
                self.attributes.update({f"{here.code}.{source}", f"{there.code}.{key}"})
            if step.as_of is not None:
                self.attributes.update({f"{here.code}.{step.as_of}", f"{there.code}.{there.valid_from}"})
                self.attributes.add(f"{there.code}.{there.valid_to}")
            here = there
            self.models.add(here.code)
        return here


_OF_THINGS = frozenset({"lost", "kept", "gained", "prorate"})
_OF_ORDER = frozenset({"first", "last", "time_weighted_avg"})


def _held(model: ObjectModel) -> Iterable[str | None]:
    """Return what says how long a row holds: where it ends, or which rows are of one series."""
    match model.nature:
        case Nature.INTERVAL:
            return (model.valid_from, model.valid_to)
        case Nature.SNAPSHOT:
            return (model.time_attribute, *model.series)
        case _:
            return ()


def _beside(term: Term, model: ObjectModel) -> Iterable[str | None]:
    """Return what a term reads beside its operands and conditions: how long rows hold, and keys where order counts."""
    moment = model.valid_from if model.nature is Nature.INTERVAL else model.time_attribute
    held = term.at is not None and not term.anchor.relations and term.anchor.attribute == moment
    ordered = term.pick is not None or term.function in _OF_ORDER
    return (*(_held(model) if held or term.function in _OF_THINGS else ()), *(model.key if ordered else ()))


def check_kpi(catalog: Catalog, kpi: Kpi) -> CheckedKpi:
    """Return the meaning of a KPI within a catalog, which need not hold it yet.

    Raises:
        FormulaError: the formula or the filter is wrong, with line, column, reason and remedy.
    """
    return KpiChecker(catalog).definition(kpi)


def _single_names(node: Node) -> Iterator[str]:
    if isinstance(node, Path) and len(node.parts) == 1:
        yield node.parts[0]
    for part in children(node):
        yield from _single_names(part)
