"""Is a formula right, and what can a KPI be cut by?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analytics_engine.contracts.calculation import (
    DimensionChoice,
    DimensionChoices,
    FormulaProblem,
    ValidateRequest,
    Validation,
)
from analytics_engine.errors import FormulaError
from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.formula.parser import parse
from analytics_engine.kpi.formula.typed import Term
from analytics_engine.kpi.model.object_model import ObjectModel
from analytics_engine.services.calculation_engine_service.labels import dimension_label

_DEEPEST = 2
"""How many relations away a dimension is offered; others can be asked by name."""


def validate(checker: KpiChecker, request: ValidateRequest) -> Validation:
    """Return what a formula is.

    Raises:
        FormulaError: it is wrong.
    """
    checked = checker.formula(
        request.formula, condition=request.filter, code=request.code, parameters=request.parameters
    )
    return Validation(
        valid=True,
        unit=str(checked.unit),
        type=checked.type,
        object_models=checked.object_models,
        attributes=checked.attributes,
        kpis=checked.kpis,
        formula=checked.formula,
    )


def mistaken(error: FormulaError) -> Validation:
    """Return what is wrong with a formula, and where."""
    problem = FormulaProblem(
        detail=error.detail,
        remedy=error.remedy,
        line=error.facts.get("line", 1),
        column=error.facts.get("column", 1),
        place=error.facts.get("place", "formula"),
        kpi=error.facts.get("kpi"),
    )
    return Validation(valid=False, problems=(problem,))


def dimensions(checker: KpiChecker, codes: Sequence[str]) -> DimensionChoices:
    """Return what all these KPIs can be cut by together: attributes that every term reaches.

    Raises:
        KpiNotFound: one of them is unknown.
    """
    terms = list(dict.fromkeys(term for code in codes for term in checker.kpi(code).terms))
    root = checker.paths.model(terms[0].model)
    offered = [choice for choice in _reachable(checker, root) if _fits(checker, choice.name, terms)]
    return DimensionChoices(dimensions=tuple(offered))


def _reachable(checker: KpiChecker, root: ObjectModel, route: tuple[str, ...] = ()) -> Iterator[DimensionChoice]:
    here = checker.paths.end_of(root, route)
    for attribute in here.attributes:
        name = ".".join((root.code, *route, attribute.name))
        yield DimensionChoice(
            name=name, label=dimension_label(name), type=attribute.type, description=attribute.description,
            object_model=here.code,
        )  # fmt: skip
    if len(route) < _DEEPEST:
        for relation in here.relations:
            if checker.paths.has_model(relation.target):
                yield from _reachable(checker, root, (*route, relation.name))


def _fits(checker: KpiChecker, name: str, terms: Sequence[Term]) -> bool:
    node = parse(name)
    for term in terms:
        try:
            checker.resolver.row(node, checker.paths.model(term.model), term.via)
        except FormulaError:
            return False
    return True
