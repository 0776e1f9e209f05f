"""The rows of a part of a table as files, each proven to hold what it was made of."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from analytics_engine.errors import NotTheSame
from analytics_engine.kernel.parquet import digest_of, read_parquet, write_parquet
from analytics_engine.kernel.ports.database import Connection
from analytics_engine.services.database_service.rollups.repository import clients_of
from analytics_engine.services.database_service.tables.ddl import quoted
from analytics_engine.services.database_service.tables.fact_table import ARROW_TYPES, CLIENT, FactTable
from analytics_engine.services.database_service.tables.partitions import TimePart

_RETURNED = "ae_returned"


@dataclass(frozen=True)
class Exported:
    """A file with one client's rows of a part."""

    client_id: str
    path: Path
    columns: tuple[str, ...]
    rows: int
    size_bytes: int
    digest: bytes


async def exported(connection: Connection, table: FactTable, part: TimePart) -> AsyncGenerator[Exported, None]:
    """Yield a file for each client that has rows in a part; it is there until the next one is asked for.

    Each was read back and compared with the rows, value by value, by the database itself.

    Args:
        connection: a transaction of one snapshot, as the role that owns the tables.
        table: the table.
        part: the part.

    Raises:
        NotTheSame: a file does not hold the rows.
    """
    columns = tuple(table.columns)
    listed = ", ".join(map(quoted, columns))
    own = f"SELECT {listed} FROM {part.relation} WHERE {quoted(CLIENT)} = $1"
    schema = pa.schema([(name, ARROW_TYPES[table.columns[name].type]) for name in columns])
    await connection.execute(
        f"CREATE TEMPORARY TABLE {_RETURNED} ON COMMIT DROP AS SELECT {listed} FROM {part.relation} WITH NO DATA"
    )
    for client_id in await clients_of(connection, part.relation):
        with TemporaryDirectory(prefix="ae-archive-") as folder:
            path = Path(folder) / "rows.parquet"
            rows = await write_parquet(connection, own, [client_id], path, schema=schema)
            await connection.execute(f"TRUNCATE {_RETURNED}")
            returned = await read_parquet(connection, path, _RETURNED, schema="pg_temp", columns=columns)
            lost = await connection.fetch_value(
                f"SELECT count(*) FROM ({own} EXCEPT ALL SELECT {listed} FROM {_RETURNED}) AS lost", client_id
            )
            there = await connection.fetch_value(f"SELECT count(*) FROM ({own}) AS own", client_id)
            if lost or not there == rows == returned:
                raise NotTheSame(
                    f"Of {there} rows of {part.relation} {lost} are not in the file, which has {returned}.",
                    remedy="Nothing was archived. Report it: a value does not come back as it was.",
                    object_model=table.code,
                )
            digest = await asyncio.to_thread(digest_of, path)
            yield Exported(client_id, path, columns, rows, path.stat().st_size, digest)
