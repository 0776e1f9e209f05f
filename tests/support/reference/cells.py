"""The whole answer: which cells there are, and what every measure gives in each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import localcontext

from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.formula.currency import in_base_currency
from analytics_engine.kpi.formula.parser import parse
from analytics_engine.kpi.formula.syntax import Node
from analytics_engine.kpi.formula.typed import (
    Expression,
    Operation,
    PeriodDays,
    Term,
    TimeAverage,
    leaves_of,
    terms_of,
)
from analytics_engine.kpi.model.catalog import Catalog
from analytics_engine.kpi.model.frames import Daily, Frame, FrameContext, spans
from analytics_engine.kpi.model.time import Calendar, Period, periods
from support.reference.aggregates import exact, mean
from support.reference.asking import Answer, CellKey, Covered, Members, Question, Value
from support.reference.counting import Counting, View
from support.reference.rows import Row, RowReader, typed
from support.reference.terms import TermReader

_DIGITS = 60


class Reference:
    """Answers questions about rows in memory.

    Args:
        rows: the rows of each object model by its code, each a value by the name of its attribute.
        coverage: what is loaded of each object model; one that is missing has nothing loaded.
    """

    def __init__(
        self,
        catalog: Catalog,
        rows: Mapping[str, Sequence[Row]],
        *,
        calendar: Calendar,
        coverage: Mapping[str, Covered],
        now: datetime,
        base_currency: str = "USD",
    ) -> None:
        self._checker = KpiChecker(catalog)
        self._rows = rows
        self._calendar = calendar
        self._coverage = coverage
        self._now = now
        self._base_currency = base_currency

    def answer(self, question: Question) -> Answer:
        """Return every cell of a question.

        Raises:
            FormulaError: a dimension or filter cannot be seen from the rows of a term.
        """
        reader = RowReader(
            self._checker.catalog,
            self._rows,
            self._calendar,
            parameters=question.parameters,
            givens=question.givens,
            base_currency=self._base_currency,
        )
        terms = dict.fromkeys(term for _, expression in question.measures for term in terms_of(expression))
        elapsed_until = self._elapsed_until(terms)
        context = FrameContext(self._calendar, question.grain, elapsed_until)
        readers = {}
        for term in terms:
            counting = Counting(term, self._view(term, question), reader, elapsed_until=elapsed_until)
            readers[term] = TermReader(counting, reader, self._coverage)
        with localcontext(prec=_DIGITS):
            cells = _Cells(reader, readers, context)
            return cells.answer(question, periods(question.window, question.grain, self._calendar))

    def _view(self, term: Term, question: Question) -> View:
        """Return the dimensions and filters as they are seen from the rows of a term."""

        def seen(text: str | Node) -> Expression:
            node = parse(text) if isinstance(text, str) else text
            model = self._checker.paths.model(term.model)
            expression = self._checker.resolver.row(node, model, term.via)
            return in_base_currency(self._checker.paths, expression, model, anchor=term.anchor, span=node.span)

        return View(tuple(map(seen, question.dimensions)), tuple(map(seen, question.filters)))

    def _elapsed_until(self, terms: Mapping[Term, object]) -> datetime:
        """Return the instant up to which time is over and everything asked for is loaded."""
        ends = [self._coverage[term.model].end for term in terms if term.model in self._coverage]
        return min([self._now, *ends])


class _Cells:
    """Gives the value of cell expressions.

    A cell is a period and the members of the dimensions; members None stands for all of them together.
    """

    def __init__(self, reader: RowReader, terms: Mapping[Term, TermReader], context: FrameContext) -> None:
        self._reader = reader
        self._terms = terms
        self._context = context

    @property
    def _by_day(self) -> _Cells:
        """Cells whose period is a day, as they are inside of a mean over days."""
        return _Cells(self._reader, self._terms, replace(self._context, grain="day"))

    def answer(self, question: Question, cut: tuple[Period, ...]) -> Answer:
        cells: dict[CellKey, dict[str, Value]] = {}
        rows: dict[CellKey, dict[Term, int]] = {}
        magnitudes: dict[CellKey, dict[str, float]] = {}
        for number, period in enumerate(cut):
            found = [self.present(expression, period) for _, expression in question.measures]
            members_found = dict.fromkeys(members for present in found for members in present)
            for members in members_found if question.dimensions else [()]:
                values, greatest = {}, {}
                for name, expression in question.measures:
                    self._reader.magnitude.value = 0.0
                    values[name] = typed(self.value(expression, period, members), expression.type)
                    greatest[name] = self._reader.magnitude.value
                cells[number, members] = values
                magnitudes[number, members] = greatest
                rows[number, members] = self._row_counts(question, period, members)
        return Answer(cut, cells, rows, magnitudes)

    def _row_counts(self, question: Question, period: Period, members: Members) -> dict[Term, int]:
        leaves = [leaf for _, expression in question.measures for leaf in leaves_of(expression)]
        return {
            leaf: self._terms[leaf].row_count(self._span(leaf.frame, period), None if leaf.total else members)
            for leaf in leaves
            if isinstance(leaf, Term)
        }

    # --- which cells there are ----------------------------------------------------------------------------------------

    def present(self, expression: Expression, period: Period) -> dict[Members, None]:
        """Return the members with which an expression's cells exist in a period.

        A cell exists where a term has rows in the span it reads for the period; what is over all members makes none.
        """
        found: dict[Members, None] = {}
        for leaf in leaves_of(expression):
            if isinstance(leaf, Term) and not leaf.total:
                span = self._span(leaf.frame, period)
                counting = self._terms[leaf].counting
                found |= {counting.members(row, span): None for row in counting.present(span)}
            elif isinstance(leaf, TimeAverage) and not leaf.total:
                for day in self._days(leaf, period):
                    found |= self._by_day.present(leaf.operand, day)
        return found

    # --- values -------------------------------------------------------------------------------------------------------

    def value(self, expression: Expression, period: Period, members: Members | None) -> Value:
        match expression:
            case Term(frame=frame, total=total):
                return self._terms[expression].value(self._span(frame, period), None if total else members)
            case TimeAverage():
                return self._time_average(expression, period, None if expression.total else members)
            case PeriodDays(frame=frame):
                return self._reader.magnitude.meet(self._span(frame, period).days)
            case Operation(operator="rank", operands=(operand,)):
                return self._rank(operand, period, members)
            case Operation(operands=operands):
                return self._reader.scalar(expression, [self.value(part, period, members) for part in operands])
            case _:
                return self._reader.constant(expression)

    def _time_average(self, average: TimeAverage, period: Period, members: Members | None) -> Value:
        """Return the mean of the values of the days that are loaded; null where one of them is null."""
        values = [self._by_day.value(average.operand, day, members) for day in self._days(average, period)]
        if not values or None in values:
            return None
        return self._reader.magnitude.meet(typed(mean(exact(values)), average.type))

    def _rank(self, operand: Expression, period: Period, members: Members | None) -> int | None:
        """Return how many cells of the period have a greater value, and one more; only cells with rows are ranked."""
        ranked = self.present(operand, period)
        mine = self.value(operand, period, members)
        if mine is None or members not in ranked:
            return None
        others = [self.value(operand, period, other) for other in ranked]
        return 1 + len([other for other in others if other is not None and other > mine])

    # --- spans --------------------------------------------------------------------------------------------------------

    def _span(self, frame: Frame, period: Period) -> Period:
        (span,) = spans(frame, period, self._context)
        return span

    def _days(self, average: TimeAverage, period: Period) -> list[Period]:
        """Return the days of the period that have begun in what is over and loaded."""
        until = self._context.elapsed_until
        days = spans((*average.frame, Daily()), period, self._context)
        return [day for day in days if until is None or day.start < until]
