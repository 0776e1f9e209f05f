"""A question to a plan: resolve its names, share its scans, place each scan. Pure, and cached by shape."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analytics_engine.errors import QueryError
from analytics_engine.kpi.check import CheckedKpi, KpiChecker
from analytics_engine.kpi.formula.tokens import LONGEST_NAME
from analytics_engine.kpi.formula.typed import PeriodDays, Term, TimeAverage, leaves_of
from analytics_engine.kpi.model.frames import Daily, EdgeOf
from analytics_engine.kpi.model.kpi import Kpi
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.model.suggest import did_you_mean
from analytics_engine.kpi.model.time import Grain
from analytics_engine.kpi.plan.bounds import check_measures, check_question, check_stages
from analytics_engine.kpi.plan.places import Places
from analytics_engine.kpi.plan.plan import Average, Dimension, Measure, Plan, Stage
from analytics_engine.kpi.plan.question import Question
from analytics_engine.kpi.plan.reading import read_by
from analytics_engine.kpi.plan.share import share
from analytics_engine.kpi.plan.views import Views
from analytics_engine.kpi.states.kept import Kept

_FINER_THAN_DAY = frozenset({Grain.SECOND, Grain.MINUTE, Grain.HOUR})


def build_plan(checker: KpiChecker, question: Question, kept: Sequence[Kept] = ()) -> Plan:
    """Return how a question is answered, from rollups where they have what is needed.

    Raises:
        KpiNotFound: a KPI is unknown.
        FormulaError: a KPI's formula, or the question's ``where``, is wrong.
        QueryError: a dimension or filter does not fit one of the terms, or the order names what is not asked.
    """
    check_question(question)
    measures = tuple(_measure(checker, text, question) for text in dict.fromkeys(question.kpis))
    check_measures(measures)
    views = Views(checker, question)
    places = Places(kept, checker.paths)
    leaves = tuple(dict.fromkeys(leaf for measure in measures for leaf in measure.leaves))
    for term in _terms(leaves):
        _check_grain(term, question)
    main = Stage(
        spine=(),
        scans=share([leaf for leaf in leaves if isinstance(leaf, Term)], (), views, places),
        terms=tuple(leaf for leaf in leaves if isinstance(leaf, Term)),
        days=tuple(leaf for leaf in leaves if isinstance(leaf, PeriodDays)),
    )
    averages = tuple(_average(leaf, views, places) for leaf in leaves if isinstance(leaf, TimeAverage))
    check_stages((main, *(average.stage for average in averages)))
    scans = [scan for stage in (main, *(average.stage for average in averages)) for scan in stage.scans]
    _check_names(question, measures)
    return Plan(
        measures=measures,
        grain=question.grain,
        dimensions=tuple(
            Dimension(name, _type_of(name, {scan.dimensions[index].type for scan in scans if not scan.total}))
            for index, name in enumerate(views.names)
        ),
        main=main,
        averages=averages,
        every_member=question.every_member,
        few=question.few,
        without_rest=tuple(
            len(question.dimensions) + number for number, top in enumerate(question.top) if not top.rest
        ),
        value_filters=question.value_filters,
        first_value_given=sum(shape.values for shape in question.filters),
        order=question.order,
        givens=views.givens,
        reads=tuple(sorted({model for scan in scans for model in read_by(checker.paths, scan)})),
    )


def _average(leaf: TimeAverage, views: Views, places: Places) -> Average:
    spine = (*leaf.frame, Daily())
    inner = leaves_of(leaf.operand)
    terms = tuple(part for part in inner if isinstance(part, Term))
    days = tuple(part for part in inner if isinstance(part, PeriodDays))
    return Average(leaf, Stage(spine, share(terms, spine, views, places, total=leaf.total), terms, days))


def _terms(leaves: tuple[object, ...]) -> Iterator[Term]:
    for leaf in leaves:
        if isinstance(leaf, Term):
            yield leaf
        elif isinstance(leaf, TimeAverage):
            yield from _terms(leaves_of(leaf.operand))


def _measure(checker: KpiChecker, text: str, question: Question) -> Measure:
    if checker.catalog.has_kpi(text) or (text.isidentifier() and len(text) <= LONGEST_NAME):
        checked = checker.kpi(text)
        found = checker.catalog.kpi(text)
        definition, version = found.definition, found.version
    else:
        checked = checker.formula(text)
        definition, version = _definition_of(checker, text, checked)
    for code in (text, *checked.kpis) if checker.catalog.has_kpi(text) else checked.kpis:
        _check_allowed(checker, code, question)
    leaves = leaves_of(checked.expression)
    return Measure(text, definition, version, checked.expression, checked.type, checked.unit, leaves)


def _definition_of(checker: KpiChecker, text: str, checked: CheckedKpi) -> tuple[Kpi, int]:
    """Return what stands for a KPI where an expression was asked for: the one KPI it is made of, as far as it fits."""
    if checked.kpis:
        found = checker.catalog.kpi(checked.kpis[0])
        same = checked.unit == checker.kpi(checked.kpis[0]).unit
        kept = {} if same else {"display": Kpi.model_fields["display"].default}
        return found.definition.model_copy(update={"name": text, "description": "", **kept}), found.version
    return Kpi.model_construct(**_AD_HOC, name=text, formula=checked.formula), 0


_AD_HOC = {
    "code": "AD_HOC",
    "module": "AD_HOC",
    "direction": "target",
    **{name: field.default for name, field in Kpi.model_fields.items() if not field.is_required()},
}


def _check_allowed(checker: KpiChecker, code: str, question: Question) -> None:
    """Refuse a grain a KPI, or one that it is made of, does not allow."""
    allowed = checker.catalog.kpi(code).definition.allowed_grains
    if allowed and question.grain is not None and question.grain not in allowed:
        raise QueryError(
            f"{code} is asked by {' or '.join(allowed)}, not by {question.grain}: it means nothing there.",
            remedy=f"Ask it by {allowed[0]} or coarser.",
            kpi=code,
        )


def _check_grain(term: Term, question: Question) -> None:
    grain = question.grain
    if term.anchor.type is DataType.DATE and grain in _FINER_THAN_DAY:
        raise QueryError(
            f"The term {term.label} is dated by days ({term.anchor}), so it has no {grain} values.",
            remedy="Ask by day or coarser.",
            term=term.label,
        )
    if grain is None and any(isinstance(step, EdgeOf) for step in term.frame):
        raise QueryError(
            f"{term.label} is asked at the first or last period of an enclosing one, and no grain is given.",
            remedy="Give the question a grain.",
        )


def _type_of(name: str, kinds: set[DataType | None]) -> DataType:
    if len(kinds) != 1:
        listed = ", ".join(sorted(str(kind) for kind in kinds))
        raise QueryError(f"The dimension {name} has several types: {listed}.")
    kind = kinds.pop()
    if kind is None:
        raise QueryError(f"The dimension {name} has no type.", remedy="Name an attribute.")
    return kind


def _check_names(question: Question, measures: tuple[Measure, ...]) -> None:
    values = [measure.name for measure in measures]
    known = ["period", *question.dimensions, *values]
    for order in question.order:
        if order.by not in known:
            raise QueryError(
                f"The order names {order.by!r}, which the question does not ask for.",
                remedy=did_you_mean(order.by, known) or f"Sort by one of: {', '.join(known)}.",
            )
    for condition in question.value_filters:
        if condition.measure not in values:
            raise QueryError(
                f"A filter on values names {condition.measure!r}, which the question does not ask for.",
                remedy=did_you_mean(condition.measure, values) or f"Name one of: {', '.join(values)}.",
            )
