"""The golden shop in a migrated database, asked through the calculation engine's own login."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import asyncpg

from analytics_engine.adapters.memory.definitions import MemoryDefinitions
from analytics_engine.contracts.calculation import (
    DashboardRequest,
    DashboardResult,
    DimensionValues,
    DimensionValuesQuery,
    Explanation,
    KpiQuery,
    KpiResult,
    RowsQuery,
    RowsResult,
)
from analytics_engine.kernel.clock import ManualClock
from analytics_engine.kpi.sql.dialects import POSTGRES
from analytics_engine.services.calculation_engine_service.explaining import Explainer
from analytics_engine.services.calculation_engine_service.service import CalculationService
from golden.shop import CLIENT, STRANGER, shop_catalog, shop_coverage, shop_rows

MORE = {
    "GOAL": {
        "formula": "count(order)",
        "direction": "higher",
        "target": {"value": "4", "warning": "3", "critical": "2"},
    },
    "LATEST": "max(order.ordered_at)",
    "ZEROED": {"formula": "avg(order.weight)", "empty_period": "zero"},
    "CARRIED": {"formula": "avg(order.weight)", "empty_period": "previous"},
    "PER": {"formula": "ORDERS / :parts", "parameters": [{"name": "parts", "type": "integer", "default": 2}]},
    "SHARE": "share_of_total(ORDERS)",
}
"""KPIs of the tests here, beside the shop's."""


@dataclass(frozen=True)
class Shop:
    """The calculation service over the shop's rows."""

    service: CalculationService
    definitions: MemoryDefinitions
    clock: ManualClock

    async def ask(self, **query: Any) -> KpiResult:
        answer = await self.service.calculate(CLIENT, KpiQuery.model_validate(query))
        return KpiResult.model_validate_json(answer)

    async def dashboard(self, *queries: Mapping[str, Any]) -> DashboardResult:
        request = DashboardRequest.model_validate({"queries": queries})
        return DashboardResult.model_validate_json(await self.service.dashboard(CLIENT, request.queries))

    async def values(self, **query: Any) -> DimensionValues:
        return await self.service.values(CLIENT, DimensionValuesQuery.model_validate(query))

    async def rows(self, **query: Any) -> RowsResult:
        return await self.service.rows(CLIENT, RowsQuery.model_validate(query))

    async def explain(self, **query: Any) -> Explanation:
        explainer = Explainer(service=self.service, clock=self.clock)
        return await explainer.explain(CLIENT, KpiQuery.model_validate(query))


async def load(owner: asyncpg.Connection[Any]) -> None:
    """Make the shop's tables as the product makes them: rows of two clients, and a policy that tells them apart."""
    rows = shop_rows()
    for version in shop_catalog().object_models:
        model = version.definition
        columns = ", ".join(f'"{each.name}" {POSTGRES.types[each.type]}' for each in model.attributes)
        await owner.execute(
            f"""create table facts."{model.code}" (client_id text, {columns});
                alter table facts."{model.code}" enable row level security;
                create policy own on facts."{model.code}" using (client_id = current_setting('app.client_id', true));
                grant select on facts."{model.code}" to ae_calculation_engine_service"""
        )
        for client in (CLIENT, STRANGER):
            records = [(client, *row.values()) for row in rows[model.code]]
            await owner.copy_records_to_table(model.code, schema_name="facts", records=records)
    for model_code, span in shop_coverage().items():
        await owner.execute(
            "insert into facts.coverage values ($1, $2, $3, $4)", CLIENT, model_code, span.start, span.end
        )


def cells(result: KpiResult, *, kpi: int = 0) -> list[tuple[Any, ...]]:
    """Return a row a cell: the day its period starts, its members, and the value of one KPI."""
    return [
        (
            result.period.start[row][:10],
            *(column.values[row] for column in result.dimensions),
            result.kpis[kpi].values[row],
        )
        for row in range(result.row_count)
    ]
