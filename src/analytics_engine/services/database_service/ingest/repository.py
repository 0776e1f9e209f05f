"""What is remembered of loads, in their own transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from analytics_engine.contracts.data import IngestReceipt, LoadMode, OnError
from analytics_engine.errors import IdempotencyConflict
from analytics_engine.kernel.ports.database import Connection, Row
from analytics_engine.kernel.queries import load_queries
from analytics_engine.services.database_service.tables.roles import AS_INGEST

_SQL = load_queries(__package__)


@dataclass(frozen=True)
class Covered:
    """A half-open span of time."""

    from_: datetime
    until: datetime


@dataclass(frozen=True)
class LoadRecord:
    """What is kept of a load beside its receipt."""

    client_id: str
    size_bytes: int
    loaded_by: str
    idempotency_key: str | None
    request_hash: bytes
    on_error: OnError
    started_at: datetime


async def lock_key(connection: Connection, *, client_id: str, key: str) -> None:
    """Wait until nobody else loads under this key; held to the end of the transaction."""
    await connection.execute(_SQL["lock_idempotency_key"], client_id, key)


async def replay(connection: Connection, *, client_id: str, key: str, request_hash: bytes) -> IngestReceipt | None:
    """Return the receipt of the load that had this key, None when there was none.

    Raises:
        IdempotencyConflict: that load was of another request.
    """
    row = await connection.fetch_one(_SQL["load_of_key"], client_id, key)
    if row is None:
        return None
    if bytes(row["request_hash"]) != request_hash:
        raise IdempotencyConflict(
            f"The Idempotency-Key {key!r} was used for another load, of {row['rows']} rows into {row['object_model']}.",
            remedy="Use a new key for new rows; repeat a key only with the very same request.",
            ingest_id=row["ingest_id"],
        )
    return receipt(row, replayed=True)


def receipt(row: Row, *, replayed: bool = False) -> IngestReceipt:
    """Return the receipt that a committed load was acknowledged with."""
    return IngestReceipt(
        ingest_id=row["ingest_id"],
        object_model=row["object_model"],
        object_model_version=row["model_version"],
        mode=LoadMode(row["mode"]),
        rows=row["rows"],
        inserted=row["inserted"],
        updated=row["updated"],
        rejected=row["rejected"],
        covered_from=row["covered_from"],
        covered_until=row["covered_until"],
        watermark=row["watermark"],
        replayed=replayed,
    )


async def lock_rows(connection: Connection, *, client_id: str, code: str, mode: LoadMode) -> None:
    """Let appends run side by side, and an upsert alone: it must see every row it may have to replace.

    Who waits for loads before it, waits for as long as a statement may take.
    """
    await connection.execute(_SQL["lock_upserts" if mode is LoadMode.UPSERT else "lock_appends"], client_id, code)


async def is_load(connection: Connection, ingest_id: str) -> bool:
    """Return whether the client has a load of this id."""
    found: bool = await connection.fetch_value(_SQL["is_load"], ingest_id)
    return found


async def record(connection: Connection, receipt: IngestReceipt, kept: LoadRecord) -> int:
    """Keep a receipt, widen the coverage by what it says, and return the transaction's id.

    That is the watermark from which on the rows are seen.
    """
    watermark: int = await connection.fetch_value(
        _SQL["record_load"],
        receipt.ingest_id,
        kept.client_id,
        receipt.object_model,
        receipt.object_model_version,
        receipt.mode.value,
        receipt.rows,
        receipt.inserted,
        receipt.updated,
        kept.size_bytes,
        receipt.covered_from,
        receipt.covered_until,
        kept.loaded_by,
        kept.idempotency_key,
        kept.request_hash,
        receipt.rejected,
        kept.on_error.value,
        kept.started_at,
    )
    return watermark


async def begin_to_copy(connection: Connection) -> None:
    """Go on as the role that owns the fact tables; statements are planned for their own parameters from now on."""
    await connection.execute(f"{AS_INGEST}; {_SQL['plan_for_the_rows_at_hand']}; {_SQL['save_point']}")


async def save_point(connection: Connection) -> None:
    await connection.execute(_SQL["save_point"])


async def return_to_save_point(connection: Connection) -> None:
    await connection.execute(_SQL["return_to_save_point"])
