"""Queries of a client that are due at the same time, answered together."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain
from time import perf_counter

from prometheus_client import Histogram

from analytics_engine.contracts.calculation import KpiQuery, KpiResult
from analytics_engine.errors import AnalyticsEngineError
from analytics_engine.services.calculation_engine_service.answers import data_versions, keep_for_s
from analytics_engine.services.calculation_engine_service.live.changes import Changes, Versions
from analytics_engine.services.calculation_engine_service.merging import Answered, Together, together
from analytics_engine.services.calculation_engine_service.preparing import Prepared
from analytics_engine.services.calculation_engine_service.service import CalculationService

_GATHERING_S = 0.002
"""Who is woken by the same change asks within this time."""
_AT_ONCE = 4


@dataclass(frozen=True)
class Reading:
    """A query's answer, or the error that there is none, and what it depends on.

    Args:
        prepared: the query as it was read; None where it cannot be asked.
        names: the versions it depends on.
        seen: these versions as they were before it was read; None while nobody knows them.
        took_s: how long it took to be read, with those it was read together with.
    """

    answered: Answered
    prepared: Prepared | None = None
    names: tuple[str, ...] = ()
    seen: Versions | None = ()
    took_s: float = 0.0

    def holds(self, prepared: Prepared, seen: Versions | None) -> bool:
        """Return whether the answer is still that of a query, of data of these versions; an error is not kept.

        It is kept no longer than the cache of answers keeps it: time goes on in periods that are not over.
        """
        if self.prepared is None or not isinstance(self.answered, KpiResult):
            return False
        read_at = self.prepared.times.now
        kept_until = read_at + timedelta(seconds=keep_for_s(self.prepared.times.periods, read_at))
        same = seen is not None and seen == self.seen and prepared.key == self.prepared.key
        return same and prepared.times.now < kept_until


@dataclass(frozen=True)
class _Due:
    query: KpiQuery
    before: Reading | None
    reading: asyncio.Future[Reading]

    def tell(self, reading: Reading) -> None:
        if not self.reading.done():
            self.reading.set_result(reading)

    def fail(self, error: BaseException) -> None:
        if not self.reading.done():
            self.reading.set_exception(error)


@dataclass(frozen=True)
class _Wanted:
    """What is due and has to be read: its versions, by name, as they were before."""

    due: _Due
    prepared: Prepared
    names: tuple[str, ...]
    seen: Versions | None


@dataclass
class _Client:
    """What is due of a client, and when its last round began."""

    due: list[_Due] = field(default_factory=list)
    began: float = 0.0


class Rounds:
    """Reads what is due in rounds, at most one of a client in a while: what is due meanwhile is of the next one.

    Args:
        every_s: how far apart the rounds of a client begin at least.
    """

    def __init__(self, service: CalculationService, changes: Changes, seconds: Histogram, *, every_s: float) -> None:
        self._service = service
        self._changes = changes
        self._seconds = seconds
        self._every_s = every_s
        self._gate = asyncio.Semaphore(_AT_ONCE)
        self._clients: dict[str, _Client] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def read(self, client_id: str, query: KpiQuery, before: Reading | None) -> Reading:
        """Return the reading of a query, which is the one from before where nothing has changed."""
        client = self._clients.setdefault(client_id, _Client())
        if not client.due:
            self._start(self._round(client_id, client))
        due = _Due(query, before, asyncio.get_running_loop().create_future())
        client.due.append(due)
        return await due.reading

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _round(self, client_id: str, client: _Client) -> None:
        clock = asyncio.get_running_loop()
        await asyncio.sleep(max(_GATHERING_S, client.began + self._every_s - clock.time()))
        due, client.due = client.due, []
        client.began = clock.time()
        with _told_to(due):
            queries = [each.query for each in due]
            ready, maker = await self._service.prepare_each(client_id, queries)
            names = [tuple(data_versions(client_id, one.reads)) if isinstance(one, Prepared) else () for one in ready]
            seen = await self._versions(names)
            wanted: dict[int, _Wanted] = {}
            for each, one, own, versions in zip(due, ready, names, seen, strict=True):
                if not isinstance(one, Prepared):
                    each.tell(Reading(one))
                elif each.before is not None and each.before.holds(one, versions):
                    each.tell(each.before)
                else:
                    wanted[id(one)] = _Wanted(each, one, own, versions)
            for group in together((one.prepared for one in wanted.values()), maker.prepared):
                self._start(self._read(client_id, group, [wanted[id(query)] for query in group.queries]))

    async def _versions(self, names: Sequence[tuple[str, ...]]) -> list[Versions | None]:
        """Return the versions of each, all of one moment."""
        different = list(dict.fromkeys(chain.from_iterable(names)))
        found = await self._changes.versions(different) if different else ()
        if found is None:
            return [None] * len(names)
        known = dict(zip(different, found, strict=True))
        return [tuple(known[name] for name in own) for own in names]

    async def _read(self, client_id: str, group: Together, wanted: Sequence[_Wanted]) -> None:
        """Read what belongs together; versions were taken before, so that what is changed meanwhile is seen."""
        with _told_to([one.due for one in wanted]):
            async with self._gate:
                began = perf_counter()
                answers = await self._service.read(client_id, group)
                took_s = perf_counter() - began
            self._seconds.observe(took_s)
            for one, answered in zip(wanted, answers, strict=True):
                one.due.tell(Reading(answered, one.prepared, one.names, one.seen, took_s))


@contextmanager
def _told_to(due: Sequence[_Due]) -> Iterator[None]:
    """Tell an error to all who wait, whatever it is: none of them waits for what will not come."""
    try:
        yield
    except AnalyticsEngineError as error:
        for each in due:
            each.tell(Reading(error))
    except BaseException as error:
        for each in due:
            each.fail(error)
        raise
