"""The canary: at an interval, in one replica at a time, what goes in is what comes out."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from enum import StrEnum

from analytics_engine.errors import AnalyticsEngineError, DependencyUnavailable
from analytics_engine.kernel.http import request_id
from analytics_engine.kernel.ids import new_id
from analytics_engine.kernel.logging import get_logger
from analytics_engine.kernel.ports.database import Database
from analytics_engine.kernel.queries import load_queries
from analytics_engine.kernel.tasks import is_wanted
from analytics_engine.services.api_gateway.canary.probing import Probe, Wrong
from analytics_engine.services.api_gateway.canary.telemetry import CanaryTelemetry

log = get_logger(__name__)

RUN_LIMIT_S = 45.0
"""How long a run may take; a claim is good for a little longer."""
_LEASE_S = RUN_LIMIT_S + 5.0
_LOOK_EVERY_S = 5.0

_SQL: Mapping[str, str] = load_queries(__package__)


class Outcome(StrEnum):
    OK = "ok"
    WRONG = "wrong"
    FAILED = "failed"


class Canary:
    """Runs the probe, and tells by metrics, log and health what came of it.

    Args:
        every_s: from the beginning of one run to that of the next, over all replicas.
    """

    def __init__(self, database: Database, probe: Probe, telemetry: CanaryTelemetry, *, every_s: float) -> None:
        self._database = database
        self._probe = probe
        self._telemetry = telemetry
        self._every_s = every_s
        self._wrong = ""

    async def keep(self) -> None:
        """Run the probe for ever; not before the services that started with this one had a moment to start."""
        while is_wanted():
            await asyncio.sleep(min(self._every_s, _LOOK_EVERY_S))
            try:
                await self.look()
            except AnalyticsEngineError as error:
                self._count(Outcome.FAILED, error.detail)
                await asyncio.sleep(min(self._every_s, RUN_LIMIT_S))

    async def look(self) -> Outcome | None:
        """Run the probe where it is due and nobody else does, and take notice of how it stands."""
        async with self._database.transaction() as connection:
            is_ours = await connection.fetch_value(_SQL["claim"], self._every_s, _LEASE_S)
        outcome = await self._run() if is_ours else None
        async with self._database.transaction(read_only=True) as connection:
            state = await connection.fetch_one(_SQL["state"])
        assert state is not None
        self._wrong = state["detail"] if state["outcome"] == Outcome.WRONG else ""
        self._telemetry.last_success.set(state["succeeded_at_s"] or 0)
        return outcome

    async def ping(self) -> None:
        """Return unless the last run, in any replica, had a wrong answer.

        Raises:
            DependencyUnavailable: it had; the reason has the numbers.
        """
        if self._wrong:
            raise DependencyUnavailable(
                f"The canary's answers are wrong: {self._wrong}.",
                remedy="Compare its rollup with its rows, and look whether events are relayed.",
            )

    async def _run(self) -> Outcome:
        token = request_id.set_request_id(f"canary-{new_id()}")
        try:
            outcome, detail = await self._probed()
            self._count(outcome, detail)
            async with self._database.transaction() as connection:
                await connection.execute(_SQL["end"], outcome.value, detail)
        finally:
            request_id.reset_request_id(token)
        return outcome

    async def _probed(self) -> tuple[Outcome, str]:
        try:
            async with asyncio.timeout(RUN_LIMIT_S):
                self._telemetry.commit_to_answer.observe(await self._probe.run())
        except Wrong as wrong:
            return Outcome.WRONG, str(wrong)
        except AnalyticsEngineError as error:
            return Outcome.FAILED, error.detail
        except TimeoutError:
            return Outcome.FAILED, f"It did not come to an end within {RUN_LIMIT_S:g} s."
        return Outcome.OK, ""

    def _count(self, outcome: Outcome, detail: str) -> None:
        self._telemetry.runs.labels(outcome.value).inc()
        match outcome:
            case Outcome.WRONG:
                log.error("canary_wrong", detail=detail)
            case Outcome.FAILED:
                log.warning("canary_failed", detail=detail)
            case Outcome.OK:
                log.debug("canary_ok")
