from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from analytics_engine.contracts.metadata import Change
from analytics_engine.kernel.ports.database import Connection, Row
from analytics_engine.kernel.queries import load_queries
from analytics_engine.services.business_metadata.definitions import (
    GLOBAL,
    TRAITS,
    AnyDefinition,
    Key,
    Kind,
    Stored,
    body_of,
    content_hash,
    kind_of,
)


@dataclass(frozen=True)
class CatalogState:
    """The version of a client's catalog, made of the global part and its own; and when either last changed."""

    version: str
    changed_at: datetime | None


@dataclass(frozen=True)
class PastVersion:
    stored: Stored
    change: tuple[Change, ...]


class DefinitionRepository:
    """Definitions in PostgreSQL; every method works in the caller's transaction."""

    def __init__(self) -> None:
        self._sql = load_queries(__package__)

    async def lock(self, connection: Connection, scope: str) -> None:
        """Wait until no other transaction edits this scope, and keep it so until this one ends."""
        if scope == GLOBAL:
            await connection.execute(self._sql["lock_alone"], GLOBAL)
            return
        await connection.execute(self._sql["lock_shared"], GLOBAL)
        await connection.execute(self._sql["lock_alone"], scope)

    async def state(self, connection: Connection, client_id: str) -> CatalogState:
        rows = await connection.fetch(self._sql["catalog_versions"], client_id)
        by_scope = {row["client_id"]: row for row in rows}
        version = by_scope[GLOBAL]["version"] if GLOBAL in by_scope else "empty"
        if client_id in by_scope and client_id != GLOBAL:
            version += f"-{by_scope[client_id]['version']}"
        return CatalogState(version, max((row["changed_at"] for row in rows), default=None))

    async def effective(self, connection: Connection, client_id: str) -> list[Stored]:
        rows = await connection.fetch(self._sql["effective_definitions"], client_id)
        return [_stored(row) for row in rows]

    async def history(self, connection: Connection, client_id: str, key: Key) -> list[PastVersion]:
        kind, code = key
        rows = await connection.fetch(self._sql["history"], client_id, kind.value, code)
        return [
            PastVersion(_stored(row), tuple(Change.model_validate(item) for item in json.loads(row["change"])))
            for row in rows
        ]

    async def add(self, connection: Connection, stored: Stored, change: Sequence[Change]) -> None:
        identity = (stored.client_id, stored.kind.value, stored.code, stored.version)
        await connection.execute(
            self._sql["add_version"],
            *identity,
            json.dumps(body_of(stored.definition)),
            content_hash(stored.definition),
            json.dumps([item.model_dump(mode="json") for item in change]),
            stored.author,
            stored.created_at,
        )
        await connection.execute(self._sql["make_present"], *identity)

    async def renew_version(self, connection: Connection, scope: str) -> str:
        version: str = await connection.fetch_value(self._sql["renew_catalog_version"], scope)
        return version

    async def shipped_hashes(self, connection: Connection) -> dict[Key, str]:
        rows = await connection.fetch(self._sql["shipped"])
        return {(Kind(row["kind"]), row["code"]): row["content_hash"] for row in rows}

    async def remember_shipped(self, connection: Connection, definitions: Sequence[AnyDefinition]) -> None:
        await connection.execute(
            self._sql["remember_shipped"],
            [kind_of(definition).value for definition in definitions],
            [definition.code for definition in definitions],
            [content_hash(definition) for definition in definitions],
        )


def _stored(row: Row) -> Stored:
    return Stored(
        client_id=row["client_id"],
        version=row["version"],
        author=row["author"],
        created_at=row["created_at"],
        definition=TRAITS[Kind(row["kind"])].model.model_validate_json(row["body"]),
    )
