"""From when on a table has rows: what is older is in the archive, and nobody writes, changes or deletes any of it."""

from __future__ import annotations

from datetime import datetime

from analytics_engine.kernel.ports.database import Connection
from analytics_engine.kernel.queries import load_queries
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.services.database_service.tables.ddl import fact_name, key_name, quoted
from analytics_engine.services.database_service.tables.fact_table import FactTable

SQL = load_queries(__package__)
_NAME = "ae_rows_from"


async def move(connection: Connection, table: FactTable, start: datetime) -> None:
    """Have the table refuse whatever is older, and keep the older rows that are still there as they are."""
    time, bound = quoted(str(table.time_attribute)), _literal(table, start)
    name = fact_name(table.code)
    await connection.execute(f"ALTER TABLE {name} DROP CONSTRAINT IF EXISTS {_NAME}")
    await connection.execute(f"ALTER TABLE {name} ADD CONSTRAINT {_NAME} CHECK ({time} >= {bound}) NOT VALID")
    for each in (name, *([key_name(table.code)] if table.has_key_table else [])):
        await connection.execute(f"DROP TRIGGER IF EXISTS {_NAME} ON {each}")
        await connection.execute(
            f"CREATE TRIGGER {_NAME} BEFORE UPDATE OR DELETE ON {each} FOR EACH ROW WHEN (OLD.{time} < {bound}) "
            f"EXECUTE FUNCTION facts.refuse_archived('{start:%Y-%m-%d}')"
        )
    await connection.execute(SQL["move_bound"], table.code, table.time_attribute, start)


def _literal(table: FactTable, start: datetime) -> str:
    if table.columns[str(table.time_attribute)].type is DataType.DATE:
        return f"DATE '{start:%Y-%m-%d}'"
    return f"TIMESTAMPTZ '{start.isoformat()}'"
