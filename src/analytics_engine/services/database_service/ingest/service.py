"""Ingest: a body of rows becomes committed rows with a receipt, or nothing at all."""

from __future__ import annotations

from collections.abc import Awaitable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from analytics_engine.contracts.data import IngestReceipt, LoadMode, LoadState
from analytics_engine.contracts.events import DataIngested, EventType
from analytics_engine.errors import Conflict
from analytics_engine.kernel.clock import Clock
from analytics_engine.kernel.http.request_id import current_request_id
from analytics_engine.kernel.ids import new_id
from analytics_engine.kernel.meanwhile import meanwhile
from analytics_engine.kernel.ports.database import Connection, Database
from analytics_engine.kernel.ports.events import Event
from analytics_engine.kernel.ports.outbox import Outbox
from analytics_engine.kernel.security.principal import Principal
from analytics_engine.kpi.model.catalog import ObjectModelVersion
from analytics_engine.services.database_service.definitions import ObjectModels
from analytics_engine.services.database_service.ingest import repository
from analytics_engine.services.database_service.ingest.checks import InputChecks
from analytics_engine.services.database_service.ingest.covering import covered
from analytics_engine.services.database_service.ingest.kept import KeptRows
from analytics_engine.services.database_service.ingest.loading import Loaded, Loader
from analytics_engine.services.database_service.ingest.loads import keep_rejects
from analytics_engine.services.database_service.ingest.progress import Progress, ProgressBoard
from analytics_engine.services.database_service.ingest.rejection import Rejection
from analytics_engine.services.database_service.ingest.repository import Covered, LoadRecord
from analytics_engine.services.database_service.ingest.requests import LoadRequest
from analytics_engine.services.database_service.ingest.slots import LoadSlots
from analytics_engine.services.database_service.ingest.uploads import Body, Upload, received
from analytics_engine.services.database_service.tables import repository as tables
from analytics_engine.services.database_service.tables.fact_table import FactTable
from analytics_engine.services.database_service.tables.measuring import Measuring
from analytics_engine.services.database_service.tables.service import FactTables

SOURCE = "database_service"


@dataclass(frozen=True)
class IngestLimits:
    """The largest body, the most that it may hold when it is decompressed, and the longest a statement may take."""

    upload_bytes: int
    decompressed_bytes: int
    timeout_s: float


@dataclass(frozen=True)
class _Task:
    """One load, with all that is known of it before it begins."""

    request: LoadRequest
    principal: Principal
    model: ObjectModelVersion
    table: FactTable
    size_bytes: int
    request_hash: bytes
    progress: Progress


_MANY_ROWS = 1_000
"""A load of so many rows may have changed what is the best plan."""


class IngestService:
    """Loads rows into object models."""

    def __init__(
        self,
        *,
        database: Database,
        models: ObjectModels,
        tables: FactTables,
        outbox: Outbox,
        clock: Clock,
        measuring: Measuring,
        slots: LoadSlots,
        limits: IngestLimits,
    ) -> None:
        self._measuring = measuring
        self._database = database
        self._models = models
        self._tables = tables
        self._outbox = outbox
        self._clock = clock
        self._slots = slots
        self._limits = limits
        self._board = ProgressBoard(database)
        self._checks = InputChecks(at_once=slots.at_once, limit_bytes=limits.decompressed_bytes)

    async def load(self, principal: Principal, request: LoadRequest, body: Body) -> IngestReceipt:
        """Load a body's rows for the principal's client; they are committed when this returns.

        Cancelled, it leaves nothing, unless the commit was asked for already: that goes on to its end.

        Raises:
            ObjectModelNotFound: there is no such object model.
            InvalidInput, RowsRejected: the input or too many rows are wrong; nothing was loaded.
            TooLarge: the body is larger than allowed, or what it holds is.
            IdempotencyConflict: the key was used for another request.
            Conflict: the table cannot hold this version of the object model, or the load's id is in use.
            RateLimited, TooBusy: as many loads are under way as may be.
        """
        progress = Progress(
            ingest_id=request.load_id or new_id(),
            client_id=principal.client_id,
            object_model=request.object_model,
            idempotency_key=request.idempotency_key,
            loaded_by=principal.subject,
            started_at=self._clock.now(),
        )
        with self._slots.taken(principal.client_id):
            async with (
                self._board.shown(progress),
                meanwhile(self._models.get(principal.client_id, request.object_model)) as model,
                received(body, limit_bytes=self._limits.upload_bytes, progress=progress) as upload,
            ):
                return await self._load(principal, request, upload, asked=model, progress=progress)

    async def _load(
        self,
        principal: Principal,
        request: LoadRequest,
        upload: Upload,
        *,
        asked: Awaitable[ObjectModelVersion],
        progress: Progress,
    ) -> IngestReceipt:
        """Load what was sent.

        It is checked by the definition that was known last, while business_metadata is asked for the present one, and
        anew where that is another.
        """
        request_hash = request.hash(principal.client_id, upload.digest)
        client_id = principal.client_id if request.may_be_known else None
        async with self._database.transaction(client_id=client_id, read_only=True) as connection:
            if replayed := await _replayed(connection, principal, request, request_hash):
                return replayed
            start = await tables.rows_from(connection, request.object_model)
        with ExitStack() as opened:
            progress.state = LoadState.CHECKING
            presumed = self._models.last_known(principal.client_id, request.object_model) or await asked
            check = partial(self._checks.check, upload, request, rows_from=start, progress=progress)
            checked = opened.enter_context(await check(presumed))
            model = await asked
            request.check_declared(model.definition)
            table = await self._tables.ensure(model, client_id=principal.client_id)
            if checked.model != model:
                checked = opened.enter_context(await check(model))
            checked.judge(request, progress)
            await self._tables.make_room(table, checked.rows.months)
            progress.state = LoadState.LOADING
            if request.mode is LoadMode.UPSERT:
                await self._measuring.caught_up()
            task = _Task(request, principal, model, table, upload.size_bytes, request_hash, progress)
            return await self._commit(task, checked.rows, checked.rejection)

    async def _commit(self, task: _Task, rows: KeptRows, rejection: Rejection) -> IngestReceipt:
        client_id = task.principal.client_id
        code, mode, key = task.table.code, task.request.mode, task.request.idempotency_key
        async with self._database.transaction(client_id=client_id, timeout_s=self._limits.timeout_s) as connection:
            if key is not None:
                await repository.lock_key(connection, client_id=client_id, key=key)
                known = await repository.replay(
                    connection, client_id=client_id, key=key, request_hash=task.request_hash
                )
                if known is not None:
                    return known
            await repository.lock_rows(connection, client_id=client_id, code=code, mode=mode)
            await self._tables.hold(connection, task.table, task.model.definition)
            with Loader(
                connection,
                client_id=client_id,
                table=task.table,
                rows=rows,
                rejection=rejection,
                progress=task.progress,
            ) as loader:
                loaded = await loader.load(mode)
                rows = loader.rows
            task.request.judge(rejection, checked=task.progress.rows_checked)
            span = covered(task.request, rows)
            receipt = _receipt(task, rejection, loaded, span)
            watermark = await repository.record(connection, receipt, _record(task))
            await keep_rejects(connection, rejection.listed, client_id=client_id, ingest_id=receipt.ingest_id)
            await self._tell(connection, client_id, code, rows)
        if rows.rows >= _MANY_ROWS:
            self._measuring.soon()
        return receipt.model_copy(update={"watermark": watermark})

    async def _tell(self, connection: Connection, client_id: str, code: str, rows: KeptRows) -> None:
        data = DataIngested(
            object_model=code,
            rows=rows.rows,
            first_time=rows.first.isoformat() if rows.first else None,
            last_time=rows.last.isoformat() if rows.last else None,
        )
        event = Event(
            type=EventType.DATA_INGESTED.value,
            source=SOURCE,
            time=self._clock.now(),
            subject=code,
            clientid=client_id,
            correlationid=current_request_id(),
            data=data.model_dump(mode="json"),
        )
        await self._outbox.add(connection, event)


async def _replayed(
    connection: Connection, principal: Principal, request: LoadRequest, request_hash: bytes
) -> IngestReceipt | None:
    """Spare a repeated request the reading of its rows.

    Raises:
        Conflict: it is no repetition, and the id it is to have is that of another load.
    """
    if request.idempotency_key is not None:
        known = await repository.replay(
            connection, client_id=principal.client_id, key=request.idempotency_key, request_hash=request_hash
        )
        if known is not None:
            return known
    if request.load_id is not None and await repository.is_load(connection, request.load_id):
        raise Conflict(
            f"There is a load {request.load_id} already.",
            remedy="Give each load an id of its own; to repeat one safely, give it an Idempotency-Key.",
            ingest_id=request.load_id,
        )
    return None


def _receipt(task: _Task, rejection: Rejection, loaded: Loaded, span: Covered | None) -> IngestReceipt:
    return IngestReceipt(
        ingest_id=task.progress.ingest_id,
        object_model=task.table.code,
        object_model_version=task.model.version,
        mode=task.request.mode,
        rows=loaded.inserted + loaded.updated,
        inserted=loaded.inserted,
        updated=loaded.updated,
        rejected=rejection.rows,
        covered_from=span.from_ if span else None,
        covered_until=span.until if span else None,
        watermark=0,
    )


def _record(task: _Task) -> LoadRecord:
    return LoadRecord(
        client_id=task.principal.client_id,
        size_bytes=task.size_bytes,
        loaded_by=task.principal.subject,
        idempotency_key=task.request.idempotency_key,
        request_hash=task.request_hash,
        on_error=task.request.on_error,
        started_at=task.progress.started_at,
    )
