from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from analytics_engine.kernel.ids import new_id
from analytics_engine.kernel.paging import PageRequest
from analytics_engine.kernel.ports.database import Connection, Row
from analytics_engine.kernel.queries import load_queries
from analytics_engine.services.api_gateway.keys.schemas import ApiKey, NewApiKey

_QUERIES = load_queries(__package__)
USE_IS_NOTED_EVERY = timedelta(minutes=1)


async def page(connection: Connection, request: PageRequest) -> tuple[list[ApiKey], int]:
    rows = await connection.fetch(_QUERIES["list"], request.limit, request.offset)
    return [ApiKey.model_validate(dict(row)) for row in rows], await connection.fetch_value(_QUERIES["count"])


async def read_by_hash(connection: Connection, key_hash: bytes) -> ApiKey | None:
    return _key(await connection.fetch_one(_QUERIES["read_by_hash"], key_hash))


async def add(
    connection: Connection, new: NewApiKey, *, prefix: str, key_hash: bytes, created_by: str
) -> ApiKey | None:
    """Return the key, or None where there is one of this prefix or hash already."""
    row = await connection.fetch_one(
        _QUERIES["add"],
        new_id(),
        prefix,
        key_hash,
        new.name,
        new.client_id,
        new.role.value,
        list(new.scopes),
        created_by,
        new.expires_at,
    )
    return _key(row)


async def revoke(connection: Connection, id_or_prefix: str, *, at: datetime) -> ApiKey | None:
    identity = id_or_prefix if _is_uuid(id_or_prefix) else None
    return _key(await connection.fetch_one(_QUERIES["revoke"], identity, at, id_or_prefix))


async def mark_used(connection: Connection, key_id: str, *, at: datetime) -> None:
    await connection.execute(_QUERIES["mark_used"], key_id, at, at - USE_IS_NOTED_EVERY)


def _key(row: Row | None) -> ApiKey | None:
    return None if row is None else ApiKey.model_validate(dict(row))


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
