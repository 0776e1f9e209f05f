"""How a query is answered, step by step, in a form a person can read."""

from __future__ import annotations

from typing import Any

from analytics_engine.contracts.calculation import ExplainStep, Explanation, KpiQuery
from analytics_engine.kernel.clock import Clock
from analytics_engine.kpi.plan.plan import Plan, Scan
from analytics_engine.kpi.values.binding import bind
from analytics_engine.kpi.values.reasons import label
from analytics_engine.services.calculation_engine_service.results import wire
from analytics_engine.services.calculation_engine_service.service import CalculationService, Prepared


class Explainer:
    def __init__(self, *, service: CalculationService, clock: Clock) -> None:
        self._service = service
        self._clock = clock

    async def explain(self, client_id: str, query: KpiQuery) -> Explanation:
        """Return the plan of a query, its statement and its parameters as they are now; no rows are read."""
        prepared = await self._service.prepare(client_id, query)
        compiled = prepared.compiled
        state = await self._service.engine.coverage(client_id=client_id, models=compiled.plan.object_models)
        values = bind(compiled.statement.slots, prepared.asked.binding(client_id, state.coverage))
        return Explanation(
            steps=(
                self._resolve(prepared),
                _share(compiled.plan),
                _place(compiled.plan),
                ExplainStep(
                    name="emit",
                    summary=f"One statement for {self._service.engine.dialect.name}, {len(values)} parameters.",
                    detail=[type(slot).__name__.removesuffix("Slot").lower() for slot in compiled.statement.slots],
                ),
            ),
            sql=compiled.statement.sql,
            parameters={f"${number}": _shown(value) for number, value in enumerate(values, start=1)},
            watermark=state.watermark,
            asked_at=self._clock.now(),
        )

    def _resolve(self, prepared: Prepared) -> ExplainStep:
        plan = prepared.compiled.plan
        checker = prepared.definitions.checker
        measures: list[dict[str, Any]] = []
        for measure in plan.measures:
            known = checker.catalog.has_kpi(measure.name)
            checked = checker.kpi(measure.name) if known else checker.formula(measure.name)
            measures.append(
                {
                    "kpi": measure.name,
                    "version": measure.version,
                    "formula": checked.formula,
                    "meaning": label(measure.expression),
                    "unit": str(measure.unit),
                    "type": measure.type.value,
                    "refers_to": list(checked.kpis),
                    "reads": list(checked.attributes),
                    "terms": [label(leaf) for leaf in measure.leaves],
                }
            )
        return ExplainStep(
            name="resolve",
            summary=f"{_count(len(plan.measures), 'KPI')}, {_count(len(plan.leaves), 'term')}.",
            detail=measures,
        )


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _share(plan: Plan) -> ExplainStep:
    return ExplainStep(
        name="share",
        summary=f"{_count(len(plan.leaves), 'term')} in {_count(len(plan.scans), 'scan')}.",
        detail=[_scan(scan) for scan in plan.scans],
    )


def _scan(scan: Scan) -> dict[str, Any]:
    return {
        "object_model": scan.model,
        "anchor": str(scan.anchor),
        "rows": scan.shape.value,
        "way": scan.way.value,
        "totals": scan.total,
        "terms": [label(term) for term in scan.terms],
        "states": [state.kind.value for state in scan.states],
        "dimensions": [label(dimension) for dimension in scan.dimensions],
    }


def _place(plan: Plan) -> ExplainStep:
    return ExplainStep(
        name="place",
        summary="; ".join(f"{scan.model}: {scan.place.name}" for scan in plan.scans) + ".",
        detail=[
            {
                "object_model": scan.model,
                "place": scan.place.name,
                "table": f"{scan.place.schema}.{scan.place.table}",
                "why": scan.place.reason,
            }
            for scan in plan.scans
        ],
    )


def _shown(value: object) -> Any:
    return [wire(item) for item in value] if isinstance(value, list) else wire(value)
