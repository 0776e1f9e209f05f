"""Which rollups read a column of a fact table. Their triggers name it, so they go before it changes."""

from __future__ import annotations

from collections.abc import Collection

import sqlglot
from sqlglot import exp

from analytics_engine.contracts.events import CatalogChanged, EventType
from analytics_engine.kernel.clock import Clock
from analytics_engine.kernel.logging import get_logger
from analytics_engine.kernel.ports.database import Connection
from analytics_engine.kernel.ports.events import Event
from analytics_engine.kernel.ports.outbox import Outbox
from analytics_engine.services.database_service.rollups import repository
from analytics_engine.services.database_service.rollups.rebuilding import EVER
from analytics_engine.services.database_service.rollups.repository import SQL, HeldRollup

log = get_logger(__name__)

SOURCE = "database_service"
_AT_ONCE = -1.0
_ROWS = "f"


class RollupsOfColumns:
    """``tables.readers.ColumnReaders`` of rollups; the catalog's follower makes the new ones."""

    def __init__(self, outbox: Outbox, clock: Clock) -> None:
        self._outbox = outbox
        self._clock = clock

    async def names(self, connection: Connection, code: str, columns: Collection[str]) -> list[str]:
        present = await repository.present(connection)
        return sorted({held.code for held in present if reads(held, code, columns)})

    async def let_go(self, connection: Connection, code: str, columns: Collection[str]) -> frozenset[str]:
        """Retire the rollups that read these columns, and have no writer keep them any more.

        Their cells stay for a while, all of them marked: who has planned with them reads the rows.
        """
        await connection.execute(SQL["lock_definitions"])
        retired = [
            held for held in await repository.retired(connection, since_s=_AT_ONCE) if reads(held, code, columns)
        ]
        present = [held for held in await repository.present(connection) if reads(held, code, columns)]
        for held in (*retired, *present):
            for statement in held.triggers.detach():
                await connection.execute(statement)
        for held in present:
            await connection.execute(SQL["mark"], held.id, "", [EVER.start], [EVER.end], "changed")
            await connection.execute(SQL["retire"], held.id)
            log.info("rollup_retired", rollup=held.code, id=held.id, columns=sorted(columns))
        return frozenset(held.client_id for held in present)

    async def tell(self, connection: Connection, clients: Collection[str]) -> None:
        for client_id in sorted(clients):
            event = Event(
                type=EventType.CATALOG_CHANGED.value,
                source=SOURCE,
                time=self._clock.now(),
                subject=client_id,
                clientid=client_id,
                data=CatalogChanged(version="").model_dump(mode="json"),
            )
            await self._outbox.add(connection, event)


def reads(held: HeldRollup, code: str, columns: Collection[str]) -> bool:
    """Return whether a rollup reads one of these columns of an object model's table."""
    return not {name for model, name in _read(held) if model == code}.isdisjoint(columns)


def _read(held: HeldRollup) -> set[tuple[str, str]]:
    """Return every column a rollup's triggers name, with the object model it is of."""
    written = held.sql.written
    models = {_ROWS: held.kept.model} | {one.alias: one.model for one in written.joined}
    found = {(held.kept.model, name) for name in held.kept.dimensions}
    for text in (written.anchor, *(column.add for column in written.columns)):
        tree = sqlglot.parse_one(text, read="postgres")
        found |= {(models[column.table], column.name) for column in tree.find_all(exp.Column) if column.table in models}
    for one in written.joined:
        found |= {(one.model, name) for name in one.attributes}
        found |= {pair for here, there in one.pairs for pair in ((models[one.before], here), (one.model, there))}
    return found
