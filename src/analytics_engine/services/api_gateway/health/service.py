from __future__ import annotations

import asyncio
import json

from analytics_engine.contracts.services import Service
from analytics_engine.errors import AnalyticsEngineError
from analytics_engine.kernel.health import HealthBoard, Status
from analytics_engine.services.api_gateway.health.schemas import ServiceHealth, SystemReport
from analytics_engine.services.api_gateway.upstreams import Upstream, Upstreams

_TIMEOUT_S = 2.0
_WORST_LAST = (Status.HEALTHY, Status.DEGRADED, Status.UNHEALTHY)


class SystemHealth:
    """Asks every service how it is, all at once."""

    def __init__(self, *, own: HealthBoard, upstreams: Upstreams) -> None:
        self._own = own
        self._upstreams = upstreams

    async def report(self) -> SystemReport:
        services = list(self._upstreams)
        answers = await asyncio.gather(*(self._ask(self._upstreams[service]) for service in services))
        reports = dict(zip(services, answers, strict=True))
        reports[Service.GATEWAY] = ServiceHealth.model_validate((await self._own.report()).model_dump())
        worst = max((report.status for report in reports.values()), key=_WORST_LAST.index)
        return SystemReport(status=worst, services={service.value: reports[service] for service in Service})

    async def _ask(self, upstream: Upstream) -> ServiceHealth:
        try:
            async with upstream.stream(
                "GET", "/health", principal=None, headers={}, timeout_s=_TIMEOUT_S, total_s=_TIMEOUT_S, patient=False
            ) as response:
                return ServiceHealth.model_validate(json.loads(await response.read()))
        except AnalyticsEngineError as error:
            return ServiceHealth(status=Status.UNHEALTHY, detail=error.detail)
        except ValueError:
            return ServiceHealth(status=Status.UNHEALTHY, detail="The service's answer is not a health report.")
