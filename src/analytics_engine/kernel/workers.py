"""Whether the background tasks of a service do their work."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from prometheus_client import Gauge

from analytics_engine.errors import DependencyUnavailable
from analytics_engine.kernel.tasks import BackgroundTask
from analytics_engine.kernel.telemetry import Telemetry


class Workers:
    """A dependency of its service that is well while none of its tasks fails or hangs.

    The metrics tell when those were last heard of whose rounds may only take so long.
    """

    def __init__(self, tasks: Sequence[BackgroundTask], telemetry: Telemetry) -> None:
        self._tasks = tasks
        heartbeat = Gauge(
            "worker_heartbeat_timestamp_seconds",
            "When a worker last gave a sign of life",
            ["service", "worker"],
            registry=telemetry.registry,
        )
        for task in tasks:
            if task.silent_for_s is not None:
                heartbeat.labels(telemetry.service, task.name).set_function(partial(_heard_of_at, task))

    async def ping(self) -> None:
        """Return while all do their work.

        Raises:
            DependencyUnavailable: some do not; the reason names them.
        """
        troubles = [f"{task.name}: {task.trouble}" for task in self._tasks if task.trouble is not None]
        if troubles:
            raise DependencyUnavailable("; ".join(troubles) + ".", remedy="Its log tells why; a restart may help.")


def _heard_of_at(task: BackgroundTask) -> float:
    return task.heard_of_at
