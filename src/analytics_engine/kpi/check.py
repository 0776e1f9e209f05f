"""Is a KPI right? Everything that can be known of it before it is asked: meaning, type, unit, what it reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from analytics_engine.errors import FormulaError
from analytics_engine.kpi.formula.layout import write
from analytics_engine.kpi.formula.parser import parse
from analytics_engine.kpi.formula.paths import Paths
from analytics_engine.kpi.formula.resolve import Resolver
from analytics_engine.kpi.formula.syntax import Call, Modified, Node, Operation, Path
from analytics_engine.kpi.formula.tokens import Span, formula_error
from analytics_engine.kpi.formula.typed import Column, Expression, Term, terms_of, walk
from analytics_engine.kpi.model.catalog import Catalog
from analytics_engine.kpi.model.kpi import Kpi
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.model.units import Unit


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
        self.resolver = Resolver(catalog, self._referred)
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

    def formula(self, text: str, *, condition: str = "", code: str | None = None) -> CheckedKpi:
        """Return the meaning of a formula; ``code`` is the KPI it is written for, so that a cycle is found."""
        if code is not None:
            self._open.append(code)
        try:
            return self._check(text, condition)
        finally:
            if code is not None:
                self._open.pop()

    def _check_named(self, kpi: Kpi) -> CheckedKpi:
        self._open.append(kpi.code)
        try:
            return self._check(kpi.formula, kpi.filter)
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

    def _check(self, text: str, condition: str) -> CheckedKpi:
        tree = parse(text)
        expression = self.resolver.cell(tree)
        if condition:
            expression = self._with_condition(expression, condition)
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
        models, attributes = self._reads(terms)
        return CheckedKpi(
            expression=expression,
            formula=write(tree),
            type=expression.type,
            unit=expression.unit,
            terms=terms,
            kpis=tuple(dict.fromkeys(code for code in _single_names(tree) if self.catalog.has_kpi(code))),
            object_models=models,
            attributes=attributes,
        )

    def _with_condition(self, expression: Expression, condition: str) -> Expression:
        try:
            return self.resolver.filtered(expression, parse(condition))
        except FormulaError as error:
            error.facts["place"] = "filter"
            raise

    def _reads(self, terms: tuple[Term, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        models: set[str] = set()
        attributes: set[str] = set()
        for term in terms:
            models.add(term.model)
            for part in walk(term):
                if isinstance(part, Column):
                    self._read_column(term.model, part, models, attributes)
        return tuple(sorted(models)), tuple(sorted(attributes))

    def _read_column(self, model: str, column: Column, models: set[str], attributes: set[str]) -> None:
        here = self.paths.model(model)
        for name in column.relations:
            relation = here.relation(name)
            assert relation is not None
            attributes.update(f"{here.code}.{source}" for source in relation.on)
            attributes.update(f"{relation.target}.{key}" for key in relation.on.values())
            here = self.paths.model(relation.target)
            models.add(here.code)
        attributes.add(f"{here.code}.{column.attribute}")


def check_kpi(catalog: Catalog, kpi: Kpi) -> CheckedKpi:
    """Return the meaning of a KPI within a catalog, which need not hold it yet.

    Raises:
        FormulaError: the formula or the filter is wrong, with line, column, reason and remedy.
    """
    return KpiChecker(catalog).definition(kpi)


def _single_names(node: Node) -> Iterator[str]:
    match node:
        case Path(parts) if len(parts) == 1:
            yield parts[0]
        case Operation(operands=parts) | Call(arguments=parts):
            for part in parts:
                yield from _single_names(part)
        case Modified(base=base):
            yield from _single_names(base)
        case _:
            return
