"""Loads of sample data: requested over HTTP, worked on in the background one at a time, resumed after a restart."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from analytics_engine.contracts.data import DataApi, DataUpload, IngestReceipt
from analytics_engine.contracts.metadata import MetadataApi
from analytics_engine.errors import (
    AnalyticsEngineError,
    DependencyTimeout,
    DependencyUnavailable,
    InvalidDefinition,
    NotFound,
    ObjectModelNotFound,
    RateLimited,
    TooBusy,
)
from analytics_engine.kernel.clock import Clock
from analytics_engine.kernel.ids import new_id
from analytics_engine.kernel.logging import get_logger
from analytics_engine.kernel.ports.database import Database
from analytics_engine.services.demo_config_service import nyc_flights
from analytics_engine.services.demo_config_service.nyc_flights import SampleTable
from analytics_engine.services.demo_config_service.repository import LoadRepository
from analytics_engine.services.demo_config_service.schemas import LoadStatus, SampleLoad, SampleView
from analytics_engine.services.demo_config_service.service import ClientService

log = get_logger(__name__)

T = TypeVar("T")

_LEASE_S = 15.0
_RENEW_S = 5.0
_LOOK_EVERY_S = 2.0
_TRANSIENT = (DependencyUnavailable, DependencyTimeout, ObjectModelNotFound, RateLimited, TooBusy)
"""Away, slow, busy, or (object models) not imported yet: worth waiting for."""


@dataclass(frozen=True)
class Patience:
    """How long a step is tried again while a service it needs is away."""

    total_s: float = 300.0
    pause_s: float = 1.0


@dataclass
class SampleLoads:
    """The requests for sample data and how far each is."""

    database: Database
    clock: Clock
    data_directory: Callable[[], Path] = nyc_flights.data_directory
    repository: LoadRepository = field(default_factory=LoadRepository)
    wanted: asyncio.Event = field(default_factory=asyncio.Event)

    async def samples(self) -> list[SampleView]:
        async with self.database.transaction(read_only=True) as connection:
            latest = await self.repository.latest(connection)
        missing = self._missing()
        return [
            SampleView(
                code=nyc_flights.CODE,
                name=nyc_flights.NAME,
                description=nyc_flights.DESCRIPTION,
                client_id=nyc_flights.CLIENT.client_id,
                object_models=[table.object_model for table in nyc_flights.TABLES],
                available=missing is None,
                remedy=missing.remedy if missing else "",
                latest_load=latest.get(nyc_flights.CODE),
            )
        ]

    async def sample(self, code: str) -> SampleView:
        """Return one sample.

        Raises:
            NotFound: there is no such sample.
        """
        _check_known(code)
        return (await self.samples())[0]

    async def request(self, sample: str, *, requested_by: str) -> SampleLoad:
        """Queue a load, or return the one that is queued or running already.

        Raises:
            NotFound: there is no such sample.
            DependencyUnavailable: the package with its data is not installed.
        """
        _check_known(sample)
        if (missing := self._missing()) is not None:
            raise missing
        load = SampleLoad(
            load_id=new_id(),
            sample=sample,
            client_id=nyc_flights.CLIENT.client_id,
            status=LoadStatus.QUEUED,
            progress=0,
            step="",
            requested_at=self.clock.now(),
        )
        async with self.database.transaction() as connection:
            load = await self.repository.request(connection, load, requested_by=requested_by)
        self.wanted.set()
        return load

    async def load(self, load_id: str) -> SampleLoad:
        """Return how far a load is.

        Raises:
            NotFound: there is no such load.
        """
        async with self.database.transaction(read_only=True) as connection:
            load = await self.repository.load(connection, load_id)
        if load is None:
            raise NotFound(f"There is no load {load_id}.", remedy="Latest loads are listed at /demo/samples.")
        return load

    def _missing(self) -> DependencyUnavailable | None:
        try:
            self.data_directory()
        except DependencyUnavailable as error:
            return error
        return None


def _check_known(sample: str) -> None:
    if sample != nyc_flights.CODE:
        raise NotFound(f"There is no sample {sample!r}.", remedy=f"There is: {nyc_flights.CODE}.", sample=sample)


@dataclass
class SampleLoader:
    """Works on requested loads. Each table is one upload under a key of its own, so a repeat loads nothing twice."""

    loads: SampleLoads
    clients: ClientService
    metadata: MetadataApi
    data: DataApi
    patience: Patience = field(default_factory=Patience)

    async def run(self) -> None:
        """Take loads as they are requested, and those a dead process left, for ever."""
        while True:
            self.loads.wanted.clear()
            while (load := await self._claim()) is not None:
                await self._work(load)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_EVERY_S):
                    await self.loads.wanted.wait()

    async def _claim(self) -> SampleLoad | None:
        async with self.loads.database.transaction() as connection:
            return await self.loads.repository.claim(connection, lease_s=_LEASE_S)

    async def _work(self, load: SampleLoad) -> None:
        log.info("sample_load_started", load_id=load.load_id, sample=load.sample)
        try:
            async with self._lease(load.load_id):
                rows = await self._load_all(load)
        except asyncio.CancelledError:
            await self._give_back(load)
            raise
        except AnalyticsEngineError as error:
            log.warning("sample_load_failed", load_id=load.load_id, detail=error.detail)
            await self._finish(load, LoadStatus.FAILED, detail=error.detail, remedy=error.remedy)
        except Exception as error:
            await self._finish(
                load,
                LoadStatus.FAILED,
                detail=f"Something failed that nobody foresaw: {type(error).__name__}.",
                remedy="Request the load again; the service's log has the cause.",
            )
            raise
        else:
            detail = ", ".join(f"{count:,} {model}" for model, count in rows.items())
            log.info("sample_load_succeeded", load_id=load.load_id, **rows)
            await self._finish(load, LoadStatus.SUCCEEDED, detail=f"Loaded {detail}.")

    async def _load_all(self, load: SampleLoad) -> dict[str, int]:
        directory = self.loads.data_directory()
        await self.clients.ensure(nyc_flights.CLIENT, author="sample")
        rows: dict[str, int] = {}
        for number, table in enumerate(nyc_flights.TABLES):
            done = load.model_copy(
                update={
                    "progress": number / len(nyc_flights.TABLES),
                    "step": f"loading {table.object_model} ({number + 1} of {len(nyc_flights.TABLES)})",
                    "rows": rows,
                }
            )
            await self._note(done)
            receipt = await self._load_table(done, table, directory)
            rows = {**rows, table.object_model: receipt.rows}
        await self._note(load.model_copy(update={"progress": 1, "step": "done", "rows": rows}))
        return rows

    async def _load_table(self, load: SampleLoad, table: SampleTable, directory: Path) -> IngestReceipt:
        rows = await asyncio.to_thread(nyc_flights.read_table, table, directory)
        model = await self._patiently(load, lambda: self.metadata.object_model(load.client_id, table.object_model))
        unknown = [name for name in rows.column_names if model.definition.attribute(name) is None]
        if unknown:
            raise InvalidDefinition(
                f"The object model {table.object_model} lacks attributes of the sample: {', '.join(unknown)}.",
                remedy="Bring back its shipped definition, or load the sample into another system.",
            )
        upload = DataUpload(
            object_model=table.object_model,
            content=await asyncio.to_thread(nyc_flights.as_parquet, rows),
            covers_from=table.coverage.covered_from if table.coverage else None,
            covers_until=table.coverage.covered_until if table.coverage else None,
            idempotency_key=f"sample-{load.load_id}-{table.object_model}",
        )
        return await self._patiently(load, lambda: self.data.load(load.client_id, upload))

    async def _patiently(self, load: SampleLoad, step: Callable[[], Awaitable[T]]) -> T:
        """Return what a step gives, trying again while what it needs is away and there is time left."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self.patience.total_s
        while True:
            try:
                return await step()
            except _TRANSIENT as error:
                if loop.time() > until:
                    raise
                await self._note(load.model_copy(update={"detail": f"Waiting: {error.detail}"}))
            await asyncio.sleep(self.patience.pause_s)

    @asynccontextmanager
    async def _lease(self, load_id: str) -> AsyncIterator[None]:
        """Keep the load ours while the block runs: no other process takes it as long as this one lives."""
        renewing = asyncio.create_task(self._renew(load_id))
        try:
            yield
        finally:
            renewing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await renewing

    async def _renew(self, load_id: str) -> None:
        while True:
            await asyncio.sleep(_RENEW_S)
            try:
                async with self.loads.database.transaction() as connection:
                    await self.loads.repository.renew(connection, load_id, lease_s=_LEASE_S)
            except (DependencyUnavailable, DependencyTimeout) as error:
                log.warning("lease_not_renewed", load_id=load_id, detail=error.detail)

    async def _give_back(self, load: SampleLoad) -> None:
        """Queue the load again for whoever runs next; where even that fails, its lease runs out."""
        with contextlib.suppress(DependencyUnavailable, DependencyTimeout):
            async with self.loads.database.transaction() as connection:
                await self.loads.repository.give_back(connection, load.load_id)

    async def _note(self, load: SampleLoad) -> None:
        async with self.loads.database.transaction() as connection:
            await self.loads.repository.note(connection, load)

    async def _finish(self, load: SampleLoad, status: LoadStatus, *, detail: str, remedy: str = "") -> None:
        async with self.loads.database.transaction() as connection:
            await self.loads.repository.finish(connection, load.load_id, status, detail=detail, remedy=remedy)
