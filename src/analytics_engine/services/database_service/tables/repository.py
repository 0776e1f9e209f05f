"""What is remembered of the fact tables that were made."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from analytics_engine.kernel.ports.database import Connection, Row
from analytics_engine.kernel.queries import load_queries
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.services.database_service.tables.fact_table import Column, FactTable, Layout

_SQL = load_queries(__package__)


async def lock(connection: Connection, code: str) -> None:
    """Wait until nobody else changes this table; held to the end of the transaction."""
    await connection.execute(_SQL["lock_table"], code)


async def find(connection: Connection, code: str) -> FactTable | None:
    row = await connection.fetch_one(_SQL["known_table"], code)
    return None if row is None else fact_table(row)


async def rows_from(connection: Connection, code: str) -> datetime | None:
    """Return from when on a table has rows, the older ones being archived; None where none has left it."""
    found: datetime | None = await connection.fetch_value(_SQL["rows_from"], code)
    return found


async def remember(connection: Connection, table: FactTable, *, version: int) -> None:
    await connection.execute(
        _SQL["remember_table"],
        table.code,
        list(table.key),
        table.time_attribute,
        _columns(table),
        table.layout.value,
        version,
    )


async def remember_columns(connection: Connection, table: FactTable) -> None:
    """Note what columns a table has, as of the version it has."""
    await connection.execute(_SQL["remember_columns"], table.code, _columns(table))


async def state(connection: Connection, code: str, *, client_id: str) -> Row | None:
    return await connection.fetch_one(_SQL["table_state"], code, client_id)


async def coverage(connection: Connection, *, client_id: str) -> list[dict[str, Any]]:
    return [dict(row) for row in await connection.fetch(_SQL["coverage"], client_id)]


def _columns(table: FactTable) -> dict[str, Any]:
    return {name: {"type": what.type.value, "required": what.required} for name, what in table.columns.items()}


def fact_table(row: Row) -> FactTable:
    return FactTable(
        code=row["object_model"],
        key=tuple(row["key"]),
        time_attribute=row["time_attribute"],
        columns={
            name: Column(DataType(what["type"]), required=what["required"]) for name, what in row["columns"].items()
        },
        layout=Layout(row["layout"]),
    )
