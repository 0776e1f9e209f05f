"""Background tasks of a service: named, supervised, restarted with back-off. One of the four edges."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from analytics_engine.kernel.logging import get_logger

log = get_logger(__name__)

_FIRST_PAUSE_S = 0.2
_LONGEST_PAUSE_S = 5.0


def is_wanted() -> bool:
    """Return True, for loops that go on until they are cancelled.

    A task that was cancelled ends here at the latest: a driver may swallow it, as ``asyncio.wait_for`` of Python 3.11
    does when what it waits for is there in the same moment.

    Raises:
        CancelledError: the running task was cancelled.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
    return True


class BackgroundTask:
    """Keeps one coroutine running from ``start`` to ``stop``, whatever it raises."""

    def __init__(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        self.name = name
        self._run = run
        self._task: asyncio.Task[None] | None = None
        self.failure: str | None = None
        """Why the last run ended, while it has not run well since."""

    async def start(self) -> None:
        self._task = asyncio.create_task(self._keep_running(), name=self.name)

    async def stop(self) -> None:
        if self._task is None:
            return
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        self._task = None

    async def _keep_running(self) -> None:
        pause_s = _FIRST_PAUSE_S
        loop = asyncio.get_running_loop()
        while is_wanted():
            began = loop.time()
            try:
                await self._run()
                self.failure = None
            except Exception as error:  # noqa: BLE001 - the job edge: log, wait, go on
                self.failure = f"{type(error).__name__}: {error}"
                log.warning("background_task_failed", task=self.name, error=self.failure)
            if loop.time() - began > _LONGEST_PAUSE_S:
                pause_s = _FIRST_PAUSE_S
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
