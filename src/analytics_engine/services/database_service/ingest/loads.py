"""Loads as they are known afterwards and while they run: receipts, progress, and rows that were wrong."""

from __future__ import annotations

import json
from dataclasses import dataclass
from uuid import UUID

from analytics_engine.contracts.data import LoadState
from analytics_engine.errors import NotFound
from analytics_engine.kernel.paging import Page, PageRequest
from analytics_engine.kernel.ports.database import Connection, Database, Row
from analytics_engine.kernel.queries import load_queries
from analytics_engine.services.database_service.ingest.rejection import WrongRow
from analytics_engine.services.database_service.ingest.repository import receipt
from analytics_engine.services.database_service.schemas import Load, Mistake, Reject

_SQL = load_queries(__package__, "loads.sql")
_AT_ONCE = 500


@dataclass(frozen=True)
class Wanted:
    """Which loads are asked for."""

    object_model: str | None = None
    idempotency_key: str | None = None


class Loads:
    """Answers for one client; loads of others are out of reach by row-level security."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, client_id: str, wanted: Wanted, page: PageRequest) -> Page[Load]:
        """Return loads, the newest first: those under way, those that failed within a day, and all receipts."""
        which = (wanted.object_model, wanted.idempotency_key)
        async with self._database.transaction(client_id=client_id, read_only=True) as connection:
            rows = await connection.fetch(_SQL["loads"], client_id, None, *which, page.limit, page.offset)
            total = await connection.fetch_value(_SQL["count_loads"], client_id, *which)
        return Page(items=[_load(row) for row in rows], total=total, limit=page.limit, offset=page.offset)

    async def one(self, client_id: str, ingest_id: UUID) -> Load:
        """Return a load.

        Raises:
            NotFound: the client has none of this id, or it began this very second.
        """
        async with self._database.transaction(client_id=client_id, read_only=True) as connection:
            return await _found(connection, client_id, ingest_id)

    async def rejects(self, client_id: str, ingest_id: UUID, page: PageRequest) -> Page[Reject]:
        """Return the rows of a load that were wrong and are kept, in the order of the input.

        Raises:
            NotFound: the client has no such load.
        """
        async with self._database.transaction(client_id=client_id, read_only=True) as connection:
            await _found(connection, client_id, ingest_id)
            rows = await connection.fetch(_SQL["rejects"], client_id, ingest_id, page.limit, page.offset)
            total = await connection.fetch_value(_SQL["count_rejects"], client_id, ingest_id)
        items = [
            Reject(
                line=row["line"],
                column=row["column"],
                value=row["value"],
                reason=row["reason"],
                further=[Mistake.model_validate(mistake) for mistake in row["further"]],
                row=row["raw"],
            )
            for row in rows
        ]
        return Page(items=items, total=total, limit=page.limit, offset=page.offset)

    async def delete_rejects(self, client_id: str, ingest_id: UUID) -> None:
        """Keep the wrong rows of a load no longer; its receipt still tells how many there were.

        Raises:
            NotFound: the client has no such load.
        """
        async with self._database.transaction(client_id=client_id) as connection:
            await _found(connection, client_id, ingest_id)
            await connection.execute(_SQL["delete_rejects"], client_id, ingest_id)


async def keep_rejects(connection: Connection, rows: list[WrongRow], *, client_id: str, ingest_id: str) -> None:
    """Keep the wrong rows of a load, in its own transaction."""
    for start in range(0, len(rows), _AT_ONCE):
        some = rows[start : start + _AT_ONCE]
        firsts = [row.mistakes[0] for row in some]
        await connection.execute(
            _SQL["keep_rejects"],
            client_id,
            ingest_id,
            list(range(start + 1, start + 1 + len(some))),
            [row.line for row in some],
            [first.column for first in firsts],
            [_storable(first.value) for first in firsts],
            [first.reason for first in firsts],
            [json.dumps([mistake.model_dump(exclude={"line"}) for mistake in row.mistakes[1:]]) for row in some],
            [json.dumps(row.raw if isinstance(row.raw, str) else dict(row.raw)) for row in some],
        )


def _storable(text: str) -> str:
    """Return a text that PostgreSQL takes: with a picture of NUL instead of the character."""
    return text.replace("\x00", "\N{SYMBOL FOR NULL}")


async def _found(connection: Connection, client_id: str, ingest_id: UUID) -> Load:
    row = await connection.fetch_one(_SQL["loads"], client_id, ingest_id, None, None, 1, 0)
    if row is None:
        raise NotFound(
            f"There is no load {ingest_id}.",
            remedy="/data/loads lists them; one that began less than a second ago is not there yet.",
        )
    return _load(row)


def _load(row: Row) -> Load:
    return Load(
        ingest_id=row["ingest_id"],
        object_model=row["object_model"],
        state=LoadState(row["state"]),
        idempotency_key=row["idempotency_key"],
        loaded_by=row["loaded_by"],
        received_bytes=row["received_bytes"],
        rows_checked=row["rows_checked"],
        rows_copied=row["rows_copied"],
        started_at=row["started_at"],
        seen_at=row["seen_at"],
        rejects_kept=row["rejects_kept"],
        problem=row["problem"],
        receipt=receipt(row) if row["state"] == LoadState.LOADED else None,
    )
