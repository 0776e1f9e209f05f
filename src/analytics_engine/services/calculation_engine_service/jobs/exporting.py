"""The kind ``export``: the whole answers of queries, as a file in blob storage."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import Field

from analytics_engine.contracts.calculation import KpiQuery
from analytics_engine.contracts.wire import WireModel
from analytics_engine.errors import AnalyticsEngineError, JobTakenOver, QueryError
from analytics_engine.kernel.ids import new_id
from analytics_engine.kernel.ports.blobs import BlobStore
from analytics_engine.kernel.ports.jobs import RunningJob
from analytics_engine.services.calculation_engine_service.jobs.files import (
    MEDIA_TYPES,
    ZIP,
    Columns,
    FileFormat,
    append,
    pack,
    write,
)
from analytics_engine.services.calculation_engine_service.jobs.repository import FILE
from analytics_engine.services.calculation_engine_service.service import CalculationService

MOST_ROWS = 250_000
"""The most rows of one query's table: it is laid out in memory."""


class ExportParams(WireModel):
    """Which queries are answered whole, and as what; ``limit`` and ``offset`` of a query are of no account."""

    queries: tuple[KpiQuery, ...] = Field(min_length=1, max_length=20)
    format: FileFormat = FileFormat.CSV


class Export:
    """``JobKind``: writes a file of each query; of several queries an archive of their files."""

    name = "export"
    description = (
        "Answers queries whole and keeps them as a file: CSV or Parquet, a ZIP archive where there are several."
    )
    params = ExportParams

    def __init__(self, service: CalculationService, store: BlobStore) -> None:
        self._service = service
        self._store = store

    async def run(self, job: RunningJob[ExportParams]) -> None:
        queries, file_format = job.params.queries, job.params.format
        files: list[tuple[str, Path]] = []
        rows = 0
        with TemporaryDirectory(prefix="ae-export-") as folder:
            for number, query in enumerate(queries, start=1):
                await job.progress(number - 1, len(queries))
                path = Path(folder) / f"{number}.{file_format}"
                try:
                    rows += await self._write(job, query, path)
                except JobTakenOver:
                    raise
                except AnalyticsEngineError as error:
                    if len(queries) == 1:
                        raise
                    await job.fail(f"queries.{number - 1}", error)
                else:
                    files.append((path.name, path))
            if files:
                await self._keep(job, files, rows)
        await job.progress(len(queries), len(queries))

    async def _write(self, job: RunningJob[ExportParams], query: KpiQuery, path: Path) -> int:
        columns: Columns = {}
        rows = 0
        async for page in self._service.pages(job.client_id, query, now=job.as_of):
            append(columns, page)
            rows += page.row_count
            if rows > MOST_ROWS:
                raise QueryError(
                    f"The answer has more than {MOST_ROWS:,} rows, which are too many for one table.",
                    remedy="Split the query by its range, or ask a coarser grain.",
                )
        await asyncio.to_thread(write, columns, path, job.params.format)
        return rows

    async def _keep(self, job: RunningJob[ExportParams], files: Sequence[tuple[str, Path]], rows: int) -> None:
        """Store what was written under a name of this attempt's own, so that no other can take it away."""
        single = len(job.params.queries) == 1
        suffix, media_type = (job.params.format.value, MEDIA_TYPES[job.params.format]) if single else ("zip", ZIP)
        path = files[0][1]
        if not single:
            path = path.parent / "all.zip"
            await asyncio.to_thread(pack, files, path)
        blob = f"{job.client_id}/{job.id}/{new_id()}.{suffix}"
        await self._store.put(blob, path)
        name = f"{job.client_id}-{job.as_of:%Y%m%dT%H%M%SZ}.{suffix}"
        size_bytes = await self._store.size(blob)
        file = {"blob": blob, "name": name, "media_type": media_type, "size_bytes": size_bytes}
        await job.keep_result({FILE: file, "rows": rows})


async def delete_files(store: BlobStore, results: Sequence[Mapping[str, Any]]) -> None:
    """Delete the files of jobs; what another attempt left beside one goes with it."""
    for result in results:
        if FILE in result:
            folder = result[FILE]["blob"].rpartition("/")[0]
            for name in await store.names(folder + "/"):
                await store.delete(name)
