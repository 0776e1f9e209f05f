"""A fact table as it is, or is to be: columns, identity, and how it is laid out in time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

import pyarrow as pa

from analytics_engine.kpi.model.object_model import DataType, Nature, ObjectModel

CLIENT = "client_id"
SQL_TYPES: Mapping[DataType, str] = {
    DataType.INTEGER: "bigint",
    DataType.DECIMAL: "numeric",
    DataType.FLOAT: "double precision",
    DataType.TEXT: "text",
    DataType.BOOLEAN: "boolean",
    DataType.DATE: "date",
    DataType.TIMESTAMP: "timestamptz",
}
ARROW_TYPES: Mapping[DataType, pa.DataType] = {
    DataType.INTEGER: pa.int64(),
    DataType.DECIMAL: pa.string(),
    DataType.FLOAT: pa.float64(),
    DataType.TEXT: pa.string(),
    DataType.BOOLEAN: pa.bool_(),
    DataType.DATE: pa.date32(),
    DataType.TIMESTAMP: pa.timestamp("us", "UTC"),
}
"""How values are held outside of the database. Decimals stay text: PostgreSQL reads every digit of it."""


class Layout(StrEnum):
    """How rows are kept: in one table, in monthly partitions, or in a TimescaleDB hypertable."""

    PLAIN = "plain"
    PARTITIONS = "partitions"
    HYPERTABLE = "hypertable"


@dataclass(frozen=True)
class Column:
    type: DataType
    required: bool


@dataclass(frozen=True)
class FactTable:
    """One object model's table. ``key`` and ``time_attribute`` never change once there are rows."""

    code: str
    key: tuple[str, ...]
    time_attribute: str | None
    columns: Mapping[str, Column]
    layout: Layout

    @classmethod
    def of(cls, model: ObjectModel, *, layout: Layout) -> Self:
        """Return the table a new object model gets; dimensions have no partitions, whatever the layout."""
        needed = {*model.key, model.time_attribute}
        return cls(
            code=model.code,
            key=model.key,
            time_attribute=model.time_attribute,
            columns={
                attribute.name: Column(attribute.type, required=not attribute.nullable or attribute.name in needed)
                for attribute in model.attributes
            },
            layout=Layout.PLAIN if model.nature is Nature.DIMENSION else layout,
        )

    @property
    def partition_column(self) -> str | None:
        """The column a row's partition depends on; a unique index has to contain it."""
        return None if self.layout is Layout.PLAIN else self.time_attribute

    @property
    def primary_key(self) -> tuple[str, ...]:
        """Client, time, then the rest of the key: one index for identity and for ranges of time."""
        time = () if self.partition_column is None else (self.partition_column,)
        return (CLIENT, *time, *(name for name in self.key if name not in time))

    @property
    def has_key_table(self) -> bool:
        """Whether the primary key holds more than the key, so that a table beside it has to keep keys unique."""
        return self.partition_column is not None and self.partition_column not in self.key

    @property
    def identity(self) -> tuple[str, ...]:
        """The columns of the key, and of the time that tells the partition."""
        time = () if self.partition_column is None else (self.partition_column,)
        return (*self.key, *(name for name in time if name not in self.key))
