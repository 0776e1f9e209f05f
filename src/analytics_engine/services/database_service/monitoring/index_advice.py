"""Which indexes nobody needs, and which tables may lack one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from analytics_engine.kernel.ports.database import Row
from analytics_engine.services.database_service.monitoring.predicates import compared_columns
from analytics_engine.services.database_service.monitoring.schemas import (
    IndexAdvice,
    IndexStorage,
    PredicateColumn,
    TableStorage,
)

LEAST_SCANS = 20
LEAST_ROWS_PER_SCAN = 10_000


def judged(rows: Sequence[Row]) -> tuple[IndexStorage, ...]:
    """Return indexes with what is to be said of them: unused, or covered by another."""
    indexes = [
        IndexStorage.model_validate({**row, "unused": not row["scans"] and not row["enforces"], "covered_by": None})
        for row in rows
    ]
    return tuple(index.model_copy(update={"covered_by": _covering(index, indexes)}) for index in indexes)


def _covering(index: IndexStorage, others: Sequence[IndexStorage]) -> str | None:
    """Return an index of the table that can do all this one does, since it begins with the same columns."""
    if index.enforces or index.included or index.method != "btree":
        return None
    for other in others:
        if (
            (other.schema_name, other.table, other.method) == (index.schema_name, index.table, "btree")
            and other.predicate == index.predicate
            and other.valid
            and len(other.columns) > len(index.columns)
            and other.columns[: len(index.columns)] == index.columns
        ):
            return other.name
    return None


def advice(
    tables: Sequence[TableStorage], indexes: Sequence[IndexStorage], statements: Sequence[Row]
) -> tuple[IndexAdvice, ...]:
    """Return the tables that are read from end to end, often and at length; the most rows read first."""
    worth = [table for table in tables if _reads_much(table)]
    worth.sort(key=lambda table: table.rows_read_sequentially, reverse=True)
    return tuple(_advice(table, indexes, statements) for table in worth)


def _reads_much(table: TableStorage) -> bool:
    scans = table.sequential_scans
    return (
        scans >= LEAST_SCANS
        and table.rows_read_sequentially >= LEAST_ROWS_PER_SCAN * scans
        and scans > table.index_scans // 10
    )


def _advice(table: TableStorage, indexes: Sequence[IndexStorage], statements: Sequence[Row]) -> IndexAdvice:
    own = [
        index.columns
        for index in indexes
        if (index.schema_name, index.table) == (table.schema_name, table.name) and index.valid and not index.predicate
    ]
    calls: Counter[str] = Counter()
    for row in statements:
        compared = compared_columns(row["statement"], schema=table.schema_name, table=table.name)
        for column in compared - _led_to(own, compared):
            calls[column] += row["calls"]
    columns = tuple(PredicateColumn(column=column, calls=count) for column, count in calls.most_common())
    return IndexAdvice(
        schema_name=table.schema_name,
        table=table.name,
        sequential_scans=table.sequential_scans,
        rows_per_scan=table.rows_read_sequentially // table.sequential_scans,
        index_scans=table.index_scans,
        columns=columns,
        advice=_in_words(table, columns),
    )


def _led_to(indexes: Sequence[tuple[str, ...]], compared: frozenset[str]) -> frozenset[str]:
    """Return the compared columns that an index leads to: all columns before them in it are compared too."""
    led: set[str] = set()
    for columns in indexes:
        for column in (name.strip('"') for name in columns):
            if column not in compared:
                break
            led.add(column)
    return frozenset(led)


def _in_words(table: TableStorage, columns: Sequence[PredicateColumn]) -> str:
    name = f"{table.schema_name}.{table.name}"
    if columns:
        return (
            f"Statements compare {', '.join(column.column for column in columns[:3])} of {name}, and no index leads "
            "there. If they want few of its rows, try an index on it; if they want most, reading all is right."
        )
    return (
        f"{name} is often read from end to end. Look at its statements (/slow-queries?order=total) with EXPLAIN: an "
        "index helps where they want few of its rows; where they want most, reading all is right."
    )
