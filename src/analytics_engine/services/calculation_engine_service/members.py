"""The members of a dimension: what a filter is chosen from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from analytics_engine.contracts.calculation import DimensionValues, DimensionValuesQuery, Page
from analytics_engine.contracts.engine import Snapshot
from analytics_engine.errors import FormulaError, QueryError
from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.formula.parser import parse
from analytics_engine.kpi.formula.paths import Paths, column_of
from analytics_engine.kpi.formula.syntax import Node, Path, children
from analytics_engine.kpi.formula.typed import Column, Rate, Term, walk
from analytics_engine.kpi.model.object_model import DataType, ObjectModel
from analytics_engine.kpi.model.suggest import did_you_mean
from analytics_engine.kpi.model.time import Calendar, Period, local_midnight, span
from analytics_engine.kpi.plan.question import Question
from analytics_engine.kpi.plan.views import Views
from analytics_engine.kpi.sql.dialects import Dialect
from analytics_engine.kpi.sql.emit import Statement
from analytics_engine.kpi.sql.members import Wanted, emit_members, emit_whole
from analytics_engine.kpi.values.binding import Binding, bind
from analytics_engine.kpi.values.reach import reach_of_members
from analytics_engine.services.calculation_engine_service.catalogs import Definitions
from analytics_engine.services.calculation_engine_service.comparisons import meaning_of
from analytics_engine.services.calculation_engine_service.conditions import filter_shapes, values_of, where_of
from analytics_engine.services.calculation_engine_service.labels import dimension_label
from analytics_engine.services.calculation_engine_service.parameters import check_parameters
from analytics_engine.services.calculation_engine_service.stacking import wire, wire_column
from analytics_engine.services.calculation_engine_service.times import calendar_of, window_of


@dataclass(frozen=True)
class PreparedValues:
    """A question for members, ready to be run."""

    query: DimensionValuesQuery
    paths: Paths
    wanted: Wanted
    page: Statement
    whole: Statement
    binding: Binding


def prepare_values(
    query: DimensionValuesQuery, definitions: Definitions, *, now: datetime, dialect: Dialect
) -> PreparedValues:
    """Return a question for members, ready to be run.

    Raises:
        KpiNotFound, FormulaError, QueryError: there is no such dimension, or a condition does not fit.
    """
    checker = definitions.checker
    calendar = calendar_of(definitions.client, query.time_zone)
    term = _counted(checker, query)
    filters = filter_shapes(query.filters)
    question = Question(kpis=(), dimensions=(query.dimension,), filters=filters, where=where_of(checker, query))
    view = Views(checker, question).of(term)
    _check_currency(term, view.dimensions)
    search = query.search.strip()
    givens = values_of(query.filters)
    wanted = Wanted(
        model=checker.paths.model(term.model),
        member=view.dimensions[0],
        condition=view.condition,
        anchor=_anchor(term) if query.range is not None else None,
        search=len(givens) if search else None,
        by_count=query.order == "count",
    )
    page, whole = emit_members(checker, dialect, wanted), emit_whole(checker, dialect, wanted)
    check_parameters(query.parameters, page.slots)
    binding = Binding(
        client_id=definitions.client.client_id,
        calendar=calendar,
        periods=(_period(query, calendar, now),),
        limit=query.limit + 1,
        offset=query.offset,
        now=now,
        base_currency=definitions.client.base_currency,
        givens=(*givens, search) if search else givens,
        parameters=query.parameters,
    )
    return PreparedValues(query, checker.paths, wanted, page, whole, binding)


def _period(query: DimensionValuesQuery, calendar: Calendar, now: datetime) -> Period:
    if query.range is None:
        today = local_midnight(calendar.local(now))
        return span(today, today, calendar)
    window = window_of(query.range, calendar, now)
    return span(window.start, window.end, calendar)


async def list_values(snapshot: Snapshot, prepared: PreparedValues) -> DimensionValues:
    """Return members of a dimension, and the whole of all that were looked for."""
    query, wanted, binding = prepared.query, prepared.wanted, prepared.binding
    state = await snapshot.state((wanted.model.code,))
    if state.archived:
        read = [wanted.member] if wanted.condition is None else [wanted.member, wanted.condition]
        await snapshot.bring_back(
            reach_of_members(wanted.model.code, read, prepared.paths, prepared.binding, anchor=wanted.anchor)
        )
    rows = await snapshot.rows(prepared.page.sql, bind(prepared.page.slots, binding))
    (whole,) = await snapshot.rows(prepared.whole.sql, bind(prepared.whole.slots, binding))
    shown = rows[: query.limit]
    return DimensionValues(
        dimension=query.dimension,
        label=dimension_label(query.dimension),
        type=wanted.type,
        object_model=wanted.model.code,
        values=wire_column(row["member"] for row in shown),
        counts=tuple(row["counted"] for row in shown),
        members=whole["members"],
        rows=whole["counted"],
        missing=whole["missing"],
        minimum=wire(_of(whole, "least")),
        maximum=wire(_of(whole, "greatest")),
        time_zone=binding.calendar.zone,
        watermark=state.watermark,
        page=Page(offset=query.offset, next=query.offset + query.limit if len(rows) > query.limit else None),
    )


def _of(row: Any, name: str) -> Any:
    return row[name] if name in row else None  # noqa: SIM401 - rows of a driver need not have get


def _counted(checker: KpiChecker, query: DimensionValuesQuery) -> Term:
    """Return a count of the rows that are looked at: those of a KPI's first term, or of the named object model."""
    if query.kpi is not None:
        first = meaning_of(checker, query.kpi).terms[0]
        return replace(first, function="count", argument=None, where=None, label=f"count({first.model})")
    model = _root(checker, query.dimension)
    anchor = model.attribute(model.time_attribute or model.key[0])
    assert anchor is not None
    label = f"count({model.code})"
    return Term("count", model.code, None, (), column_of((), anchor), None, (), DataType.INTEGER, label=label)


def _root(checker: KpiChecker, dimension: str) -> ObjectModel:
    try:
        heads = list(dict.fromkeys(_heads(parse(dimension))))
    except FormulaError as error:
        raise QueryError(f"The dimension {dimension!r}: {error.detail}", remedy=error.remedy, **error.facts) from error
    known = [version.definition.code for version in checker.catalog.object_models]
    found = next((head for head in heads if head in known), None)
    if found is None:
        raise QueryError(
            f"The dimension {dimension} names no object model whose rows could be looked at.",
            remedy=did_you_mean(heads[0] if heads else dimension, known)
            or "Begin with the object model, such as order.customer.segment, or name a KPI.",
        )
    return checker.paths.model(found)


def _heads(node: Node) -> Iterator[str]:
    if isinstance(node, Path) and len(node.parts) > 1:
        yield node.parts[0]
    for part in children(node):
        yield from _heads(part)


def _anchor(term: Term) -> Column:
    if not term.anchor.type.temporal:
        raise QueryError(
            f"The rows of {term.model} have no time, so they cannot be of a range.",
            remedy="Leave the range out, or name a KPI whose rows have one.",
        )
    return term.anchor


def _check_currency(term: Term, dimensions: Sequence[Any]) -> None:
    """Refuse amounts that would have to be converted on a day, where rows have none."""
    if not term.anchor.type.temporal and any(isinstance(part, Rate) for each in dimensions for part in walk(each)):
        raise QueryError(
            f"The rows of {term.model} have no time, so their amounts are not in one currency.",
            remedy="Name a KPI whose rows have one.",
        )
