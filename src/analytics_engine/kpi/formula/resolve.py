"""The syntax tree to the typed tree: names, types and units are settled here, or refused with their place."""

from __future__ import annotations

from collections.abc import Callable

from analytics_engine.errors import FormulaError
from analytics_engine.kpi.formula.applying import ParameterLookup, check_period, check_plain, is_aggregate
from analytics_engine.kpi.formula.cell_operations import over_aggregates
from analytics_engine.kpi.formula.currency import in_base_currency
from analytics_engine.kpi.formula.functions import CELL_FUNCTIONS
from analytics_engine.kpi.formula.layout import write
from analytics_engine.kpi.formula.over_time import over_time
from analytics_engine.kpi.formula.paths import Paths, Route
from analytics_engine.kpi.formula.row_resolver import RowResolver
from analytics_engine.kpi.formula.syntax import Call, Modified, Node, Path
from analytics_engine.kpi.formula.term_resolver import TermResolver
from analytics_engine.kpi.formula.tokens import Span, formula_error
from analytics_engine.kpi.formula.typed import Column, Expression, PeriodDays, Term, map_terms, terms_of
from analytics_engine.kpi.model.catalog import Catalog
from analytics_engine.kpi.model.object_model import ObjectModel
from analytics_engine.kpi.model.suggest import did_you_mean
from analytics_engine.kpi.model.units import Unit

KpiLookup = Callable[[str, Span], Expression]
"""Gives the typed expression of another KPI by its code."""


class Resolver:
    """Gives formulas their meaning, over the object models of one catalog."""

    def __init__(
        self, catalog: Catalog, paths: Paths, kpi_lookup: KpiLookup, parameter: ParameterLookup = lambda _: None
    ) -> None:
        self._catalog = catalog
        self._paths = paths
        self._kpi_lookup = kpi_lookup
        self._rows = RowResolver(self._paths, parameter)
        self._terms = TermResolver(catalog, self._paths, self._rows)

    def cell(self, node: Node) -> Expression:
        """Return a formula's meaning: arithmetic over terms and other KPIs.

        Raises:
            FormulaError: a name, type or unit is wrong; the error names the place and the remedy.
        """
        return over_aggregates(node, self._terms.term, self._rows, self._beyond_arithmetic)

    def row(self, node: Node, model: ObjectModel, via: Route = ()) -> Expression:
        """Return the meaning of an expression over one row of an object model.

        Raises:
            FormulaError: as ``cell``.
        """
        return self._rows.row(node, model, via)

    def condition(self, node: Node, model: ObjectModel, via: Route = ()) -> Expression:
        """Return the meaning of a condition on one row of an object model."""
        return self._rows.condition(node, model, via)

    def filtered(self, expression: Expression, where: Node) -> Expression:
        """Return an expression whose every term only counts rows that meet a condition.

        Raises:
            FormulaError: the condition reads what some term cannot reach: no filter is dropped in silence.
        """
        if not terms_of(expression):
            raise formula_error(
                "There is no aggregate that this filter could apply to.", where.span, remedy="Leave it out."
            )
        text = write(where)
        seen: dict[tuple[str, Column, Route], Expression] = {}

        def only(term: Term) -> Term:
            key = (term.model, term.anchor, term.via)
            if key not in seen:
                model = self._paths.model(term.model)
                try:
                    condition = self._rows.condition(where, model, term.via)
                    seen[key] = in_base_currency(self._paths, condition, model, anchor=term.anchor, span=where.span)
                except FormulaError as error:
                    error.facts["term"] = term.label
                    raise
            return term.filtered(seen[key], text)

        return map_terms(expression, only)

    def _beyond_arithmetic(self, node: Node) -> Expression | None:
        """Return what a KPI's formula holds beside arithmetic over aggregates: KPIs, and functions over time."""
        match node:
            case Path(parts):
                return self._reference(parts, node.span)
            case Modified(base=base) if not is_aggregate(base):
                return self._modified_reference(node)
            case Call(name="days"):
                check_period(node)
                return PeriodDays(unit=Unit.parse("day"))
            case Call(name=name) if name in CELL_FUNCTIONS:
                check_plain(node)
                return over_time(node, self.cell)
            case _:
                return None

    def _reference(self, parts: tuple[str, ...], span: Span) -> Expression:
        if len(parts) == 1 and self._catalog.has_kpi(parts[0]):
            return self._kpi_lookup(parts[0], span)
        if self._paths.has_model(parts[0]):
            name = ".".join(parts)
            raise formula_error(
                f"{name} has a value in every row; a KPI needs one value for all of them.",
                span,
                remedy=f"Aggregate it, such as {self._example_of(parts, span)}.",
            )
        known = [kpi.definition.code for kpi in self._catalog.kpis]
        models = [model.definition.code for model in self._catalog.object_models]
        raise formula_error(
            f"There is no KPI or object model {parts[0]!r}.",
            span,
            remedy=did_you_mean(parts[0], [*known, *models]) or "Name a KPI by its code, or aggregate an attribute.",
        )

    def _example_of(self, parts: tuple[str, ...], span: Span) -> str:
        """Return aggregates that take what a name stands for."""
        name = ".".join(parts)
        if len(parts) == 1:
            return f"count({name})"
        kind = self._rows.row(Path(parts, span=span), self._paths.model(parts[0])).type
        if kind is None or kind.numeric:
            return f"sum({name}) or avg({name})"
        return f"min({name}) or max({name})" if kind.temporal else f"count(distinct {name})"

    def _modified_reference(self, node: Modified) -> Expression:
        if node.by is not None or node.via or node.at is not None:
            raise formula_error(
                "by, at and via belong to an aggregate, not to a KPI or a larger expression.",
                node.span,
                remedy="Put them behind the aggregate inside.",
            )
        assert node.where is not None
        return self.filtered(self.cell(node.base), node.where)
