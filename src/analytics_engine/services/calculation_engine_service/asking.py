"""A query from the wire to what the engine asks: its shape, its times, its values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import available_timezones

from analytics_engine.contracts.calculation import AttributeFilter, FilterOperator, KpiQuery
from analytics_engine.contracts.clients import ClientProfile
from analytics_engine.errors import QueryError
from analytics_engine.kpi.model.suggest import did_you_mean
from analytics_engine.kpi.model.time import Calendar, Period, Window, local_midnight, periods, shortest
from analytics_engine.kpi.plan.question import FilterShape, Order, Question
from analytics_engine.kpi.values.binding import Binding, Span

MOST_PERIODS = 50_000
"""The most periods of one answer: about a month of minutes."""

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

@dataclass(frozen=True)
class Asked:
    """A query with its times worked out: the calendar it is counted in, and its periods."""

    query: KpiQuery
    calendar: Calendar
    periods: tuple[Period, ...]
    now: datetime
    base_currency: str

    def binding(self, client_id: str, coverage: Mapping[str, Span]) -> Binding:
        """Return what a run of the query's plan brings to it; one row more than the limit tells of truncation."""
        return Binding(
            client_id=client_id,
            calendar=self.calendar,
            periods=self.periods,
            limit=self.query.limit + 1,
            now=self.now,
            grain=self.query.grain,
            base_currency=self.base_currency,
            givens=tuple(value for condition in self.query.filters for value in condition.values),
            coverage=coverage,
        )


def question_of(query: KpiQuery) -> Question:
    """Return the shape of a query.

    Raises:
        QueryError: a filter has too few or too many values for its operator.
    """
    return Question(
        kpis=query.kpis,
        grain=query.grain,
        dimensions=query.dimensions,
        filters=tuple(_filter_shape(condition) for condition in query.filters),
        where=(query.where,) if query.where else (),
        order=tuple(Order(order.by, order.descending) for order in query.order),
    )


def _filter_shape(condition: AttributeFilter) -> FilterShape:
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
            f"The filter {condition.attribute} {condition.operator.value} takes {wanted} value, not {count}.",
            remedy="Correct its list of values.",
        )
    operator, negated = _OPERATORS[condition.operator]
    return FilterShape(condition.attribute, operator, count, negated)


def ask(query: KpiQuery, client: ClientProfile, now: datetime) -> Asked:
    """Return a query with its times worked out, in its own zone or the client's.

    Raises:
        QueryError: the zone is unknown, the range is empty, or it has too many periods.
    """
    zone = query.time_zone or client.time_zone
    if zone not in available_timezones():
        raise QueryError(
            f"There is no time zone {zone!r}.",
            remedy=did_you_mean(zone, available_timezones()) or "Give an IANA zone, such as America/New_York.",
        )
    window = Window(_local(query.range.from_), _local(query.range.to))
    if window.start >= window.end:
        raise QueryError(
            f"The range from {window.start.isoformat()} to {window.end.isoformat()} is empty.",
            remedy="Let it end after it starts; the end itself is not part of it.",
        )
    calendar = Calendar(zone, client.week_start, client.fiscal_year_start_month)
    _check_length(window, query.grain, calendar)
    return Asked(query, calendar, periods(window, query.grain, calendar), now, client.base_currency)


def _local(moment: date | datetime) -> datetime:
    return moment if isinstance(moment, datetime) else local_midnight(moment)


def _check_length(window: Window, grain: str | None, calendar: Calendar) -> None:
    if grain is None:
        return
    count = (window.end - window.start) / shortest(grain, calendar)
    if count > MOST_PERIODS:
        raise QueryError(
            f"The range has about {count:,.0f} periods by {grain}; {MOST_PERIODS:,} are the most.",
            remedy="Ask a coarser grain or a shorter range.",
        )
