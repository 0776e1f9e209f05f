"""Inputs checked in threads: by a definition, and with all that came of it."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Self

from analytics_engine.contracts.data import OnError
from analytics_engine.errors import AnalyticsEngineError
from analytics_engine.kpi.model.catalog import ObjectModelVersion
from analytics_engine.services.database_service.ingest.checking import check
from analytics_engine.services.database_service.ingest.kept import KeptRows
from analytics_engine.services.database_service.ingest.progress import Progress
from analytics_engine.services.database_service.ingest.rejection import Rejection
from analytics_engine.services.database_service.ingest.requests import LoadRequest
from analytics_engine.services.database_service.ingest.uploads import Upload


@dataclass(frozen=True)
class Checked:
    """What came of one input: the right rows, the wrong ones, and why it was not read to its end, if it was not."""

    model: ObjectModelVersion
    rows: KeptRows
    rejection: Rejection
    failure: AnalyticsEngineError | None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.rows.close()

    def judge(self, request: LoadRequest, progress: Progress) -> None:
        """Return when the input was read and no more of its rows are wrong than may be.

        Raises:
            InvalidInput, TooLarge: it could not be read.
            RowsRejected: more rows are wrong.
        """
        if self.failure is not None:
            raise self.failure
        request.judge(self.rejection, checked=progress.rows_checked)


class InputChecks:
    """Threads of their own, as a check takes minutes: loads that copy never wait for them."""

    def __init__(self, *, at_once: int, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="check-rows")

    async def check(
        self,
        upload: Upload,
        request: LoadRequest,
        model: ObjectModelVersion,
        *,
        rows_from: datetime | None,
        progress: Progress,
    ) -> Checked:
        """Return what comes of an input, which is read from its start.

        Who is cancelled meanwhile has the thread stop first, as the files that it reads are about to go.
        """
        rows, rejection = KeptRows(model.definition), Rejection(keeps_rows=request.on_error is OnError.KEEP_GOOD)
        upload.file.seek(0)
        progress.rows_checked = 0
        checking = partial(
            check,
            upload.file,
            rows,
            rejection,
            model=model.definition,
            reading=request.reading,
            limit_bytes=self._limit_bytes,
            progress=progress,
            rows_from=rows_from,
        )
        working = asyncio.get_running_loop().run_in_executor(self._threads, checking)
        try:
            await asyncio.shield(working)
        except AnalyticsEngineError as failure:
            return Checked(model, rows, rejection, failure)
        except BaseException:
            progress.is_given_up = True
            await asyncio.gather(working, return_exceptions=True)
            rows.close()
            raise
        return Checked(model, rows, rejection, None)
