"""What an operator sees of rollups and has done to them, and the sample that is compared with the rows every night."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from random import SystemRandom

from analytics_engine.errors import AnalyticsEngineError, NotFound
from analytics_engine.kernel.clock import Clock
from analytics_engine.kernel.logging import get_logger
from analytics_engine.kernel.ports.database import Connection, Database
from analytics_engine.kernel.tasks import is_wanted
from analytics_engine.kpi.model.suggest import did_you_mean
from analytics_engine.kpi.values.kept import EARLIEST, LATEST, intersection, union
from analytics_engine.services.database_service.rollups import repository
from analytics_engine.services.database_service.rollups.rebuilding import instant, remark
from analytics_engine.services.database_service.rollups.repository import SQL, HeldMark, HeldRollup
from analytics_engine.services.database_service.rollups.schemas import (
    LevelState,
    MarkedSpan,
    RollupState,
    VerifiedSpan,
    VerifiedState,
    WrongBucketState,
)
from analytics_engine.services.database_service.rollups.verifying import Verification
from analytics_engine.services.database_service.tables.service import become_ingest

log = get_logger(__name__)

Span = tuple[datetime, datetime]

_MOST_LISTED = 100
_LOOK_EVERY_S = 900.0
_VERIFY_EVERY = timedelta(days=1)
_SAMPLE = timedelta(days=31)
_MOST_CLIENTS = 20


class Overseeing:
    """Rollups as one client's operator sees them."""

    def __init__(self, database: Database, verification: Verification, clock: Clock) -> None:
        self._database = database
        self._verification = verification
        self._clock = clock

    async def states(self, client_id: str) -> list[RollupState]:
        """Return the rollups there are for a client, with how much of its time each has."""
        async with self._database.transaction(read_only=True) as connection:
            await become_ingest(connection)
            held = [one for one in await repository.present(connection) if one.client_id in {"", client_id}]
            return [await _state(connection, rollup, client_id) for rollup in held]

    async def verify(self, client_id: str, code: str, within: Span | None) -> VerifiedState:
        """Compare a rollup with the rows; buckets that differ are read from the rows until they are rebuilt.

        Raises:
            NotFound: there is no such rollup.
        """
        rollup = await self._find(client_id, code)
        verified = await self._verification.verify(rollup, client_id, within=within)
        return VerifiedState(
            rollup=code,
            spans=tuple(VerifiedSpan(starts=start, ends=end) for start, end in verified.spans),
            wrong=tuple(
                WrongBucketState(level=bucket.level, starts=bucket.start, ends=bucket.end, cells=bucket.cells)
                for bucket in verified.wrong
            ),
        )

    async def rebuild(self, client_id: str, code: str, within: Span | None) -> RollupState:
        """Have a span of a rollup, by default all of it, read from the rows and computed anew.

        Raises:
            NotFound: there is no such rollup.
        """
        rollup = await self._find(client_id, code)
        async with self._database.transaction() as connection:
            await become_ingest(connection)
            await remark(connection, rollup.id, client_id, [within or (EARLIEST, LATEST)], reason="building")
            return await _state(connection, rollup, client_id)

    async def keep_verifying(self) -> None:
        """Compare some of each rollup with the rows once a day, for some clients: the last month, and any other."""
        while is_wanted():
            try:
                await self.verify_sample()
            except AnalyticsEngineError as error:
                log.warning("rollups_not_verified", reason=error.detail)
            await asyncio.sleep(_LOOK_EVERY_S)

    async def verify_sample(self) -> int:
        """Verify what was not verified for a day, and return how many rollups that were."""
        async with self._database.transaction(read_only=True) as connection:
            await become_ingest(connection)
            rollups = await repository.present(connection)
        due = self._clock.now() - _VERIFY_EVERY
        waiting = [one for one in rollups if one.status == "ready" and (one.verified_at or one.created_at) < due]
        for rollup in waiting:
            for client_id, span in await self._sample(rollup):
                await self._verification.verify(rollup, client_id, within=span)
            async with self._database.transaction() as connection:
                await become_ingest(connection)
                await connection.execute(SQL["note_verified"], rollup.id)
        return len(waiting)

    async def _sample(self, rollup: HeldRollup) -> list[tuple[str, Span]]:
        random = SystemRandom()
        async with self._database.transaction(read_only=True) as connection:
            await become_ingest(connection)
            clients = await repository.clients_of(connection, rollup.sql.table(rollup.kept.levels[-1]))
            found: list[tuple[str, Span]] = []
            for client_id in random.sample(clients, min(len(clients), _MOST_CLIENTS)):
                hull = await _hull(connection, rollup, client_id)
                if hull is not None:
                    first, last = hull
                    chosen = first + (last - first) * random.random()
                    spans = ((last - _SAMPLE, last), (chosen, chosen + _SAMPLE))
                    found += [(client_id, span) for span in spans]
        return found

    async def _find(self, client_id: str, code: str) -> HeldRollup:
        async with self._database.transaction(read_only=True) as connection:
            await become_ingest(connection)
            held = [one for one in await repository.present(connection) if one.client_id in {"", client_id}]
        own = [one for one in held if one.code == code]
        if not own:
            near = did_you_mean(code, [one.code for one in held])
            raise NotFound(f"There is no rollup {code!r}.", remedy=near or "List them at /rollups.", rollup=code)
        return own[-1]


async def _state(connection: Connection, rollup: HeldRollup, client_id: str) -> RollupState:
    kept = rollup.kept
    marks = await repository.marks(connection, rollup.id, client_id=client_id)
    by_level = {level: [part.table(level) for part in rollup.sql.parts] for level in kept.levels}
    sizes = [await connection.fetch_one(SQL["size_of"], tables) for tables in by_level.values()]
    return RollupState(
        id=rollup.id,
        code=rollup.code,
        of_all_clients=not rollup.client_id,
        object_model=rollup.object_model,
        status=rollup.status,
        anchor=kept.anchor,
        dimensions=kept.dimensions,
        states=len(kept.columns),
        tallies=len(kept.tallies),
        reads=tuple(dict.fromkeys(read.model for read in kept.reads)),
        levels=tuple(
            LevelState(level=level, **dict(size or {})) for level, size in zip(kept.levels, sizes, strict=True)
        ),
        built=await _built(connection, rollup, client_id, marks),
        marks=len(marks),
        marked=tuple(_marked(mark) for mark in marks[:_MOST_LISTED]),
        left_out=rollup.left_out,
        created_at=rollup.created_at,
        ready_at=rollup.ready_at,
        verified_at=rollup.verified_at,
    )


def _marked(held: HeldMark) -> MarkedSpan:
    return MarkedSpan(
        starts=held.mark.start,
        ends=held.mark.end,
        every_state=held.mark.every_state,
        reason=held.reason,
        marked_at=held.marked_at,
    )


async def _built(connection: Connection, rollup: HeldRollup, client_id: str, marks: list[HeldMark]) -> float:
    """Return how much of the time a client has rows of is not marked."""
    if not marks:
        return 1.0
    hull = await _hull(connection, rollup, client_id)
    if hull is None or hull[0] == hull[1]:
        return 0.0
    marked = intersection(union((mark.mark.start, mark.mark.end) for mark in marks), [hull])
    seconds = sum((instant(end) - instant(start)).total_seconds() for start, end in marked)
    return round(max(0.0, 1 - seconds / (hull[1] - hull[0]).total_seconds()), 4)


async def _hull(connection: Connection, rollup: HeldRollup, client_id: str) -> tuple[datetime, datetime] | None:
    """Return the first and the last moment of a client's rows."""
    row = await connection.fetch_one(rollup.sql.hull(), client_id)
    if row is None or row["first"] is None:
        return None
    return instant(row["first"]).astimezone(UTC), instant(row["last"]).astimezone(UTC)
