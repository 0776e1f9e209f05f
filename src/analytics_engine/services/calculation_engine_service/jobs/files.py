"""Answers as files: a table of all pages, written as CSV or Parquet."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from analytics_engine.contracts.calculation import Cell, KpiColumn, KpiResult
from analytics_engine.kpi.model.object_model import DataType

Columns = dict[str, tuple[DataType, list[Cell]]]
"""The columns of a table by name, each with its type."""


class FileFormat(StrEnum):
    """How a file is written."""

    CSV = "csv"
    PARQUET = "parquet"


MEDIA_TYPES = {FileFormat.CSV: "text/csv; charset=utf-8", FileFormat.PARQUET: "application/vnd.apache.parquet"}
ZIP = "application/zip"

_READ: dict[DataType, Callable[[Any], Any]] = {
    DataType.DECIMAL: lambda value: Decimal(str(value)),
    DataType.DATE: date.fromisoformat,
    DataType.TIMESTAMP: datetime.fromisoformat,
}


def append(columns: Columns, page: KpiResult) -> None:
    """Add a page of an answer to its table.

    A row is a cell, as in the answer: its period, its members, the values of the KPIs, and of each why it is null.
    """
    for name, type_, values in _columns(page):
        columns.setdefault(name, (type_, []))[1].extend(values)


def write(columns: Columns, path: Path, file_format: FileFormat) -> None:
    """Write a table to a file; decimals keep every digit, in Parquet as decimals of the precision they take."""
    table = pa.table({name: _array(type_, values) for name, (type_, values) in columns.items()})
    if file_format is FileFormat.PARQUET:
        pq.write_table(table, path, compression="zstd")
    else:
        pc.write_csv(table, path)


def pack(files: Sequence[tuple[str, Path]], path: Path) -> None:
    """Put several files into one archive."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, file in files:
            archive.write(file, name)


def _columns(page: KpiResult) -> Iterator[tuple[str, DataType, Sequence[Cell]]]:
    yield "period_start", DataType.TEXT, page.period.start
    yield "period_end", DataType.TEXT, page.period.end
    yield "complete", DataType.BOOLEAN, page.period.complete
    if page.period.grain:
        yield "grain", DataType.TEXT, page.period.grain
    if page.period.range:
        yield "range", DataType.INTEGER, page.period.range
    if page.level:
        yield "level", DataType.TEXT, [", ".join(page.levels[level]) or "total" for level in page.level]
    for dimension in page.dimensions:
        yield dimension.name, dimension.type, dimension.values
        if dimension.rest:
            yield f"{dimension.name} rest", DataType.BOOLEAN, dimension.rest
    for column in page.kpis:
        yield from _values(_name(page, column), column)


def _values(name: str, column: KpiColumn) -> Iterator[tuple[str, DataType, Sequence[Cell]]]:
    yield name, column.type, column.values
    reasons = column.reasons
    yield (
        f"{name} reason",
        DataType.TEXT,
        [reasons[row].code.value if row in reasons else None for row in range(len(column.values))],
    )
    for compared in column.comparisons:
        yield f"{name} {compared.comparison}", column.type, compared.compared.values
        if compared.change is not None:
            yield f"{name} {compared.comparison} change", column.type, compared.change.values
        if compared.growth is not None:
            yield f"{name} {compared.comparison} growth", DataType.DECIMAL, compared.growth.values


def _name(page: KpiResult, column: KpiColumn) -> str:
    if page.pivot is None or column.member is None:
        return column.code
    member = page.pivot.members[column.member]
    shown = "total" if member.total else "rest" if member.rest else member.value
    return f"{column.code} {shown}"


def _array(type_: DataType, values: Sequence[Cell]) -> pa.Array:
    """Return values as a column; one of nulls only, or of mixed text, is text."""
    read = _READ.get(type_)
    cells = [None if value is None else read(value) if read is not None else value for value in values]
    if all(cell is None for cell in cells):
        return pa.array(cells, pa.string())
    return pa.array(cells)
