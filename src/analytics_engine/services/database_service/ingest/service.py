"""Ingest: a body of rows becomes committed rows with a receipt, or nothing at all."""

from __future__ import annotations

import asyncio
import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from analytics_engine.contracts.data import IngestReceipt, LoadMode
from analytics_engine.contracts.events import DataIngested, EventType
from analytics_engine.errors import InvalidInput
from analytics_engine.kernel.clock import Clock
from analytics_engine.kernel.http.request_id import current_request_id
from analytics_engine.kernel.ids import new_id
from analytics_engine.kernel.ports.database import Connection, Database
from analytics_engine.kernel.ports.events import Event
from analytics_engine.kernel.ports.outbox import Outbox
from analytics_engine.kernel.security.principal import Principal
from analytics_engine.kpi.model.catalog import ObjectModelVersion
from analytics_engine.services.database_service.definitions import ObjectModels
from analytics_engine.services.database_service.ingest import repository
from analytics_engine.services.database_service.ingest.checking import CheckedRows, Instant, check
from analytics_engine.services.database_service.ingest.loading import Loader
from analytics_engine.services.database_service.ingest.reading import Reading
from analytics_engine.services.database_service.ingest.repository import Covered
from analytics_engine.services.database_service.ingest.uploads import Upload
from analytics_engine.services.database_service.tables.fact_table import FactTable
from analytics_engine.services.database_service.tables.service import FactTables, become_ingest, become_service

SOURCE = "database_service"
_IN_MEMORY_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True)
class LoadRequest:
    """What is asked beside the rows. ``covers_from`` and ``covers_until`` declare what they are complete for."""

    object_model: str
    mode: LoadMode
    reading: Reading
    covers_from: datetime | None = None
    covers_until: datetime | None = None
    idempotency_key: str | None = None

    def hash(self, client_id: str, digest: bytes) -> bytes:
        """Return what tells this request from every other."""
        zone = self.reading.time_zone
        parts = [
            client_id,
            self.object_model,
            self.mode.value,
            self.reading.format.value,
            zone.key if zone else "",
            self.reading.null_token,
            str(self.covers_from or ""),
            str(self.covers_until or ""),
            digest.hex(),
        ]
        return hashlib.sha256(json.dumps(parts).encode()).digest()


@dataclass(frozen=True)
class _Task:
    """One load, with all that is known of it before it begins."""

    request: LoadRequest
    principal: Principal
    model: ObjectModelVersion
    table: FactTable
    size_bytes: int
    request_hash: bytes


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
        timeout_s: float,
    ) -> None:
        self._database = database
        self._models = models
        self._tables = tables
        self._outbox = outbox
        self._clock = clock
        self._timeout_s = timeout_s

    async def load(self, principal: Principal, request: LoadRequest, upload: Upload) -> IngestReceipt:
        """Load an upload's rows for the principal's client; they are committed when this returns.

        Raises:
            ObjectModelNotFound: there is no such object model.
            InvalidInput, RowsRejected: the input or some rows are wrong; nothing was loaded.
            IdempotencyConflict: the key was used for another request.
            Conflict: the table cannot hold this version of the object model.
        """
        request_hash = request.hash(principal.client_id, upload.digest)
        if replayed := await self._replayed(principal, request, request_hash):
            return replayed
        model = await self._models.get(principal.client_id, request.object_model)
        _check_declared(request, model)
        table = await self._tables.ensure(model, client_id=principal.client_id)
        task = _Task(request, principal, model, table, upload.size_bytes, request_hash)
        with SpooledTemporaryFile(_IN_MEMORY_BYTES) as copy:
            rows = await asyncio.to_thread(
                check,
                upload.file,
                cast("BinaryIO", copy),
                client_id=principal.client_id,
                model=model.definition,
                table=table,
                reading=request.reading,
            )
            await self._tables.make_room(table, set(rows.months))
            return await self._commit(task, rows)

    async def _replayed(self, principal: Principal, request: LoadRequest, request_hash: bytes) -> IngestReceipt | None:
        """Spare a repeated request the reading of its rows."""
        if request.idempotency_key is None:
            return None
        async with self._database.transaction(client_id=principal.client_id, read_only=True) as connection:
            return await repository.replay(
                connection, client_id=principal.client_id, key=request.idempotency_key, request_hash=request_hash
            )

    async def _commit(self, task: _Task, rows: CheckedRows) -> IngestReceipt:
        client_id = task.principal.client_id
        code, mode, key = task.table.code, task.request.mode, task.request.idempotency_key
        async with self._database.transaction(client_id=client_id, timeout_s=self._timeout_s) as connection:
            if key is not None:
                await repository.lock_key(connection, client_id=client_id, key=key)
                known = await repository.replay(
                    connection, client_id=client_id, key=key, request_hash=task.request_hash
                )
                if known is not None:
                    return known
            await repository.lock_rows(connection, client_id=client_id, code=code, mode=mode)
            await become_ingest(connection)
            await self._tables.hold(connection, task.table, task.model.definition)
            loaded = await Loader(connection, client_id=client_id, table=task.table, rows=rows).load(mode)
            await become_service(connection)
            covered = _covered(task.request, rows)
            receipt = IngestReceipt(
                ingest_id=new_id(),
                object_model=code,
                object_model_version=task.model.version,
                mode=mode,
                rows=rows.rows,
                inserted=loaded.inserted,
                updated=loaded.updated,
                covered_from=covered.from_ if covered else None,
                covered_until=covered.until if covered else None,
                watermark=0,
            )
            if covered is not None:
                await repository.widen_coverage(connection, client_id=client_id, code=code, covered=covered)
            watermark = await repository.record(
                connection,
                receipt,
                client_id=client_id,
                size_bytes=task.size_bytes,
                loaded_by=task.principal.subject,
                idempotency_key=key,
                request_hash=task.request_hash,
            )
            await self._tell(connection, client_id, code, rows)
        return receipt.model_copy(update={"watermark": watermark})

    async def _tell(self, connection: Connection, client_id: str, code: str, rows: CheckedRows) -> None:
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


def _check_declared(request: LoadRequest, model: ObjectModelVersion) -> None:
    if request.covers_from is None and request.covers_until is None:
        return
    if model.definition.time_attribute is None:
        raise InvalidInput(
            f"{model.definition.name} has no time attribute, so its rows cover no span of time.",
            remedy="Leave covers_from and covers_until out.",
        )
    if request.covers_from and request.covers_until and request.covers_from >= request.covers_until:
        raise InvalidInput(
            "covers_from is not before covers_until.",
            remedy="Give a half-open span: from its first instant to the first instant after it.",
        )


def _covered(request: LoadRequest, rows: CheckedRows) -> Covered | None:
    """Return the hull of what was declared and of the rows themselves; None when neither tells a span."""
    starts = [start for start in (request.covers_from, _instant(rows.first)) if start is not None]
    ends = [end for end in (request.covers_until, _after(rows.last)) if end is not None]
    return Covered(min(starts), max(ends)) if starts and ends else None


def _instant(value: Instant | None) -> datetime | None:
    if value is None or isinstance(value, datetime):
        return value
    return datetime.combine(value, time(), UTC)


def _after(value: Instant | None) -> datetime | None:
    """Return the end of the smallest half-open span that holds the value."""
    instant = _instant(value)
    if instant is None:
        return None
    return instant + (timedelta(microseconds=1) if isinstance(value, datetime) else timedelta(days=1))
