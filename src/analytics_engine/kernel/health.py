"""What a service says of its health: the sum of pings of what it depends on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel, Field

from analytics_engine.errors import AnalyticsEngineError
from analytics_engine.kernel.ports.lifecycle import Dependency
from analytics_engine.kernel.telemetry import Telemetry

_PING_TIMEOUT_S = 1.0
_FRESH_S = 1.0


class Status(StrEnum):
    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"


_WORST_LAST = (Status.HEALTHY, Status.DEGRADED, Status.UNHEALTHY)


@dataclass(frozen=True)
class Check:
    """One dependency, what its loss makes of the service, and what is known of it, such as its version."""

    name: str
    dependency: Dependency
    without_it: Status
    about: Callable[[], Mapping[str, str]] = dict


class DependencyReport(BaseModel):
    """How a dependency is, why it is not well, and what is known of it."""

    status: Status
    detail: str = ""
    about: dict[str, str] = Field(default_factory=dict)


class HealthReport(BaseModel):
    """The body of ``/health`` and ``/ready``; it names causes and never holds secrets."""

    status: Status
    service: str
    version: str
    dependencies: dict[str, DependencyReport]


class HealthBoard:
    """Pings every dependency at once, at most once a second, and sums the answers up."""

    def __init__(self, *, version: str, checks: Sequence[Check], telemetry: Telemetry) -> None:
        self._version = version
        self._checks = checks
        self._telemetry = telemetry
        self._lock = asyncio.Lock()
        self._report: HealthReport | None = None
        self._reported_at = 0.0

    async def report(self) -> HealthReport:
        async with self._lock:
            now = asyncio.get_running_loop().time()
            if self._report is None or now - self._reported_at >= _FRESH_S:
                self._report = await self._measure()
                self._reported_at = asyncio.get_running_loop().time()
            return self._report

    async def _measure(self) -> HealthReport:
        answers = await asyncio.gather(*(self._ping(check) for check in self._checks))
        statuses = [Status.HEALTHY, *(answer.status for answer in answers)]
        return HealthReport(
            status=max(statuses, key=_WORST_LAST.index),
            service=self._telemetry.service,
            version=self._version,
            dependencies={check.name: answer for check, answer in zip(self._checks, answers, strict=True)},
        )

    async def _ping(self, check: Check) -> DependencyReport:
        gauge = self._telemetry.dependency_up.labels(self._telemetry.service, check.name)
        try:
            async with asyncio.timeout(_PING_TIMEOUT_S):
                await check.dependency.ping()
        except TimeoutError:
            gauge.set(0)
            return DependencyReport(
                status=check.without_it,
                detail=f"{check.name} did not answer within {_PING_TIMEOUT_S:g} s.",
                about=dict(check.about()),
            )
        except AnalyticsEngineError as error:
            gauge.set(0)
            return DependencyReport(status=check.without_it, detail=error.detail, about=dict(check.about()))
        gauge.set(1)
        return DependencyReport(status=Status.HEALTHY, about=dict(check.about()))
