"""The members of a dimension laid out as columns, after everything is computed."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from analytics_engine.contracts.calculation import (
    DimensionColumn,
    KpiColumn,
    KpiQuery,
    KpiResult,
    NullExplanation,
    PivotedDimension,
    PivotMember,
)
from analytics_engine.errors import QueryError
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.values.reasons import NullReason
from analytics_engine.services.calculation_engine_service.picking import (
    picked_dimension,
    picked_kpi,
    picked_periods,
)

MOST_COLUMNS = 500
"""The most columns of a pivot: KPIs times members."""

Key = tuple[Any, ...]


def pivoted(result: KpiResult, query: KpiQuery) -> KpiResult:
    """Return a result with one column for each KPI and member of the pivot's dimension.

    Rows are of what remains: ranges, grains, periods, and the members of the other dimensions. Where a level does not
    have the dimension, its cells are a column of their own, the total of the row.

    Raises:
        QueryError: there are too many columns.
    """
    assert query.pivot is not None
    dimension = next(column for column in result.dimensions if column.name == query.pivot.dimension)
    return _Pivot(result, dimension).result()


class _Pivot:
    def __init__(self, result: KpiResult, dimension: DimensionColumn) -> None:
        self._result = result
        self._dimension = dimension
        self._others = [column for column in result.dimensions if column is not dimension]
        self._levels = [tuple(name for name in level if name != dimension.name) for level in result.levels]
        self._distinct = list(dict.fromkeys(self._levels))
        self._rows: dict[Key, dict[PivotMember, int]] = {}
        for row in range(result.row_count):
            self._rows.setdefault(self._key(row), {})[self._member(row)] = row

    def result(self) -> KpiResult:
        members = sorted({member for cells in self._rows.values() for member in cells}, key=self._place)
        self._check(len(members))
        firsts = [next(iter(cells.values())) for cells in self._rows.values()]
        return self._result.model_copy(
            update={
                "period": picked_periods(self._result.period, firsts),
                "levels": tuple(self._distinct),
                "level": tuple(self._level(row) for row in firsts) if len(self._distinct) > 1 else (),
                "dimensions": tuple(picked_dimension(column, firsts) for column in self._others),
                "pivot": PivotedDimension(
                    name=self._dimension.name,
                    label=self._dimension.label,
                    type=self._dimension.type,
                    members=tuple(members),
                ),
                "kpis": tuple(self._columns(members)),
                "row_count": len(firsts),
            }
        )

    def _columns(self, members: list[PivotMember]) -> Iterator[KpiColumn]:
        absent = NullExplanation(code=NullReason.NO_ROWS, detail="There are no rows of this member here.")
        for kpi in self._result.kpis:
            for number, member in enumerate(members):
                rows = [cells.get(member) for cells in self._rows.values()]
                yield picked_kpi(kpi, rows, absent).model_copy(update={"member": number})

    def _key(self, row: int) -> Key:
        period = self._result.period
        of_time = (period.range[row : row + 1], period.grain[row : row + 1], period.start[row], period.end[row])
        members = tuple((column.values[row], column.rest[row : row + 1]) for column in self._others)
        return (self._level(row), *of_time, *members)

    def _level(self, row: int) -> int:
        return self._distinct.index(self._levels[self._result.level[row]]) if self._result.level else 0

    def _member(self, row: int) -> PivotMember:
        level = self._result.levels[self._result.level[row] if self._result.level else 0]
        if self._dimension.name not in level:
            return PivotMember(value=None, total=True)
        rest = bool(self._dimension.rest and self._dimension.rest[row])
        return PivotMember(value=self._dimension.values[row], rest=rest)

    def _place(self, member: PivotMember) -> Key:
        """Members in their order, the missing one behind them, then the rest and the total."""
        missing = member.value is None
        value = Decimal(str(member.value)) if self._dimension.type is DataType.DECIMAL and not missing else member.value
        return (member.total, member.rest, missing, None if missing else value)

    def _check(self, members: int) -> None:
        columns = members * len(self._result.kpis)
        if columns > MOST_COLUMNS:
            raise QueryError(
                f"{self._dimension.name} has {members:,} members here, which with {len(self._result.kpis)} KPIs makes "
                f"{columns:,} columns; {MOST_COLUMNS} are the most.",
                remedy="Ask its top members, or filter it.",
            )
