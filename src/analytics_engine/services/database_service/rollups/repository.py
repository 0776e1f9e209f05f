"""The rollups there are, and their marks; every function works in the caller's transaction, as the ingest role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from analytics_engine.kernel.ports.database import Connection, Row
from analytics_engine.kernel.queries import load_queries
from analytics_engine.kpi.states.kept import Kept
from analytics_engine.kpi.values.kept import Mark
from analytics_engine.services.database_service.rollups.statements import RollupSql
from analytics_engine.services.database_service.rollups.triggers import Triggers
from analytics_engine.services.database_service.rollups.written import Written
from analytics_engine.services.database_service.tables.ddl import quoted
from analytics_engine.services.database_service.tables.fact_table import CLIENT

SQL = load_queries(__package__)


@dataclass(frozen=True)
class HeldRollup:
    """A rollup as the server has it."""

    id: int
    client_id: str
    code: str
    object_model: str
    status: str
    kept: Kept
    sql: RollupSql
    triggers: Triggers
    left_out: dict[str, str]
    cells: int
    created_at: datetime
    ready_at: datetime | None
    verified_at: datetime | None


@dataclass(frozen=True)
class HeldMark:
    id: int
    client_id: str
    reason: str
    marked_at: datetime
    mark: Mark


async def present(connection: Connection) -> list[HeldRollup]:
    return [_held(row) for row in await connection.fetch(SQL["present"])]


async def retired(connection: Connection, *, since_s: float) -> list[HeldRollup]:
    return [_held(row) for row in await connection.fetch(SQL["retired"], since_s)]


async def add(
    connection: Connection, *, client_id: str, kept: Kept, written: Written, left_out: dict[str, str]
) -> HeldRollup:
    """Note a rollup that is being built, and return it with its number."""
    body = (kept.as_json(), written.as_json(), left_out)
    number = await connection.fetch_value(SQL["add"], client_id, kept.code, kept.model, *body)
    return next(held for held in await present(connection) if held.id == number)


async def marks(
    connection: Connection,
    rollup_id: int,
    *,
    client_id: str | None = None,
    most: int = 10_000,
    after: datetime | None = None,
) -> list[HeldMark]:
    """Return marks, of those that end after a moment if one is told."""
    rows = await connection.fetch(SQL["marks"], rollup_id, client_id, most, after)
    return [
        HeldMark(
            row["id"], row["client_id"], row["reason"], row["marked_at"],
            Mark(row["starts"], row["ends"], every_state=row["every_state"]),
        )
        for row in rows
    ]  # fmt: skip


async def marked_clients(connection: Connection, *, days_after: int = 0) -> dict[int, list[str]]:
    """Return the clients of each rollup that have marks; the empty one is all clients together.

    Marks are not counted that end before the rows that are there begin, or so many days after that.
    """
    found: dict[int, list[str]] = {}
    for row in await connection.fetch(SQL["marked_clients"], days_after):
        found.setdefault(row["rollup_id"], []).append(row["client_id"])
    return found


async def clients_of(connection: Connection, table: str) -> list[str]:
    """Return the clients that have rows, one by one along the index."""
    found: list[str] = []
    query = f"SELECT min({quoted(CLIENT)}) FROM {table} WHERE {quoted(CLIENT)} > $1"
    while (client := await connection.fetch_value(query, found[-1] if found else "")) is not None:
        found.append(client)
    return found


def _held(row: Row) -> HeldRollup:
    kept = Kept.of_json(row["id"], row["kept"], rows=row["cells"])
    written = Written.of_json(row["written"])
    return HeldRollup(
        id=row["id"],
        client_id=row["client_id"],
        code=row["code"],
        object_model=row["object_model"],
        status=row["status"],
        kept=kept,
        sql=RollupSql(kept, row["client_id"], written),
        triggers=Triggers(kept, row["client_id"], written),
        left_out=row["left_out"],
        cells=row["cells"],
        created_at=row["created_at"],
        ready_at=row["ready_at"],
        verified_at=row["verified_at"],
    )
