"""Rows of the archive brought back into a snapshot: for as long as it is open they stand beside those of the table.

They are copied into a table of the session, and a view of the session has both: statements read the view. So they are
computed with in the same way, to the last digit, as if they had never left.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlglot import exp

from analytics_engine.errors import AnalyticsEngineError, DependencyUnavailable, NotFound, QueryError
from analytics_engine.kernel.parquet import digest_of, read_parquet
from analytics_engine.kernel.ports.blobs import BlobStore
from analytics_engine.kernel.ports.database import Connection, Row
from analytics_engine.kernel.queries import load_queries
from analytics_engine.kpi.values.binding import Span
from analytics_engine.kpi.values.reach import Reach

SCHEMA = "pg_temp"
_PREFIX = "ae_archived_"
_QUERIES = load_queries(__package__)


@dataclass(frozen=True)
class Archive:
    """Where the files are.

    Args:
        store: the files.
        most_rows: how many rows one snapshot brings back.
    """

    store: BlobStore
    most_rows: int = 20_000_000


@dataclass
class BroughtBack:
    """What a snapshot of a client has of the archive."""

    connection: Connection
    client_id: str
    archive: Archive | None
    _views: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _parts: list[int] = field(default_factory=list)
    _rows: int = 0

    @property
    def models(self) -> Sequence[str]:
        """The object models that are read by their views."""
        return tuple(self._views)

    async def reach(self, reach: Reach) -> None:
        """Bring back what a question reaches, and is not there yet; where that fails, all is as it was.

        Raises:
            QueryError: some of it is kept no longer, or it is too much.
            DependencyUnavailable: the archive cannot be reached, or has not what it had.
        """
        there = dict(self._views), list(self._parts), self._rows
        await self.connection.execute(_QUERIES["begin_statement"])
        try:
            for row in await self.connection.fetch(_QUERIES["bounds"], self.client_id, list(reach)):
                span = reach[row["object_model"]]
                if span.start < row["rows_from"]:
                    await self._bring(row, span)
        except Exception:
            self._views, self._parts, self._rows = there
            with suppress(AnalyticsEngineError):
                await self.connection.execute(_QUERIES["undo_statement"])
            raise

    async def _bring(self, bound: Row, span: Span) -> None:
        model = bound["object_model"]
        _check_kept(bound, span)
        edges = span.start, min(span.end, bound["rows_from"])
        parts = await self.connection.fetch(_QUERIES["archived_parts"], self.client_id, model, *edges, self._parts)
        if parts and self.archive is None:
            raise DependencyUnavailable(
                f"Rows of {model} before {bound['rows_from']:%Y-%m-%d} are in the archive, which is not known here.",
                remedy="Set AE_ARCHIVE_URL of calculation_engine_service as it is set of database_service.",
            )
        self._count(model, parts)
        for part in parts:
            if model not in self._views:
                self._views[model] = await self._make_view(bound)
            await self._copy(model, part)
            self._parts.append(part["id"])
        if parts:
            await self.connection.execute(f"ANALYZE {SCHEMA}.{_quoted(_PREFIX + model)}")

    def _count(self, model: str, parts: Sequence[Row]) -> None:
        assert self.archive is not None or not parts
        self._rows += sum(part["rows"] for part in parts)
        if self.archive is not None and self._rows > self.archive.most_rows:
            raise QueryError(
                f"The answer reaches {self._rows:,} archived rows of {model}; {self.archive.most_rows:,} are the most "
                "that are brought back at once.",
                remedy="Ask a shorter range, or as a rollup has it; AE_ARCHIVE_MAX_ROWS is the limit.",
            )

    async def _make_view(self, bound: Row) -> tuple[str, ...]:
        model = bound["object_model"]
        rows = await self.connection.fetch(_QUERIES["readable_columns"], model)
        columns = {row["name"]: row["type"] for row in rows}
        listed = ", ".join(map(_quoted, columns))
        kept, own = f"facts.{_quoted(model)}", f"{SCHEMA}.{_quoted(_PREFIX + model)}"
        time = bound["time_attribute"]
        start = f"TIMESTAMPTZ '{bound['rows_from'].isoformat()}'::{columns[time]}"
        await self.connection.execute(
            f"CREATE TEMPORARY TABLE {_quoted(_PREFIX + model)} ON COMMIT DROP AS "
            f"SELECT {listed} FROM {kept} WITH NO DATA"
        )
        await self.connection.execute(
            await self.connection.fetch_value(_QUERIES["have_client"], _PREFIX + model, self.client_id)
        )
        await self.connection.execute(
            f"CREATE TEMPORARY VIEW {_quoted(model)} AS SELECT {listed} FROM {kept} WHERE {_quoted(time)} >= {start} "
            f"UNION ALL SELECT {listed} FROM {own}"
        )
        return tuple(columns)

    async def _copy(self, model: str, part: Row) -> None:
        assert self.archive is not None
        with TemporaryDirectory(prefix="ae-archive-") as folder:
            path = Path(folder) / "rows.parquet"
            try:
                await self.archive.store.get(part["name"], path)
            except NotFound as error:
                raise _unsound(part, "is not there") from error
            if await asyncio.to_thread(digest_of, path) != part["digest"]:
                raise _unsound(part, "is not as it was written")
            columns = [name for name in part["columns"] if name in self._views[model]]
            await read_parquet(self.connection, path, _PREFIX + model, schema=SCHEMA, columns=columns)


def _check_kept(bound: Row, span: Span) -> None:
    """Return when no row is reached that the archive had and has no more.

    Raises:
        QueryError: one may be.
    """
    gone: datetime | None = bound["archived_from"]
    if gone is None or span.start >= gone or (bound["covered_from"] or gone) >= gone:
        return
    raise QueryError(
        f"The answer needs rows of {bound['object_model']} before {gone:%Y-%m-%d}, which are kept no longer.",
        remedy="Ask a later range, or by a grain and dimensions of a rollup, whose buckets are kept.",
    )


def _unsound(part: Row, what: str) -> DependencyUnavailable:
    return DependencyUnavailable(
        f"The file {part['name']} of the archive {what}; no answer is given without its {part['rows']:,} rows.",
        remedy="Restore the file from a backup of the archive.",
    )


def _quoted(name: str) -> str:
    return exp.to_identifier(name, quoted=True).sql("postgres")
