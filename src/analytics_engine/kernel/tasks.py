"""Background tasks of a service: named, supervised, restarted with back-off. One of the four edges."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import time
from collections.abc import Awaitable, Callable

from analytics_engine.errors import DependencyTimeout, DependencyUnavailable
from analytics_engine.kernel.logging import get_logger

log = get_logger(__name__)

_FIRST_PAUSE_S = 0.2
_LONGEST_PAUSE_S = 5.0
_WELL_AFTER_S = 60.0

_running: contextvars.ContextVar[BackgroundTask | None] = contextvars.ContextVar("background_task", default=None)


def is_wanted() -> bool:
    """Return True, for loops that go on until they are cancelled; it is a sign of life of the background task.

    A task that was cancelled ends here at the latest: a driver may swallow it, as ``asyncio.wait_for`` of Python 3.11
    does when what it waits for is there in the same moment.

    Raises:
        CancelledError: the running task was cancelled.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
    background = _running.get()
    if background is not None and background.is_run_by(task):
        background.beat()
    return True


class BackgroundTask:
    """Keeps one coroutine running from ``start`` to ``stop``, whatever it raises.

    Args:
        name: what logs, health and metrics call it.
        run: goes round ``while is_wanted()`` for ever, or is begun again when it returns.
        silent_for_s: how long a round may take; who is silent for longer hangs. Without it, any time.
    """

    def __init__(self, name: str, run: Callable[[], Awaitable[None]], *, silent_for_s: float | None = None) -> None:
        self.name = name
        self.silent_for_s = silent_for_s
        self._run = run
        self._gates: list[Callable[[], Awaitable[None]]] = []
        self._task: asyncio.Task[None] | None = None
        self._rounds = 0
        self._beat_at = 0.0
        self._began_at = 0.0
        self.heard_of_at = 0.0
        """When it last gave a sign of life, in seconds since 1970; 0 before the first one."""
        self.failure: str | None = None
        """Why the last run ended, while no later one has come round, or goes on for long."""

    def after(self, opened: Callable[[], Awaitable[None]]) -> None:
        """Have it begin its work only when ``opened`` has returned."""
        self._gates.append(opened)

    async def start(self) -> None:
        self.beat()
        self._task = asyncio.create_task(self._keep_running(), name=self.name)

    async def stop(self) -> None:
        if self._task is None:
            return
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        self._task = None

    def is_run_by(self, task: asyncio.Task[object] | None) -> bool:
        return task is not None and task is self._task

    def beat(self) -> None:
        """Take notice of a round that begins; the second one of a run says that it runs well."""
        self._beat_at, self.heard_of_at = time.monotonic(), time.time()
        self._rounds += 1
        if self._rounds > 1:
            self.failure = None

    @property
    def trouble(self) -> str | None:
        """Why it does not do its work now, or None where it does, or was not started."""
        if self._task is None:
            return None
        if self._task.done():
            return "it has ended"
        now = time.monotonic()
        if self.failure is not None and now - self._began_at < _WELL_AFTER_S:
            return f"it failed: {self.failure}"
        silent_s = now - self._beat_at
        if self.silent_for_s is not None and silent_s > self.silent_for_s:
            return f"it has given no sign of life for {silent_s:.0f} s"
        return None

    async def _keep_running(self) -> None:
        _running.set(self)
        for opened in self._gates:
            await opened()
            self.beat()
        pause_s = _FIRST_PAUSE_S
        while is_wanted():
            self._began_at, self._rounds = time.monotonic(), 0
            try:
                await self._run()
                self.failure = None
            except (DependencyUnavailable, DependencyTimeout) as error:
                # What it needs is away, of which that one's own health tells.
                log.warning("background_task_failed", task=self.name, error=f"{type(error).__name__}: {error}")
            except Exception as error:  # noqa: BLE001 - the job edge: log, wait, go on
                self.failure = f"{type(error).__name__}: {error}"
                log.warning("background_task_failed", task=self.name, error=self.failure)
            if time.monotonic() - self._began_at > _LONGEST_PAUSE_S:
                pause_s = _FIRST_PAUSE_S
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
