"""Random histories: what several writers do to a client's rows at once, in transactions that are kept or given up."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import asyncpg

from analytics_engine.errors import Locked
from analytics_engine.kpi.model.object_model import ObjectModel
from analytics_engine.kpi.model.rollup import Rollup
from analytics_engine.kpi.model.time import Window, local_midnight
from analytics_engine.services.database_service.rollups.rebuilding import EVER, remark
from analytics_engine.services.database_service.tables.service import become_ingest
from catalog.cases import generated_rows
from integration.rollups.world import Ask, Row, World, cuts_of, every_rollup, grains_of, models_of, starter

ZONES = ("UTC", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia")
_FIRST, _LAST = date(2025, 11, 20), date(2026, 5, 2)
_FEW_DAYS = 9
_CUT = 0.4
_LEAVES = 0.5
_REFUSED = (
    asyncpg.UniqueViolationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.CheckViolationError,
)
"""What takes a transaction back; TimescaleDB moves no row to another chunk by an update."""


@dataclass
class History:
    """One client's history, drawn from a seed.

    Args:
        models: the object models that are written.
        rollups: those that are drawn from.
        archives: old rows leave for the archive meanwhile.
        writers: how many write at once.
        transactions: how many transactions each of them begins.
    """

    seed: int
    client_id: str
    models: tuple[str, ...] = ()
    rollups: tuple[Rollup, ...] = field(default_factory=every_rollup)
    archives: bool = False
    writers: int = 2
    transactions: int = 6
    _random: Random = field(init=False)
    _pool: dict[str, list[Row]] = field(init=False)

    def __post_init__(self) -> None:
        self._random = Random(self.seed)
        rolled = self._random.sample(self.rollups, 2)
        read = (code for rollup in rolled for code in models_of(rollup))
        self.models = tuple(dict.fromkeys(read))
        pool = generated_rows(self._random.randrange(20), customers=20, orders=80)
        self._pool = {code: self._random.sample(pool[code], len(pool[code])) for code in self.models}
        self._spare = {code: list(rows) for code, rows in self._pool.items()}

    async def run(self, world: World) -> None:
        """Let all writers write at once, and the maintenance work beside them."""
        for code in self.models:
            await world.make_room(code, self._pool[code])
        connections = [await world.connect() for _ in range(self.writers)]
        seeds = [self._random.random() for _ in connections]
        done = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as group:
                keeping = group.create_task(self._keep(world, done))
                writing = [
                    group.create_task(self._write(world, connection, Random(seed)))
                    for connection, seed in zip(connections, seeds, strict=True)
                ]
                await asyncio.gather(*writing)
                done.set()
                await keeping
        finally:
            for connection in connections:
                await connection.close()

    async def _keep(self, world: World, done: asyncio.Event) -> None:
        rounds = Random(self.seed)
        while not done.is_set():
            if rounds.random() < 0.3:
                await self._mark_everything(world, rounds)
            if self.archives and rounds.random() < _LEAVES:
                await self.have_rows_leave(world, rounds)
            await world.maintenance.once()

    async def _mark_everything(self, world: World, random: Random) -> None:
        """Have one rollup of the client built anew, as a new one is."""
        async with world.own.transaction() as connection:
            await become_ingest(connection)
            held = [rollup for rollup in await world.rollups.present() if rollup.object_model in self.models]
            rollup = random.choice(held)
            await remark(connection, rollup.id, self.client_id, [(EVER.start, EVER.end)], reason="building")

    async def have_rows_leave(self, world: World, random: Random) -> None:
        """Have old rows leave for the archive, as far as nothing is in the way."""
        for code in self.models:
            with suppress(Locked):
                await world.archiving.leave(code, datetime(2026, random.randint(1, 4), 1, tzinfo=UTC))

    async def _write(self, world: World, connection: asyncpg.Connection[Any], random: Random) -> None:
        for _ in range(self.transactions):
            transaction = connection.transaction()
            await transaction.start()
            try:
                for _ in range(random.randint(1, 3)):
                    await self._statement(world, connection, random)
                kept = random.random() < 0.85
            except _REFUSED:
                kept = False
            await (transaction.commit() if kept else transaction.rollback())

    async def _statement(self, world: World, connection: asyncpg.Connection[Any], random: Random) -> None:
        code = random.choice(self.models)
        model = starter().object_model(code).definition
        match random.choices(("copy", "insert", "update", "delete", "nothing"), (4, 3, 5, 3, 1))[0]:
            case "copy":
                await world.copy(code, self.client_id, self._new(code, random.choice((1, 5, 40))), by=connection)
            case "insert":
                await self._insert(connection, model, self._new(code, random.randint(1, 3)))
            case "update":
                await self._update(connection, model, random)
            case "delete":
                await connection.execute(
                    f'DELETE FROM facts."{code}" WHERE client_id = $1 AND random() < $2',
                    self.client_id,
                    random.choice((0.05, 0.3, 1.0)),
                )
            case "nothing":
                with suppress(asyncpg.DivisionByZeroError):
                    async with connection.transaction():
                        await self._insert(connection, model, self._new(code, 2))
                        await connection.execute("SELECT 1 / 0")

    def _new(self, code: str, count: int) -> list[Row]:
        """Return rows whose keys nobody has yet."""
        spare = self._spare[code]
        taken, self._spare[code] = spare[:count], spare[count:]
        return taken

    async def _insert(self, connection: asyncpg.Connection[Any], model: ObjectModel, rows: Sequence[Row]) -> None:
        names = [attribute.name for attribute in model.attributes]
        columns = ", ".join(f'"{name}"' for name in names)
        places = ", ".join(f"${position + 2}" for position in range(len(names)))
        statement = f'INSERT INTO facts."{model.code}" (client_id, {columns}) VALUES ($1, {places})'
        await connection.executemany(statement, [(self.client_id, *(row[name] for name in names)) for row in rows])

    async def _update(self, connection: asyncpg.Connection[Any], model: ObjectModel, random: Random) -> None:
        """Give some rows an attribute's value of another row: a measure, a dimension, or a moment."""
        name = random.choice([attribute.name for attribute in model.attributes if attribute.name not in model.key])
        value = random.choice(self._pool[model.code])[name] if self._pool[model.code] else None
        await connection.execute(
            f'UPDATE facts."{model.code}" SET "{name}" = $3 WHERE client_id = $1 AND random() < $2',
            self.client_id,
            random.choice((0.05, 0.5)),
            value,
        )

    def asks(self, count: int) -> list[Ask]:
        """Return questions, most of them of KPIs that read what was written."""
        return [self._ask() for _ in range(count)]

    def _ask(self) -> Ask:
        random = self._random
        rollup = random.choice([rollup for rollup in self.rollups if rollup.object_model in self.models])
        code = random.choice(rollup.kpis)
        grain = random.choice(grains_of(code))
        first = local_midnight(_FIRST + timedelta(days=random.randrange((_LAST - _FIRST).days)))
        length = random.randint(1, _FEW_DAYS) if grain == "hour" else random.randint(1, 150)
        last = first + timedelta(days=length)
        if grain == "hour" and random.random() < _CUT:
            first, last = first + timedelta(minutes=7), last - timedelta(hours=3, seconds=1)
        return Ask(
            kpi=code,
            window=Window(first, last),
            grain=grain,
            zone=random.choice(ZONES),
            dimensions=random.choice(cuts_of(code, rollup)),
            now=random.choice((Ask.now, last.replace(tzinfo=UTC) - timedelta(days=length / 3))),
        )
