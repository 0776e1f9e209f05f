from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any, Generic

from analytics_engine.errors import AnalyticsEngineError
from analytics_engine.kernel.http.problems import problem_of
from analytics_engine.kernel.ports.database import Connection
from analytics_engine.kernel.ports.jobs import ClaimedJob, JobQueue, P
from analytics_engine.kernel.security.principal import Principal

_TELL_EVERY_S = 0.25


class Attempt(Generic[P]):
    """``kernel.ports.jobs.RunningJob``: an attempt at a job by this process."""

    def __init__(self, queue: JobQueue, job: ClaimedJob, params: P) -> None:
        self._queue = queue
        self._job = job
        self._params = params
        self._told_at = 0.0
        self._untold: tuple[int, int] | None = None
        self.stop = False
        """Set by the runner: the job is to end as soon as it can."""

    @property
    def id(self) -> str:
        return self._job.id

    @property
    def principal(self) -> Principal:
        return self._job.principal

    @property
    def client_id(self) -> str:
        return self._job.principal.client_id

    @property
    def params(self) -> P:
        return self._params

    @property
    def as_of(self) -> datetime:
        return self._job.as_of

    @property
    def attempt(self) -> int:
        return self._job.attempt

    @property
    def cancelled(self) -> bool:
        return self.stop

    async def progress(self, done: int, total: int) -> None:
        self._untold = (done, total)
        if asyncio.get_running_loop().time() - self._told_at >= _TELL_EVERY_S:
            await self.tell()

    async def tell(self) -> None:
        """Write the progress that was not written yet."""
        if self._untold is not None:
            (done, total), self._untold = self._untold, None
            await self._queue.progress(self._job, done=done, total=total)
            self._told_at = asyncio.get_running_loop().time()

    async def fail(self, what: str, problem: AnalyticsEngineError) -> None:
        await self._queue.fail_part(self._job, what=what, problem=problem_of(problem).model_dump(mode="json"))

    async def keep_result(self, result: Mapping[str, Any]) -> None:
        await self._queue.keep_result(self._job, result)

    async def parts_done(self) -> frozenset[str]:
        return await self._queue.parts_done(self._job)

    def transaction(self, *, parts: Sequence[str] = ()) -> AbstractAsyncContextManager[Connection]:
        return self._queue.transaction(self._job, parts=parts)
