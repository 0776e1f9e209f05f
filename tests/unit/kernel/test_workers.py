"""A background task that has died or hangs is told of."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from time import time

import pytest
from prometheus_client import generate_latest

from analytics_engine.errors import DependencyUnavailable
from analytics_engine.kernel.health import Check, HealthBoard, HealthReport, Status
from analytics_engine.kernel.tasks import BackgroundTask, is_wanted
from analytics_engine.kernel.telemetry import Telemetry
from analytics_engine.kernel.workers import Workers
from support.metrics import Metrics
from support.waiting import eventually

HEARTBEAT = "worker_heartbeat_timestamp_seconds"


class Watched:
    """One worker, and what its service says of it."""

    def __init__(self, run: Callable[[], Awaitable[None]], *, silent_for_s: float | None = None) -> None:
        self.telemetry = Telemetry("tested")
        self.task = BackgroundTask("work", run, silent_for_s=silent_for_s)
        self.workers = Workers([self.task], self.telemetry)

    async def report(self) -> HealthReport:
        check = Check("workers", self.workers, without_it=Status.DEGRADED)
        return await HealthBoard(version="1", checks=[check], telemetry=self.telemetry).report()

    async def becomes(self, status: Status) -> str:
        async def is_so() -> bool:
            return (await self.report()).status is status

        await self.task.start()
        try:
            await eventually(is_so)
            return (await self.report()).dependencies["workers"].detail
        finally:
            await self.task.stop()


async def go_round() -> None:
    while is_wanted():  # noqa: ASYNC110 - it is what workers do
        await asyncio.sleep(0.01)


async def test_a_worker_that_goes_round_is_well() -> None:
    watched = Watched(go_round, silent_for_s=5)
    assert not await watched.becomes(Status.HEALTHY)


async def test_a_worker_that_hangs_degrades_its_service() -> None:
    """It gives no sign of life, and its log says nothing."""

    async def hang() -> None:
        while is_wanted():
            await asyncio.Event().wait()

    reason = await Watched(hang, silent_for_s=0.1).becomes(Status.DEGRADED)
    assert reason.startswith("work: it has given no sign of life for")


async def test_a_helper_of_a_worker_is_no_sign_of_its_life() -> None:
    """The heartbeat of what is held goes on while the handling of it hangs."""

    async def hang_and_help() -> None:
        helper = asyncio.create_task(go_round())
        try:
            await asyncio.Event().wait()
        finally:
            helper.cancel()

    assert "no sign of life" in await Watched(hang_and_help, silent_for_s=0.1).becomes(Status.DEGRADED)


async def test_a_worker_that_fails_at_once_whenever_it_is_begun_degrades_its_service() -> None:
    async def fail() -> None:
        assert is_wanted()
        raise ValueError("there is no such column")

    assert await Watched(fail).becomes(Status.DEGRADED) == "work: it failed: ValueError: there is no such column."


async def test_a_worker_is_well_again_when_it_has_come_round() -> None:
    runs = 0

    async def fail_once() -> None:
        nonlocal runs
        runs += 1
        if runs == 1:
            raise ValueError("once")
        await go_round()

    watched = Watched(fail_once)
    await watched.becomes(Status.DEGRADED)
    runs = 1
    assert not await watched.becomes(Status.HEALTHY)


async def test_what_a_worker_needs_is_told_of_by_its_own_health() -> None:
    """A database that is away is no fault of who asks it."""

    async def away() -> None:
        raise DependencyUnavailable("The database is away.")

    watched = Watched(away)
    assert not await watched.becomes(Status.HEALTHY)


@pytest.mark.parametrize(("silent_for_s", "shown"), [(60, 1), (None, 0)])
async def test_the_metrics_tell_when_a_worker_was_last_heard_of(silent_for_s: float | None, shown: int) -> None:
    """Of one whose rounds may take any time they tell nothing: its silence means nothing."""
    began = time()
    watched = Watched(go_round, silent_for_s=silent_for_s)
    await watched.becomes(Status.HEALTHY)
    beats = Metrics.of(generate_latest(watched.telemetry.registry).decode()).values(HEARTBEAT, worker="work")
    assert len(beats) == shown
    assert all(began - 1 <= beat <= time() for beat in beats)
