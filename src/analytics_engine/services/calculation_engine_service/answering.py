"""A query answered in one snapshot: the ranking of its top, then its parts, a page of them."""

from __future__ import annotations

from collections.abc import Sequence

from analytics_engine.contracts.calculation import KpiResult
from analytics_engine.contracts.engine import DataState, Snapshot
from analytics_engine.errors import QueryError
from analytics_engine.kpi.model.kpi import EmptyPeriod
from analytics_engine.services.calculation_engine_service.answered import PartAnswer
from analytics_engine.services.calculation_engine_service.picking import paged
from analytics_engine.services.calculation_engine_service.pivot import pivoted
from analytics_engine.services.calculation_engine_service.preparing import Prepared
from analytics_engine.services.calculation_engine_service.reading import PartReader, choose
from analytics_engine.services.calculation_engine_service.results import write_result

MOST_PIVOTED = 100_000
"""The most cells that are laid out in columns."""
MOST_COARSER = 10_000
"""The most rows of subtotals and totals; as many as the page has cells are never too many."""


async def answer(snapshot: Snapshot, prepared: Prepared) -> KpiResult:
    """Return a query's result, read from a snapshot.

    Raises:
        QueryError: a value does not fit, or there are more subtotals than one answer has, or more columns.
        DependencyUnavailable, DependencyTimeout: the engine does not answer.
    """
    return await answer_from(snapshot, prepared, await snapshot.state(prepared.object_models, prepared.rollups))


async def answer_from(snapshot: Snapshot, prepared: Prepared, state: DataState) -> KpiResult:
    """Return a query's result, of a snapshot whose state is known."""
    reader = PartReader(snapshot, prepared, state, await choose(snapshot, prepared, state))
    if prepared.query.pivot is not None:
        return await _pivoted(reader, prepared, state)
    return await _page(reader, prepared, state)


async def _page(reader: PartReader, prepared: Prepared, state: DataState) -> KpiResult:
    """Return a page of cells; the first has all subtotals and totals besides."""
    query = prepared.query
    before = query.offset if _looks_back(prepared) else 0
    answers = await reader.cells(skip=query.offset - before, wanted=before + query.limit + 1)
    if query.offset == 0:
        answers += await reader.coarser(most=max(MOST_COARSER, query.limit))
    answers.sort(key=lambda each: prepared.parts.index(each.part))
    return page_of(prepared, state, answers, before=before)


def page_of(prepared: Prepared, state: DataState, answers: Sequence[PartAnswer], *, before: int) -> KpiResult:
    """Return the page of a query that begins so many cells behind the first that were read."""
    result = write_result(prepared, state, answers)
    is_cell = [each.part.level == 0 for each in answers for _ in range(each.size)]
    return paged(result, prepared.query, is_cell=is_cell, skip=before)


async def _pivoted(reader: PartReader, prepared: Prepared, state: DataState) -> KpiResult:
    """Return a page of rows whose columns are the members of a dimension."""
    query = prepared.query
    cells = await reader.cells(skip=0, wanted=MOST_PIVOTED + 1)
    answers = [*cells, *await reader.coarser(most=MOST_PIVOTED)]
    answers.sort(key=lambda each: prepared.parts.index(each.part))
    if sum(each.size for each in answers) > MOST_PIVOTED:
        raise QueryError(
            f"The answer has more than {MOST_PIVOTED:,} cells, which are too many to be laid out in columns.",
            remedy="Ask a shorter range, a coarser grain, or the top members of a dimension.",
        )
    whole = pivoted(write_result(prepared, state, answers), query)
    return paged(whole, query, is_cell=[True] * whole.row_count, skip=query.offset)


def _looks_back(prepared: Prepared) -> bool:
    """Return whether a value may be shown that is of an earlier page."""
    measures = prepared.compiled[0].plan.measures
    return any(measure.definition.empty_period is EmptyPeriod.PREVIOUS for measure in measures)
