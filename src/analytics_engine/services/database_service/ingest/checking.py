"""Reads an input to its end, types and checks every row, and keeps what PostgreSQL will copy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import MAXYEAR, date, datetime
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from analytics_engine.errors import InvalidInput
from analytics_engine.kpi.model.object_model import Attribute, ObjectModel
from analytics_engine.kpi.model.suggest import did_you_mean
from analytics_engine.services.database_service.ingest.columns import ARROW_TYPES, Fault, convert
from analytics_engine.services.database_service.ingest.csv_rows import CsvRows
from analytics_engine.services.database_service.ingest.json_rows import JsonArrayRows, NdjsonRows
from analytics_engine.services.database_service.ingest.keys import repeated_keys
from analytics_engine.services.database_service.ingest.parquet_rows import ParquetRows
from analytics_engine.services.database_service.ingest.reading import Batch, Format, Reading, RowSource
from analytics_engine.services.database_service.ingest.rejection import Rejection, row_error
from analytics_engine.services.database_service.tables.fact_table import CLIENT, FactTable

Line = Callable[[int], int]
Instant = datetime | date


@dataclass(frozen=True)
class CheckedRows:
    """Rows that are right, ready to be copied.

    Args:
        copy: all columns as CSV for COPY: the client, then the attributes of the model in their order.
        identity: the key and partition columns, typed, in the order of the input.
        first, last: the span of the time attribute, both inclusive; None without rows or time attribute.
        months: the first days of the months the rows fall into.
        line: tells where a row stood in the input.
    """

    copy: BinaryIO
    columns: tuple[str, ...]
    identity: pa.Table
    rows: int
    first: Instant | None
    last: Instant | None
    months: frozenset[date]
    line: Line


def check(
    file: BinaryIO, copy: BinaryIO, *, client_id: str, model: ObjectModel, table: FactTable, reading: Reading
) -> CheckedRows:
    """Return an input's rows for one client, all of them right; what is to be copied is written to ``copy``.

    Raises:
        InvalidInput: the input is not of its format, or its columns are not the model's.
        RowsRejected: some rows are wrong; the problem lists them.
    """
    source = _open(file, reading)
    _check_columns(source, model)
    return _Checking(source, client_id=client_id, model=model, table=table, reading=reading).run(copy)


def _open(file: BinaryIO, reading: Reading) -> RowSource:
    match reading.format:
        case Format.CSV:
            return CsvRows(file, reading)
        case Format.JSON:
            return JsonArrayRows(file)
        case Format.NDJSON:
            return NdjsonRows(file)
        case Format.PARQUET:
            return ParquetRows(file)


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


def _kept(table: FactTable, model: ObjectModel) -> tuple[str, ...]:
    """Return the columns that are needed of all rows at once: identity, and the time that tells what is covered."""
    time = () if model.time_attribute is None else (model.time_attribute,)
    return (*table.identity, *(name for name in time if name not in table.identity))


class _Checking:
    """One pass over the batches."""

    def __init__(
        self, source: RowSource, *, client_id: str, model: ObjectModel, table: FactTable, reading: Reading
    ) -> None:
        self._source = source
        self._client_id = client_id
        self._model = model
        self._table = table
        self._reading = reading
        self._attributes = [
            attribute.model_copy(update={"nullable": not _required(attribute, model)}) for attribute in model.attributes
        ]
        self._schema = pa.schema(
            [(CLIENT, pa.string()), *((one.name, ARROW_TYPES[one.type]) for one in model.attributes)]
        )
        self._kept = _kept(table, model)
        self._rejection = Rejection()
        self._identity: list[pa.Table] = []
        self._rows = 0

    def run(self, copy: BinaryIO) -> CheckedRows:
        options = pa_csv.WriteOptions(include_header=False)
        with pa_csv.CSVWriter(copy, self._schema, write_options=options) as writer:
            for batch in self._source.batches():
                if not batch.rows:
                    continue
                typed = self._typed(batch)
                self._rows += batch.rows
                if not self._rejection.total:
                    writer.write_batch(typed)
                self._identity.append(pa.Table.from_batches([typed]).select(self._kept))
        self._rejection.add(self._source.malformed)
        identity = self._all_identities()
        repeated = repeated_keys(identity.select(self._table.key), room=self._rejection.room, line=self._source.line)
        self._rejection.add(repeated.errors, total=repeated.total)
        self._rejection.raise_if_any()
        copy.seek(0)
        first, last, months = self._span(identity)
        return CheckedRows(
            copy=copy,
            columns=tuple(self._schema.names),
            identity=identity,
            rows=self._rows,
            first=first,
            last=last,
            months=months,
            line=self._source.line,
        )

    def _all_identities(self) -> pa.Table:
        """Return what was kept of all batches; never with an empty chunk, of which Arrow's CSV writer makes garbage."""
        return pa.concat_tables(self._identity or [self._schema.empty_table().select(self._kept)])

    def _typed(self, batch: Batch) -> pa.RecordBatch:
        if self._source.columns is None:
            _refuse_unknown(tuple(batch.columns), self._model)
        columns = [pa.repeat(pa.scalar(self._client_id, pa.string()), batch.rows)]
        faults: list[tuple[int, str, Fault]] = []
        for attribute in self._attributes:
            delivered = batch.columns.get(attribute.name)
            converted = convert(pa.nulls(batch.rows) if delivered is None else delivered, attribute, self._reading)
            columns.append(converted.values)
            faults.extend((fault.row, attribute.name, fault) for fault in converted.faults)
        self._reject(faults)
        return pa.record_batch(columns, schema=self._schema)

    def _reject(self, faults: list[tuple[int, str, Fault]]) -> None:
        named = sorted(faults, key=lambda fault: fault[:2])[: self._rejection.room]
        errors = [
            row_error(self._source.line(self._rows + row), column, fault.text, fault.reason)
            for row, column, fault in named
        ]
        self._rejection.add(errors, total=len(faults))

    def _span(self, identity: pa.Table) -> tuple[Instant | None, Instant | None, frozenset[date]]:
        name = self._model.time_attribute
        if name is None or name not in identity.column_names or not identity.num_rows:
            return None, None, frozenset()
        ends = pc.min_max(identity[name])
        if ends["max"].as_py().year == MAXYEAR:
            raise InvalidInput(
                f"{name} tells when a {self._model.name} was, and the year {MAXYEAR} is in the input.",
                remedy="Leave out rows whose time is not known, or give the object model another time attribute.",
            )
        months = pc.unique(pc.floor_temporal(identity[name], unit="month").cast(pa.timestamp("us")).cast(pa.date32()))
        return ends["min"].as_py(), ends["max"].as_py(), frozenset(months.to_pylist())
