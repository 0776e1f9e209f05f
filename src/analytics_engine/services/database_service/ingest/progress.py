"""How far a load is, told where every replica can see it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from analytics_engine.contracts.data import LoadState
from analytics_engine.errors import AnalyticsEngineError
from analytics_engine.kernel.http.problems import problem_of
from analytics_engine.kernel.logging import get_logger
from analytics_engine.kernel.ports.database import Database
from analytics_engine.kernel.queries import load_queries

log = get_logger(__name__)

_SQL = load_queries(__package__, "progress.sql")
_EVERY_S = 1.0
_LISTED = "errors"


class GivenUp(Exception):
    """Ends what a thread does for a load that nobody waits for any more."""


@dataclass
class Progress:
    """A load that is under way. Whoever works on it counts along; threads may, and ask whether to go on."""

    ingest_id: str
    client_id: str
    object_model: str
    idempotency_key: str | None
    loaded_by: str
    started_at: datetime
    state: LoadState = LoadState.RECEIVING
    received_bytes: int = 0
    rows_checked: int = 0
    rows_copied: int = 0
    is_given_up: bool = False

    def go_on(self) -> None:
        """Return while somebody waits for this load.

        Raises:
            GivenUp: nobody does any more.
        """
        if self.is_given_up:
            raise GivenUp


class ProgressBoard:
    """Writes down once a second how far each load of this process is, on connections of their own.

    A load of less than a second leaves no trace here. What is written last of a load that fails stays for a day, and
    a load whose process died is known by its last sign of life.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    @asynccontextmanager
    async def shown(self, progress: Progress) -> AsyncIterator[None]:
        """Keep a load's progress written down until the block ends; then it is its receipt that tells of it."""
        writer = _Writer(self._database, progress)
        writing = asyncio.create_task(writer.keep())
        try:
            yield
        except AnalyticsEngineError as error:
            await _stopped(writing)
            progress.state = LoadState.REFUSED
            problem = problem_of(error).model_dump(mode="json", exclude={_LISTED})
            await writer.end(problem)
            raise
        except BaseException:
            await _stopped(writing)
            progress.state = LoadState.INTERRUPTED
            await writer.end(None)
            raise
        await _stopped(writing)
        await writer.forget()


class _Writer:
    """Writes one load's progress down. That the database is away is no reason to end the load."""

    def __init__(self, database: Database, progress: Progress) -> None:
        self._database = database
        self._progress = progress
        self._is_written = False

    async def keep(self) -> None:
        await asyncio.sleep(_EVERY_S)
        await self._execute("forget_old_progress")
        while True:
            await self._write(None)
            await asyncio.sleep(_EVERY_S)

    async def end(self, problem: dict[str, Any] | None) -> None:
        if self._is_written:
            await self._write(problem)

    async def forget(self) -> None:
        if self._is_written:
            await self._execute("forget_progress", self._progress.ingest_id)

    async def _write(self, problem: dict[str, Any] | None) -> None:
        self._is_written = True
        progress = self._progress
        await self._execute(
            "write_progress",
            progress.ingest_id,
            progress.object_model,
            progress.idempotency_key,
            progress.loaded_by,
            progress.state.value,
            progress.received_bytes,
            progress.rows_checked,
            progress.rows_copied,
            problem,
            progress.started_at,
        )

    async def _execute(self, name: str, *args: object) -> None:
        client_id = self._progress.client_id
        try:
            async with self._database.transaction(client_id=client_id) as connection:
                await connection.execute(_SQL[name], client_id, *args)
        except AnalyticsEngineError as error:
            log.warning("progress_not_written", ingest_id=self._progress.ingest_id, reason=error.detail)


async def _stopped(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
