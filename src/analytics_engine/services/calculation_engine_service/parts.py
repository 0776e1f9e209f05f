"""The parts an answer is made of: one statement for each range, grain and set of dimensions, in the order of rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from analytics_engine.contracts.calculation import Cells, Comparison, KpiQuery
from analytics_engine.errors import QueryError
from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.model.suggest import did_you_mean
from analytics_engine.kpi.plan.question import Order, Question, are_few
from analytics_engine.services.calculation_engine_service.comparisons import Compared, compared, duration_of
from analytics_engine.services.calculation_engine_service.conditions import filter_shapes, value_shapes, where_of
from analytics_engine.services.calculation_engine_service.times import TimeCut, Times

MOST_STATEMENTS = 48
"""The most statements of one answer."""

Levels = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Part:
    """One statement of an answer: the cells of one range, by one grain, with some of the dimensions.

    Args:
        cut: the periods.
        level: the number of its set of dimensions; 0 has all of them.
        question: what is asked, without the members of the top.
        comparisons: for each KPI what it is compared with in time.
    """

    cut: TimeCut
    level: int
    dimensions: tuple[str, ...]
    question: Question
    comparisons: tuple[tuple[Compared, ...], ...]


def levels_of(query: KpiQuery) -> Levels:
    """Return the sets of dimensions that rows are of: all, then those of subtotals as asked, then none for totals.

    Raises:
        QueryError: a subtotal keeps what is no dimension of the query.
    """
    levels = [query.dimensions]
    for kept in query.subtotals:
        for name in kept:
            check_dimension(query, name, "subtotal")
        levels.append(tuple(name for name in query.dimensions if name in kept))
    if query.totals:
        levels.append(())
    return tuple(dict.fromkeys(levels))


def check_dimension(query: KpiQuery, name: str, what: str) -> None:
    """Refuse what names no dimension of the query."""
    if name not in query.dimensions:
        listed = f"Its dimensions are {', '.join(query.dimensions)}." if query.dimensions else "Name it there first."
        raise QueryError(
            f"The {what} names {name!r}, which is no dimension of the query.",
            remedy=did_you_mean(name, query.dimensions) or listed,
        )


def parts_of(query: KpiQuery, checker: KpiChecker, times: Times) -> tuple[Part, ...]:
    """Return the parts of an answer, in the order of its rows.

    Raises:
        KpiNotFound, FormulaError, QueryError: the query asks for what there is not, twice for the same, or for more
            statements than one answer has.
    """
    _check_distinct("KPI", query.kpis)
    _check_distinct("dimension", query.dimensions)
    _check_distinct("comparison", query.comparisons)
    levels = levels_of(query)
    count = len(times.cuts) * len(levels)
    if count > MOST_STATEMENTS:
        raise QueryError(
            f"The query takes {count} statements: one for each range, grain and level; {MOST_STATEMENTS} are the most.",
            remedy="Ask fewer ranges, grains or subtotals at once.",
        )
    common = _Common(query, checker, times)
    return tuple(common.part(cut, level, dimensions) for cut in times.cuts for level, dimensions in enumerate(levels))


def _check_distinct(what: str, names: tuple[str, ...]) -> None:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise QueryError(f"The {what} {twice} is asked twice.", remedy=f"Name each {what} once.")


class _Common:
    """What all parts of a query share."""

    def __init__(self, query: KpiQuery, checker: KpiChecker, times: Times) -> None:
        self._query = query
        self._checker = checker
        self._times = times
        self._filters = filter_shapes(query.filters)
        self._value_filters = value_shapes(query.value_filters)
        self._where = where_of(checker, query)

    def part(self, cut: TimeCut, level: int, dimensions: tuple[str, ...]) -> Part:
        comparisons = tuple(tuple(self._compared(kpi, cut)) for kpi in self._query.kpis)
        texts = (text for of_kpi in comparisons for each in of_kpi for text in each.texts)
        question = Question(
            kpis=tuple(dict.fromkeys((*self._query.kpis, *texts))),
            grain=cut.grain,
            dimensions=dimensions,
            filters=self._filters,
            where=self._where,
            value_filters=self._value_filters if level == 0 else (),
            order=tuple(self._order(dimensions)),
            every_member=self._query.cells is Cells.SPINE,
            few=are_few(cut.periods),
        )
        return Part(cut, level, dimensions, question, comparisons)

    def _compared(self, kpi: str, cut: TimeCut) -> Iterator[Compared]:
        window = self._times.windows[cut.range]
        for comparison in self._query.comparisons:
            if comparison is not Comparison.TARGET:
                duration = duration_of(comparison, cut.grain, window, self._times.calendar)
                yield compared(self._checker, kpi, comparison, duration)

    def _order(self, dimensions: tuple[str, ...]) -> Iterator[Order]:
        """Yield the order that is asked for, but for dimensions that a level does not have."""
        dropped = set(self._query.dimensions) - set(dimensions)
        for order in self._query.order:
            if order.by not in dropped:
                yield Order(order.by, order.descending)
