"""Rows of a result by their numbers: pages of it, and cells laid out anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import TypeVar

from analytics_engine.contracts.calculation import (
    ComparedValues,
    ComparisonColumn,
    DimensionColumn,
    KpiColumn,
    KpiQuery,
    KpiResult,
    NullExplanation,
    Page,
    PeriodColumn,
)

T = TypeVar("T")
Rows = Sequence[int | None]
"""The rows of a result to take, in their new order; none where there is no such cell."""


def paged(result: KpiResult, query: KpiQuery, *, is_cell: Sequence[bool], skip: int) -> KpiResult:
    """Return a page of a result: so many cells behind those that are passed over, and all other rows.

    Args:
        result: the rows that were read; one cell more than the page has tells that there is another page.
        query: how many cells a page has, and which page it is.
        is_cell: of each row, whether it counts.
        skip: how many cells are passed over.
    """
    numbers = accumulate(is_cell, initial=0)
    shown = [
        row for row, (cell, number) in enumerate(zip(is_cell, numbers, strict=False))
        if not cell or skip <= number < skip + query.limit
    ]  # fmt: skip
    more = sum(is_cell) > skip + query.limit
    page = Page(offset=query.offset, next=query.offset + query.limit if more else None)
    taken = result if len(shown) == result.row_count else with_rows(result, shown)
    return taken.model_copy(update={"page": page, "truncated": more})


def with_rows(result: KpiResult, rows: Rows) -> KpiResult:
    """Return a result of some of its rows."""
    return result.model_copy(
        update={
            "period": picked_periods(result.period, rows),
            "level": picked(result.level, rows, 0),
            "dimensions": tuple(picked_dimension(column, rows) for column in result.dimensions),
            "kpis": tuple(picked_kpi(column, rows, None) for column in result.kpis),
            "row_count": len(rows),
        }
    )


def picked(values: tuple[T, ...], rows: Rows, missing: T) -> tuple[T, ...]:
    """Return the values of rows; a column that is not there stays so."""
    return tuple(missing if row is None else values[row] for row in rows) if values else ()


def picked_periods(period: PeriodColumn, rows: Rows) -> PeriodColumn:
    return PeriodColumn(
        start=picked(period.start, rows, ""),
        end=picked(period.end, rows, ""),
        complete=picked(period.complete, rows, missing=False),
        grain=picked(period.grain, rows, None),
        range=picked(period.range, rows, 0),
    )


def picked_dimension(column: DimensionColumn, rows: Rows) -> DimensionColumn:
    return column.model_copy(
        update={"values": picked(column.values, rows, None), "rest": picked(column.rest, rows, missing=False)}
    )


def picked_kpi(column: KpiColumn, rows: Rows, absent: NullExplanation | None) -> KpiColumn:
    """Return a KPI's values of rows; where there is no cell the value is null for the reason given."""
    return column.model_copy(
        update={
            "values": picked(column.values, rows, None),
            "reasons": _picked_entries(column.reasons, rows, absent),
            "rows": {term: picked(counts, rows, 0) for term, counts in column.rows.items()},
            "skipped": {term: picked(counts, rows, 0) for term, counts in column.skipped.items()},
            "shown": _picked_entries(column.shown, rows, None),
            "status": picked(column.status, rows, None),
            "comparisons": tuple(_picked_comparison(each, rows, absent) for each in column.comparisons),
        }
    )


def _picked_entries(entries: Mapping[int, T], rows: Rows, absent: T | None) -> dict[int, T]:
    found: dict[int, T] = {}
    for number, row in enumerate(rows):
        if row is None:
            if absent is not None:
                found[number] = absent
        elif row in entries:
            found[number] = entries[row]
    return found


def _picked_comparison(column: ComparisonColumn, rows: Rows, absent: NullExplanation | None) -> ComparisonColumn:
    return column.model_copy(
        update={
            "start": picked(column.start, rows, ""),
            "end": picked(column.end, rows, ""),
            "compared": _picked_values(column.compared, rows, absent),
            "change": _picked_values(column.change, rows, absent),
            "growth": _picked_values(column.growth, rows, absent),
        }
    )


def _picked_values(values: ComparedValues | None, rows: Rows, absent: NullExplanation | None) -> ComparedValues | None:
    if values is None:
        return None
    return ComparedValues(
        values=picked(values.values, rows, None), reasons=_picked_entries(values.reasons, rows, absent)
    )
