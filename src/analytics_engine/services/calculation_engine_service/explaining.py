"""How a query is answered, step by step, in a form a person can read."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from analytics_engine.contracts.calculation import ExplainedStatement, ExplainStep, Explanation, KpiQuery
from analytics_engine.kernel.clock import Clock
from analytics_engine.kpi.model.frames import Edge, frame_label
from analytics_engine.kpi.plan.plan import Cut, Plan, Scan
from analytics_engine.kpi.sql.parameters import KeptSlot
from analytics_engine.kpi.values.binding import Binding, bind
from analytics_engine.kpi.values.reasons import label
from analytics_engine.services.calculation_engine_service.comparisons import meaning_of
from analytics_engine.services.calculation_engine_service.parts import Part
from analytics_engine.services.calculation_engine_service.plans import Compiled
from analytics_engine.services.calculation_engine_service.preparing import Prepared
from analytics_engine.services.calculation_engine_service.reading import (
    binding_of,
    choose,
    question_about,
    ranking_binding,
)
from analytics_engine.services.calculation_engine_service.service import CalculationService
from analytics_engine.services.calculation_engine_service.stacking import wire

_MOST_SPANS = 20
_ARCHIVED = "; old rows of it are archived, and are brought back as far as the question reaches them"


class Explainer:
    def __init__(self, *, service: CalculationService, clock: Clock) -> None:
        self._service = service
        self._clock = clock

    async def explain(self, client_id: str, query: KpiQuery) -> Explanation:
        """Return the plans of a query, its statements and their parameters as they are now.

        Nothing is read but what is loaded, and the top members where such are asked for: the statements name them.
        """
        prepared = await self._service.prepare(client_id, query)
        async with self._service.engine.snapshot(client_id=client_id) as snapshot:
            state = await snapshot.state(prepared.object_models, prepared.rollups)
            chosen = await choose(snapshot, prepared, state)
        statements: list[ExplainedStatement] = []
        if prepared.ranking is not None:
            ranking = prepared.ranking
            binding = ranking_binding(prepared, ranking, state)
            statements.append(self._statement("top members", prepared, ranking, binding, state.archived))
        first = len(statements)
        for part in prepared.parts:
            compiled = question_about(prepared, part, chosen)
            binding = binding_of(prepared, part, state=state, chosen=chosen)
            statements.append(self._statement(_purpose(prepared, part), prepared, compiled, binding, state.archived))
        cells = statements[first]
        return Explanation(
            steps=cells.steps,
            sql=cells.sql,
            parameters=cells.parameters,
            statements=tuple(statements),
            watermark=state.watermark,
            asked_at=self._clock.now(),
        )

    def _statement(  # noqa: PLR0917 - what a statement is of, and what it is bound to
        self, purpose: str, prepared: Prepared, compiled: Compiled, binding: Binding, archived: Collection[str]
    ) -> ExplainedStatement:
        values = bind(compiled.statement.slots, binding)
        slots = [type(slot).__name__.removesuffix("Slot").lower() for slot in compiled.statement.slots]
        emitted = ExplainStep(
            name="emit",
            summary=f"One statement for {self._service.engine.dialect.name}, {_count(len(values), 'parameter')}.",
            detail=slots,
        )
        return ExplainedStatement(
            purpose=purpose,
            steps=(
                _resolve(prepared, compiled.plan),
                _share(compiled.plan),
                _place(compiled, values, archived),
                emitted,
            ),
            sql=compiled.statement.sql,
            parameters={f"${number}": _shown(value) for number, value in enumerate(values, start=1)},
        )


def _purpose(prepared: Prepared, part: Part) -> str:
    """Return what a part is for: ``cells by month``, ``subtotals of order.region by month, range 2``."""
    what = "cells" if part.level == 0 else f"subtotals of {', '.join(part.dimensions)}"
    if part.level > 0 and not part.dimensions:
        what = "totals"
    grain = f" by {part.cut.grain}" if part.cut.grain else ""
    number = f", range {part.cut.range + 1}" if len(prepared.times.windows) > 1 else ""
    return f"{what}{grain}{number}"


def _resolve(prepared: Prepared, plan: Plan) -> ExplainStep:
    checker = prepared.definitions.checker
    measures: list[dict[str, Any]] = []
    for measure in plan.measures:
        checked = meaning_of(checker, measure.name)
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
        "cuts": list(dict.fromkeys(_cuts(scan))),
        "totals": scan.total,
        "terms": [label(term) for term in scan.terms],
        "states": [state.kind.value for state in scan.states],
        "dimensions": [label(dimension) for dimension in scan.dimensions],
    }


def _cuts(scan: Scan) -> Iterator[str]:
    """Yield in words which spans are read."""
    for cut in scan.cuts:
        yield _cut(cut)


def _cut(cut: Cut) -> str:
    of_days = f"of {frame_label(cut.spine)}: " if cut.spine else ""
    at = f", at its {cut.at.value}" if cut.at is not None else ""
    return f"{of_days}{frame_label(cut.frame)}{at}"


def _place(compiled: Compiled, values: Sequence[object], archived: Collection[str]) -> ExplainStep:
    """Tell where each scan is read: of a rollup which spans of time at which level, and which in the rows."""
    plan = compiled.plan
    return ExplainStep(
        name="place",
        summary="; ".join(f"{scan.model}: {scan.place.name}" for scan in plan.scans) + ".",
        detail=[
            {
                "object_model": scan.model,
                "place": scan.place.name,
                "table": f"{scan.place.schema}.{scan.place.table}",
                "why": scan.place.reason + (_ARCHIVED if scan.model in archived else ""),
                "spans": _spans(compiled, scan, values),
            }
            for scan in plan.scans
        ],
    )


def _spans(compiled: Compiled, scan: Scan, values: Sequence[object]) -> dict[str, Any]:
    """Return the spans a scan of a rollup reads, the first of many, under the level or ``rows``."""
    edges: dict[str, dict[Edge, list[Any]]] = {}
    for slot, value in zip(compiled.statement.slots, values, strict=True):
        if isinstance(slot, KeptSlot) and not slot.hull and slot.kept == scan.place.kept and isinstance(value, list):
            level = slot.level.value if slot.level is not None else "rows"
            edges.setdefault(level, {})[slot.edge] = value[:_MOST_SPANS]
    return {
        level: [_shown([start, end]) for start, end in zip(of[Edge.START], of[Edge.END], strict=True)]
        for level, of in edges.items()
    }


def _shown(value: object) -> Any:
    return [wire(item) for item in value] if isinstance(value, list) else wire(value)
