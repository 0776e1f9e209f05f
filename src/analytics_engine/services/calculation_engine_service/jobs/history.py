"""Values of KPIs kept as they were computed: in ``kpi_data``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from analytics_engine.contracts.calculation import KpiColumn, KpiResult
from analytics_engine.errors import QueryError
from analytics_engine.kernel.ports.database import Connection
from analytics_engine.kernel.queries import load_queries

_SQL = load_queries(__package__)

WHOLE_RANGE = "range"
"""The grain of values that were asked without one."""


async def keep_values(connection: Connection, page: KpiResult, *, client_id: str, as_of: datetime) -> None:
    """Keep the values of a page in the caller's transaction, which is the client's; of KPIs that are numbers."""
    for column in page.kpis:
        rows = list(_rows(page, column)) if column.type.numeric else []
        if rows:
            await connection.execute(
                _SQL["keep_values"], as_of, client_id, column.code, column.version, page.grain or WHOLE_RANGE,
                page.watermark, *map(list, zip(*rows, strict=True)),
            )  # fmt: skip


def no_number(column: KpiColumn) -> QueryError:
    """Return why a KPI's values are not kept."""
    return QueryError(
        f"The values of {column.code} are of the type {column.type}; history keeps numbers.",
        remedy="Leave the KPI out of the job.",
        kpi=column.code,
    )


def _rows(result: KpiResult, column: KpiColumn) -> Iterator[tuple[dict[str, Any], datetime, datetime, Any, str]]:
    for row, value in enumerate(column.values):
        reason = column.reasons.get(row)
        yield (
            {dimension.name: dimension.values[row] for dimension in result.dimensions},
            datetime.fromisoformat(result.period.start[row]),
            datetime.fromisoformat(result.period.end[row]),
            None if value is None else Decimal(str(value)),
            reason.code.value if reason is not None else "",
        )
