"""Reads an input to its end, types and checks every row, and keeps those that are right."""

from __future__ import annotations

from datetime import MAXYEAR, datetime
from itertools import groupby
from operator import itemgetter
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analytics_engine.errors import InvalidInput
from analytics_engine.kpi.model.object_model import Attribute, ObjectModel
from analytics_engine.kpi.model.suggest import did_you_mean
from analytics_engine.services.database_service.ingest.arrow_rows import ArrowRows
from analytics_engine.services.database_service.ingest.columns import Fault, convert
from analytics_engine.services.database_service.ingest.csv_rows import CsvRows
from analytics_engine.services.database_service.ingest.encodings import decompressed
from analytics_engine.services.database_service.ingest.json_rows import JsonArrayRows, NdjsonRows
from analytics_engine.services.database_service.ingest.kept import KeptRows
from analytics_engine.services.database_service.ingest.parquet_rows import ParquetRows
from analytics_engine.services.database_service.ingest.progress import Progress
from analytics_engine.services.database_service.ingest.reading import Batch, Format, Malformed, Reading, RowSource
from analytics_engine.services.database_service.ingest.rejection import (
    Rejection,
    WrongRow,
    raw_row,
    raw_text,
    row_error,
)
from analytics_engine.services.database_service.tables.fact_table import ARROW_TYPES, CLIENT

Faults = list[tuple[int, str, Fault]]


def check(
    file: BinaryIO,
    kept: KeptRows,
    rejection: Rejection,
    *,
    model: ObjectModel,
    reading: Reading,
    limit_bytes: int,
    progress: Progress,
    rows_from: datetime | None = None,
) -> None:
    """Put an input's rows into ``kept`` where they are right, and into ``rejection`` where they are wrong.

    Where wrong rows are not to be kept, nothing more is put into ``kept`` from the first one on.

    Raises:
        InvalidInput: the input is not of its format, or its columns are not the model's.
        TooLarge: it holds more than ``limit_bytes``, or more at once than fits into memory.
        GivenUp: nobody waits for the load any more.
    """
    with decompressed(file, reading.encoding, limit_bytes=limit_bytes, progress=progress) as plain:
        source = _open(plain, reading, limit_bytes=limit_bytes)
        _check_columns(source, model)
        checking = _Checking(source, rejection, model=model, reading=reading, rows_from=rows_from)
        for batch in source.batches():
            progress.go_on()
            checking.take(batch, kept)
            progress.rows_checked += batch.rows + batch.malformed_rows


def _open(file: BinaryIO, reading: Reading, *, limit_bytes: int) -> RowSource:
    match reading.format:
        case Format.CSV:
            return CsvRows(file, reading)
        case Format.JSON:
            return JsonArrayRows(file)
        case Format.NDJSON:
            return NdjsonRows(file)
        case Format.PARQUET:
            return ParquetRows(file, limit_bytes=limit_bytes)
        case Format.ARROW_STREAM | Format.ARROW_FILE:
            return ArrowRows(file, is_file=reading.format is Format.ARROW_FILE, limit_bytes=limit_bytes)


def _check_columns(source: RowSource, model: ObjectModel) -> None:
    if source.columns is None:
        return
    _refuse_unknown(source.columns, model)
    missing = [
        attribute.name
        for attribute in model.attributes
        if _required(attribute, model) and attribute.name not in source.columns
    ]
    if missing:
        raise InvalidInput(
            f"The input lacks {', '.join(missing)}, which every {model.name} must have.",
            remedy="Add the column, or make the attribute nullable in the object model.",
            missing=missing,
        )


def _refuse_unknown(columns: tuple[str, ...], model: ObjectModel) -> None:
    known = [attribute.name for attribute in model.attributes]
    unknown = [column for column in columns if column not in known]
    if unknown:
        hint = _renamed(unknown, model) or did_you_mean(unknown[0], known) or f"It has: {', '.join(known)}."
        client = f" {CLIENT} is taken from your token: leave it out." if CLIENT in unknown else ""
        raise InvalidInput(
            f"{model.name} has no attribute {', '.join(map(repr, unknown))}.", remedy=hint + client, unknown=unknown
        )


def _renamed(unknown: list[str], model: ObjectModel) -> str:
    """Return what to do about columns that go by a name their attribute had before; empty where none does."""
    now = {attribute.renamed_from: attribute.name for attribute in model.attributes if attribute.renamed_from}
    return " ".join(f"{name} is called {now[name]} now: rename the column." for name in unknown if name in now)


def _required(attribute: Attribute, model: ObjectModel) -> bool:
    return not attribute.nullable or attribute.name in model.key


class _Checking:
    """One pass over the batches."""

    def __init__(
        self,
        source: RowSource,
        rejection: Rejection,
        *,
        model: ObjectModel,
        reading: Reading,
        rows_from: datetime | None,
    ) -> None:
        self._rows_from = rows_from
        self._source = source
        self._rejection = rejection
        self._model = model
        self._reading = reading
        self._attributes = [
            attribute.model_copy(update={"nullable": not _required(attribute, model)}) for attribute in model.attributes
        ]
        self._schema = pa.schema([(one.name, ARROW_TYPES[one.type]) for one in model.attributes])

    def take(self, batch: Batch, kept: KeptRows) -> None:
        if batch.malformed_rows:
            named = [self._malformed(row) for row in batch.malformed[: self._rejection.room]]
            self._rejection.add(named, rows=batch.malformed_rows, mistakes=batch.malformed_rows)
        if not batch.rows:
            return
        if self._source.columns is None:
            _refuse_unknown(tuple(batch.columns), self._model)
        typed, faults = self._typed(batch)
        if not faults:
            if self._rejection.keeps_rows or not self._rejection.rows:
                kept.write(typed, batch.lines)
            return
        is_right = self._reject(batch, faults)
        if self._rejection.keeps_rows:
            kept.write(typed.filter(is_right), batch.lines.filter(is_right))

    def _typed(self, batch: Batch) -> tuple[pa.RecordBatch, Faults]:
        columns: list[pa.Array] = []
        faults: Faults = []
        for attribute in self._attributes:
            delivered = batch.columns.get(attribute.name)
            converted = convert(pa.nulls(batch.rows) if delivered is None else delivered, attribute, self._reading)
            columns.append(converted.values)
            found = [*converted.faults, *self._out_of_time(attribute, converted.values)]
            faults.extend((fault.row, attribute.name, fault) for fault in found)
        return pa.record_batch(columns, schema=self._schema), faults

    def _out_of_time(self, attribute: Attribute, values: pa.Array) -> list[Fault]:
        """Return the times that no row may have.

        They are of the last year there is, which people write where a time is not known, or of when rows are archived.
        """
        if attribute.name != self._model.time_attribute:
            return []
        faults: list[Fault] = []
        last = pc.max(values).as_py()
        if last is not None and last.year >= MAXYEAR:
            reason = f"is in the year {MAXYEAR}, and {attribute.name} tells when a {self._model.name} was"
            faults += _where(pc.equal(pc.year(values), MAXYEAR), values, reason)
        if self._rows_from is not None:
            reason = f"is before {self._rows_from:%Y-%m-%d}, and what was before that is archived and does not change"
            faults += _where(pc.less(values, pa.scalar(self._rows_from).cast(values.type)), values, reason)
        return faults

    def _reject(self, batch: Batch, faults: Faults) -> pa.Array:
        """Take the faults of a batch, and return which of its rows are right."""
        wrong = np.zeros(batch.rows, dtype=bool)
        wrong[[row for row, _, _ in faults]] = True
        named: list[WrongRow] = []
        by_row = groupby(sorted(faults, key=itemgetter(0, 1)), key=itemgetter(0))
        for (row, of_row), _ in zip(by_row, range(self._rejection.room), strict=False):
            line = batch.lines[row].as_py()
            mistakes = tuple(row_error(line, column, fault.text, fault.reason) for _, column, fault in of_row)
            raw = raw_row(batch.columns, row) if self._rejection.keeps_rows else ""
            named.append(WrongRow(line, mistakes, raw))
        self._rejection.add(named, rows=int(wrong.sum()), mistakes=len(faults))
        return pa.array(~wrong)

    def _malformed(self, row: Malformed) -> WrongRow:
        return WrongRow(row.line, (row_error(row.line, "", row.text, row.reason),), raw_text(row.text) or "")


def _where(condition: pa.Array, values: pa.Array, reason: str) -> list[Fault]:
    rows = pc.indices_nonzero(pc.fill_null(condition, fill_value=False)).to_pylist()
    return [Fault(row, values[row].as_py().isoformat(), reason) for row in rows]
