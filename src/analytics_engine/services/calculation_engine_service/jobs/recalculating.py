"""The kind ``recalculate``: values of KPIs computed and kept in history, KPI by KPI."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from analytics_engine.contracts.calculation import KpiQuery, KpiResult, Range
from analytics_engine.contracts.questions import GrainName, PathText
from analytics_engine.contracts.wire import WireModel
from analytics_engine.errors import AnalyticsEngineError, InvalidInput, JobTakenOver, NotFound, QueryError
from analytics_engine.kernel.ports.jobs import RunningJob
from analytics_engine.kpi.model.base import Code
from analytics_engine.services.calculation_engine_service.jobs.history import keep_values, no_number
from analytics_engine.services.calculation_engine_service.service import CalculationService

_MOST_KPIS = 5_000
_TOGETHER = 25
"""How many KPIs are asked in one question."""
_MOST_VALUES = 200_000
"""The most values that are kept in one transaction."""


class RecalculateParams(WireModel):
    """Which KPIs are computed, over what time, cut how; a relative range is relative to the job's tick or start."""

    kpis: Annotated[tuple[Code, ...], Field(max_length=_MOST_KPIS)] = Field(
        default=(), description="codes; none: all KPIs of the client's catalog"
    )
    range: Range
    grain: GrainName | None = Field(default=None, description="null keeps one value of the whole range")
    dimensions: tuple[PathText, ...] = Field(default=(), max_length=8)
    time_zone: str | None = Field(default=None, description="an IANA zone; null takes the client's")


class Recalculate:
    """``JobKind``: computes KPIs, some at a time, and keeps their values in the transaction that notes them as done.

    KPIs that are asked together share their scans. Where one of them keeps the others from being answered, each is
    asked by itself. So is each where there are dimensions: asked together, KPIs would have each other's members, too.
    """

    name = "recalculate"
    description = "Computes KPIs and keeps their values in history; a KPI that fails does not stop the others."
    params = RecalculateParams

    def __init__(self, service: CalculationService) -> None:
        self._service = service

    async def run(self, job: RunningJob[RecalculateParams]) -> None:
        codes = tuple(dict.fromkeys(job.params.kpis)) or await self._service.codes(job.client_id)
        done = await job.parts_done()
        todo = [code for code in codes if code not in done]
        await job.progress(len(codes) - len(todo), len(codes))
        size = 1 if job.params.dimensions else _TOGETHER
        for start in range(0, len(todo), size):
            together = [code for code in todo[start : start + size] if await self._can_be_asked(job, code)]
            if together:
                await self._keep_each(job, together)
            await job.progress(len(codes) - max(0, len(todo) - start - size), len(codes))

    async def _can_be_asked(self, job: RunningJob[RecalculateParams], code: str) -> bool:
        try:
            await self._service.prepare(job.client_id, _query(job.params, [code]), now=job.as_of)
        except (NotFound, InvalidInput) as error:
            await job.fail(code, error)
            return False
        return True

    async def _keep_each(self, job: RunningJob[RecalculateParams], codes: Sequence[str]) -> None:
        try:
            await self._keep(job, codes)
        except JobTakenOver:
            raise
        except AnalyticsEngineError as error:
            if len(codes) == 1:
                await job.fail(codes[0], error)
                return
            for code in codes:
                await self._keep_each(job, [code])

    async def _keep(self, job: RunningJob[RecalculateParams], codes: Sequence[str]) -> None:
        pages: list[KpiResult] = []
        values = 0
        async for page in self._service.pages(job.client_id, _query(job.params, codes), now=job.as_of):
            pages.append(page)
            values += page.row_count * len(page.kpis)
            if values > _MOST_VALUES:
                raise QueryError(
                    f"The answer has more than {_MOST_VALUES:,} values, which are too many to be kept at once.",
                    remedy="Ask a coarser grain, a shorter range or fewer dimensions.",
                )
        others = [column for column in pages[0].kpis if not column.type.numeric]
        for column in others:
            await job.fail(column.code, no_number(column))
        numbers = [column.code for column in pages[0].kpis if column.type.numeric]
        async with job.transaction(parts=numbers) as connection:
            for page in pages:
                await keep_values(connection, page, client_id=job.client_id, as_of=job.as_of)


def _query(asked: RecalculateParams, codes: Sequence[str]) -> KpiQuery:
    return KpiQuery(
        kpis=tuple(codes),
        range=asked.range,
        grain=asked.grain,
        dimensions=asked.dimensions,
        time_zone=asked.time_zone,
    )
