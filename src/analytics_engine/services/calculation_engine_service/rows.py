"""The rows behind a value: the same ones that were counted, with what the term counts of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from analytics_engine.contracts.calculation import Cell, Page, RowColumn, RowsQuery, RowsResult, TimeSpan
from analytics_engine.contracts.engine import Snapshot
from analytics_engine.errors import QueryError
from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.formula.paths import Paths
from analytics_engine.kpi.formula.typed import Expression, Given, Operation, Term, TimeAverage
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.model.suggest import did_you_mean
from analytics_engine.kpi.model.time import periods
from analytics_engine.kpi.plan.build import build_plan
from analytics_engine.kpi.plan.plan import Plan, Scan
from analytics_engine.kpi.plan.question import Question
from analytics_engine.kpi.sql.dialects import Dialect
from analytics_engine.kpi.sql.emit import Statement
from analytics_engine.kpi.sql.listing import emit_rows, value_type
from analytics_engine.kpi.values.binding import Binding, bind
from analytics_engine.kpi.values.reach import reach_of_rows
from analytics_engine.kpi.values.reasons import label
from analytics_engine.services.calculation_engine_service.catalogs import Definitions
from analytics_engine.services.calculation_engine_service.conditions import filter_shapes, values_of, where_of
from analytics_engine.services.calculation_engine_service.labels import dimension_label
from analytics_engine.services.calculation_engine_service.parameters import check_parameters
from analytics_engine.services.calculation_engine_service.stacking import wire_column
from analytics_engine.services.calculation_engine_service.times import calendar_of, window_of


@dataclass(frozen=True)
class PreparedRows:
    """A question for the rows behind a value, ready to be run.

    Args:
        models: the object models that the KPI aggregates: up to when they are loaded decides what was read.
    """

    query: RowsQuery
    paths: Paths
    scan: Scan
    models: tuple[str, ...]
    term: Term
    statement: Statement
    binding: Binding


def prepare_rows(query: RowsQuery, definitions: Definitions, *, now: datetime, dialect: Dialect) -> PreparedRows:
    """Return a question for the rows behind a value, ready to be run.

    Raises:
        KpiNotFound, FormulaError, QueryError: there is no such value, or it has no rows of its own.
    """
    checker = definitions.checker
    calendar = calendar_of(definitions.client, query.time_zone)
    plan = build_plan(checker, _question(checker, query))
    scan, term = _chosen(plan, query)
    givens = values_of(query.filters)
    members = () if scan.total else tuple(_members(query, scan, first=len(givens)))
    statement = emit_rows(checker, dialect, scan=scan, term=term, members=members)
    check_parameters(query.parameters, statement.slots)
    binding = Binding(
        client_id=definitions.client.client_id,
        calendar=calendar,
        periods=periods(window_of(query.range, calendar, now), None, calendar),
        limit=query.limit + 1,
        offset=query.offset,
        now=now,
        grain=query.grain,
        base_currency=definitions.client.base_currency,
        givens=(*givens, *(member for member in query.members.values() if member is not None)),
        parameters=query.parameters,
    )
    return PreparedRows(query, checker.paths, scan, plan.object_models, term, statement, binding)


def _question(checker: KpiChecker, query: RowsQuery) -> Question:
    return Question(
        kpis=(query.kpi,),
        grain=query.grain,
        dimensions=tuple(query.members),
        filters=filter_shapes(query.filters),
        where=where_of(checker, query),
    )


def _chosen(plan: Plan, query: RowsQuery) -> tuple[Scan, Term]:
    """Return the term that is asked for, or the first, with the scan it is read in."""
    leaves = {label(leaf): leaf for leaf in plan.measures[0].leaves if isinstance(leaf, Term | TimeAverage)}
    name = query.term if query.term is not None else next(iter(leaves))
    leaf = leaves.get(name)
    if leaf is None:
        raise QueryError(
            f"{query.kpi} has no term {name!r}.",
            remedy=did_you_mean(name, leaves) or f"Its terms are: {'; '.join(leaves)}.",
        )
    if isinstance(leaf, TimeAverage):
        raise QueryError(
            f"{name} is a mean over days: its rows are those of each day.",
            remedy="Ask for the rows of what is averaged, on one of the days.",
        )
    return next(scan for scan in plan.main.scans if leaf in scan.terms), leaf


def _members(query: RowsQuery, scan: Scan, *, first: int) -> Iterator[Expression]:
    """Yield that a row is of the cell's member, of each dimension."""
    position = first
    for dimension, member in zip(scan.dimensions, query.members.values(), strict=True):
        if member is None:
            yield Operation("is_null", (dimension,), DataType.BOOLEAN)
            continue
        given = Given(position, dimension.type or DataType.TEXT, dimension.unit)
        yield Operation("equal", (dimension, given), DataType.BOOLEAN)
        position += 1


async def list_rows(snapshot: Snapshot, prepared: PreparedRows) -> RowsResult:
    """Return the rows behind a value."""
    query, term = prepared.query, prepared.term
    model = prepared.paths.model(prepared.scan.model)
    state = await snapshot.state(prepared.models)
    known = replace(prepared.binding, coverage=state.coverage)
    if state.archived:
        await snapshot.bring_back(reach_of_rows(prepared.scan, prepared.paths, known))
    rows = await snapshot.rows(prepared.statement.sql, bind(prepared.statement.slots, known))
    shown = rows[: query.limit]
    span = known.framed((), term.frame)[0]
    zone = known.calendar.tz
    return RowsResult(
        kpi=query.kpi,
        term=label(term),
        object_model=model.code,
        period=TimeSpan(start=span.start.astimezone(zone).isoformat(), end=span.end.astimezone(zone).isoformat()),
        columns=tuple(
            RowColumn(
                name=attribute.name,
                label=dimension_label(attribute.name),
                type=attribute.type,
                unit=attribute.unit,
                values=wire_column(row[f"a{number}"] for row in shown),
            )
            for number, attribute in enumerate(model.attributes)
        ),
        value=_value(prepared, wire_column(row["value"] for row in shown)),
        row_count=len(shown),
        page=Page(offset=query.offset, next=query.offset + query.limit if len(rows) > query.limit else None),
        time_zone=known.calendar.zone,
        watermark=state.watermark,
    )


def _value(prepared: PreparedRows, values: tuple[Cell, ...]) -> RowColumn | None:
    kind = value_type(prepared.term)
    if kind is None:
        return None
    argument = prepared.term.argument
    unit = str(argument.unit) if argument is not None else ""
    return RowColumn(name="value", label=label(prepared.term), type=kind, unit=unit, values=values)
