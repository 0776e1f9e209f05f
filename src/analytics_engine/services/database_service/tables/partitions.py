"""How a fact table is cut by time: monthly partitions on plain PostgreSQL, chunks where TimescaleDB is."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Protocol

from analytics_engine.errors import InvalidInput
from analytics_engine.kernel.ports.database import Connection
from analytics_engine.kernel.queries import load_queries
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.services.database_service.tables import ddl
from analytics_engine.services.database_service.tables.ddl import fact_name, quoted
from analytics_engine.services.database_service.tables.edition import Edition
from analytics_engine.services.database_service.tables.fact_table import SQL_TYPES, FactTable, Layout

_SQL = load_queries(__package__)
_LONGEST_NAME = 63
_MOST_MONTHS = 1200

Month = date
"""The first day of a month, in UTC."""


@dataclass(frozen=True)
class TimePart:
    """A part of a table: the relation that has the rows of a half-open span of time."""

    relation: str
    start: datetime
    end: datetime


class TimePartitioning(Protocol):
    """How tables are cut by time on this server."""

    @property
    def layout(self) -> Layout: ...

    async def arrange(self, connection: Connection, table: FactTable) -> None:
        """Make a new, empty table ready to be cut."""
        ...

    async def admit_readers(self, connection: Connection, table: FactTable) -> None:
        """Let the readers read all columns of the table, and none of its parts."""
        ...

    async def make_room(self, connection: Connection, table: FactTable, months: Iterable[Month]) -> int:
        """Make what rows of these months need to be kept, and return how many partitions that took.

        Raises:
            InvalidInput: they would cut the table into more months than any history has.
        """
        ...

    async def parts(self, connection: Connection, table: FactTable) -> list[TimePart]:
        """Return the parts of the table, the oldest first."""
        ...

    async def drop(self, connection: Connection, table: FactTable, part: TimePart) -> None:
        """Drop a part with all its rows; done already, it changes nothing."""
        ...


class MonthlyPartitions:
    """Declarative range partitions, one a month. There is none for "the rest": a row without one is refused."""

    layout = Layout.PARTITIONS

    async def arrange(self, connection: Connection, table: FactTable) -> None:
        """The table was made partitioned; partitions come with the rows."""

    async def admit_readers(self, connection: Connection, table: FactTable) -> None:
        await connection.execute(ddl.admit_readers(table))

    async def make_room(self, connection: Connection, table: FactTable, months: Iterable[Month]) -> int:
        rows = await connection.fetch(_SQL["partitions_of"], fact_name(table.code))
        present = {row["name"] for row in rows}
        missing = sorted(month for month in set(months) if partition_name(table.code, month) not in present)
        _refuse_too_many(table, present=len(present), missing=missing)
        for month in missing:
            for statement in _create_partition(table, month):
                await connection.execute(statement)
        return len(missing)

    async def parts(self, connection: Connection, table: FactTable) -> list[TimePart]:
        rows = await connection.fetch(_SQL["bounds_of_partitions"], fact_name(table.code))
        return [TimePart(row["name"], row["starts"], row["ends"]) for row in rows]

    async def drop(self, connection: Connection, table: FactTable, part: TimePart) -> None:  # noqa: ARG002 - the part tells
        await connection.execute(f"DROP TABLE IF EXISTS {part.relation}")


class Hypertables:
    """TimescaleDB: chunks of a month, made by the extension as rows come."""

    layout = Layout.HYPERTABLE

    async def arrange(self, connection: Connection, table: FactTable) -> None:
        await connection.execute(_SQL["create_hypertable"], fact_name(table.code), table.time_attribute)

    async def admit_readers(self, connection: Connection, table: FactTable) -> None:
        """Chunks that are there take over a grant as it is made, so it is taken from them again."""
        await connection.execute(ddl.admit_readers_by_column(table))
        for chunk in await connection.fetch(_SQL["parts_of"], fact_name(table.code)):
            await connection.execute(ddl.turn_readers_away(table, chunk["name"]))

    async def make_room(self, connection: Connection, table: FactTable, months: Iterable[Month]) -> int:
        """Chunks come by themselves; there must not be too many of them either."""
        chunks = await connection.fetch(_SQL["chunks_of"], table.code)
        present = {month for chunk in chunks for month in _months_within(chunk["range_start"], chunk["range_end"])}
        _refuse_too_many(table, present=len(present), missing=sorted(set(months) - present))
        return 0

    async def parts(self, connection: Connection, table: FactTable) -> list[TimePart]:
        rows = await connection.fetch(_SQL["chunks_of"], table.code)
        return [TimePart(row["name"], row["range_start"], row["range_end"]) for row in rows]

    async def drop(self, connection: Connection, table: FactTable, part: TimePart) -> None:
        type_ = SQL_TYPES[table.columns[str(table.time_attribute)].type]
        await connection.fetch(
            f"SELECT public.drop_chunks($1::text::regclass, older_than => $3::timestamptz::{type_}, "
            f"newer_than => $2::timestamptz::{type_})",
            fact_name(table.code),
            part.start,
            part.end,
        )


def partitioning_on(edition: Edition) -> TimePartitioning:
    """Return how new tables are cut on this edition."""
    return MonthlyPartitions() if edition is Edition.POSTGRESQL else Hypertables()


def partitioning_of(layout: Layout) -> TimePartitioning:
    return Hypertables() if layout is Layout.HYPERTABLE else MonthlyPartitions()


def month_after(month: Month) -> Month:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def partition_name(code: str, month: Month) -> str:
    """Return the name of a month's partition; a long code is cut, with a digest of all of it, to fit a name."""
    suffix = f"_{month:%Y_%m}"
    if len(code) + len(suffix) > _LONGEST_NAME:
        digest = hashlib.sha256(code.encode()).hexdigest()[:8]
        code = f"{code[: _LONGEST_NAME - len(suffix) - len(digest) - 1]}_{digest}"
    return code + suffix


def _refuse_too_many(table: FactTable, *, present: int, missing: Sequence[Month]) -> None:
    """Return when the table may be cut into these months, too: a time of the wrong unit makes thousands of them."""
    if missing and present + len(missing) > _MOST_MONTHS:
        raise InvalidInput(
            f"These rows would cut {table.code} into {present + len(missing)} months; {_MOST_MONTHS} is the most.",
            remedy=f"Check {table.time_attribute}: it reaches from {missing[0]:%Y-%m} to {missing[-1]:%Y-%m}.",
            object_model=table.code,
        )


def _months_within(start: datetime, end: datetime) -> Iterator[Month]:
    """Return the months that a span of time touches."""
    month = date(start.year, start.month, 1)
    while month < end.date():
        yield month
        month = month_after(month)


def _create_partition(table: FactTable, month: Month) -> list[str]:
    """Make it beside the table and attach it: readers and writers of the table go on meanwhile."""
    name = f"fact_partitions.{quoted(partition_name(table.code, month))}"
    whole = fact_name(table.code)
    lower, upper = (_bound(table, bound) for bound in (month, month_after(month)))
    return [
        f"CREATE TABLE {name} (LIKE {whole} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)",
        f"ALTER TABLE {whole} ATTACH PARTITION {name} FOR VALUES FROM ('{lower}') TO ('{upper}')",
    ]


def _bound(table: FactTable, month: Month) -> str:
    if table.columns[str(table.time_attribute)].type is DataType.DATE:
        return month.isoformat()
    return datetime(month.year, month.month, 1, tzinfo=UTC).isoformat()
