"""When alerts are checked: each due check once, however many replicas there are, and soon after rows were loaded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from analytics_engine.errors import AnalyticsEngineError, DependencyTimeout, DependencyUnavailable
from analytics_engine.kernel.clock import Clock
from analytics_engine.kernel.ids import new_id
from analytics_engine.kernel.logging import get_logger
from analytics_engine.kernel.ports.database import Database
from analytics_engine.kernel.tasks import is_wanted
from analytics_engine.kpi.alerts.transitions import AlertState
from analytics_engine.services.calculation_engine_service.alerts.evaluating import Checked, Evaluator, by_subject
from analytics_engine.services.calculation_engine_service.alerts.recording import Found, Recorder
from analytics_engine.services.calculation_engine_service.alerts.repository import SQL, AlertRepository, StoredAlert
from analytics_engine.services.calculation_engine_service.alerts.telemetry import AlertTelemetry

log = get_logger(__name__)

_POLL_S = 0.25
_AWAY_PAUSE_S = 1.0
_MEASURE_EVERY_S = 5.0
_CLEAN_EVERY_S = 3_600.0
LEASE = timedelta(seconds=60)
"""How long a claim is good without being renewed: longer than the statements of one question may take."""

SOONEST_AGAIN = timedelta(seconds=5)
"""How soon a check that failed is made again."""
HISTORY_KEPT = timedelta(days=400)
"""How long changes of alerts, and silences that have ended, are kept."""


class Claim(NamedTuple):
    """Due checks of one client that nobody else makes."""

    id: str
    client_id: str
    alert_ids: tuple[UUID, ...]


@dataclass
class AlertChecks:
    """Claims due checks, makes them, and writes down what they find.

    No transaction is open while a question is answered: it would hold back every event of the system. Who is killed
    in between leaves a claim that runs out; who is only slow finds its claim taken over, and writes nothing.
    """

    database: Database
    clock: Clock
    evaluator: Evaluator
    recorder: Recorder
    telemetry: AlertTelemetry
    repository: AlertRepository = field(default_factory=AlertRepository)
    batch: int = 50
    """How many checks are claimed at once, at most."""

    async def run(self) -> None:
        """Check for ever what is due."""
        while is_wanted():
            try:
                made = await self.check_due()
            except (DependencyUnavailable, DependencyTimeout) as error:
                log.warning("alerts_not_checked", reason=error.detail)
                await asyncio.sleep(_AWAY_PAUSE_S)
                continue
            if not made:
                await asyncio.sleep(_POLL_S)

    async def measure(self) -> None:
        """Keep the gauges up to date, for ever."""
        while is_wanted():
            try:
                await self.measure_once()
            except (DependencyUnavailable, DependencyTimeout) as error:
                log.debug("alerts_not_measured", reason=error.detail)
            await asyncio.sleep(_MEASURE_EVERY_S)

    async def clean(self) -> None:
        """Forget history that is older than it is kept, for ever."""
        while is_wanted():
            await self.clean_once()
            await asyncio.sleep(_CLEAN_EVERY_S)

    async def clean_once(self) -> None:
        async with self.database.transaction() as connection:
            await connection.execute(SQL["forget_history"], self.clock.now() - HISTORY_KEPT)

    async def measure_once(self) -> None:
        async with self.database.transaction(read_only=True) as connection:
            counts = {row["state"]: row["cells"] for row in await connection.fetch(SQL["state_counts"])}
            overdue = await connection.fetch_value(SQL["lateness"], self.clock.now())
        for state in AlertState:
            self.telemetry.cells.labels(state.value).set(counts.get(state.value, 0))
        self.telemetry.overdue.set(overdue)

    async def check_due(self) -> int:
        """Make the checks of one client that are due, and return how many were made."""
        claim = await self.claim()
        if claim is None:
            return 0
        try:
            async for stored, found in self.find(claim):
                await self.settle(claim, stored, found)
        except (asyncio.CancelledError, AnalyticsEngineError):
            with suppress(AnalyticsEngineError):
                await self._give_back(claim)
            raise
        return len(claim.alert_ids)

    async def claim(self) -> Claim | None:
        """Claim the checks of one client that are due, or whose claim has run out; None where there are none."""
        now, token = self.clock.now(), new_id()
        async with self.database.transaction() as connection:
            rows = await connection.fetch(SQL["claim"], now, token, now + LEASE, self.batch)
        if not rows:
            return None
        return Claim(token, rows[0]["client_id"], tuple(row["alert_id"] for row in rows))

    async def find(self, claim: Claim) -> AsyncIterator[Checked]:
        """Yield what the claimed checks find, question by question; the claim is renewed before each."""
        async with self.database.transaction(client_id=claim.client_id, read_only=True) as connection:
            alerts = await self.repository.with_cells(connection, claim.alert_ids)
        for subject, those in by_subject(alerts).items():
            is_wanted()
            held = await self._renew(claim)
            ours = [stored for stored in those if UUID(stored.alert.id) in held]
            for checked in await self.evaluator.check(claim.client_id, subject, ours) if ours else ():
                yield checked

    async def settle(self, claim: Claim, stored: StoredAlert, found: Found) -> None:
        """Write down what a check found and end its claim, in one transaction; nothing where it was taken over."""
        reads = list(found.asked.reads) if found.asked is not None else None
        async with self.database.transaction(client_id=claim.client_id) as connection:
            alert_id = UUID(stored.alert.id)
            await self.repository.alert(connection, alert_id, lock=True)  # before the check's row, as who changes it
            if await connection.fetch_value(SQL["hold_claim"], alert_id, claim.id) is None:
                return
            recorded = await self.recorder.record(connection, stored, found)
            again = _again_at(found, recorded[0]) if recorded else None
            await connection.execute(SQL["end_claim"], alert_id, claim.id, reads, again)
        for change in recorded[1] if recorded else ():
            self.telemetry.changes.labels(change["state"]).inc()
            log.info("alert_changed", alert=stored.rule.name, previous=change["previous"], state=change["state"])

    async def _renew(self, claim: Claim) -> set[UUID]:
        """Hold the claim for another lease, and return the checks that are in it still."""
        async with self.database.transaction() as connection:
            rows = await connection.fetch(SQL["renew_claim"], claim.id, self.clock.now() + LEASE)
        return {row["alert_id"] for row in rows}

    async def _give_back(self, claim: Claim) -> None:
        """Let others make the checks that were not."""
        async with self.database.transaction() as connection:
            await connection.execute(SQL["give_back"], claim.id, self.clock.now())


def _again_at(found: Found, stored: StoredAlert) -> datetime | None:
    """Return when a check that failed is made again: after as long as it has been failing, at first soon."""
    if not found.problem:
        return None
    failing = [cell.memory.failing_since for cell in stored.cells.values() if cell.memory.failing_since]
    return found.at + max(SOONEST_AGAIN, found.at - min(failing, default=found.at))
