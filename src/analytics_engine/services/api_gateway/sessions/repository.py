from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from analytics_engine.kernel.ports.database import Connection
from analytics_engine.kernel.queries import load_queries
from analytics_engine.services.api_gateway.users.schemas import User

_QUERIES = load_queries(__package__)


@dataclass(frozen=True)
class RefreshToken:
    """A refresh token as it is kept, with its session and its user."""

    session_id: str
    client_id: str
    revoked: bool
    used: bool
    expires_at: datetime
    user: User


async def open_session(connection: Connection, session_id: str, *, user_id: str, client_id: str) -> None:
    await connection.execute(_QUERIES["open"], session_id, user_id, client_id)


async def issue(connection: Connection, token_hash: bytes, *, session_id: str, expires_at: datetime) -> None:
    await connection.execute(_QUERIES["issue"], token_hash, session_id, expires_at)


async def read_for_update(connection: Connection, token_hash: bytes) -> RefreshToken | None:
    row = await connection.fetch_one(_QUERIES["read_for_update"], token_hash)
    if row is None:
        return None
    return RefreshToken(
        session_id=row["session_id"],
        client_id=row["session_client_id"],
        revoked=row["revoked_at"] is not None,
        used=row["used_at"] is not None,
        expires_at=row["expires_at"],
        user=User.model_validate({name: row[name] for name in User.model_fields}),
    )


async def use(connection: Connection, token_hash: bytes, *, at: datetime) -> None:
    await connection.execute(_QUERIES["use"], token_hash, at)


async def revoke(connection: Connection, session_id: str) -> None:
    await connection.execute(_QUERIES["revoke"], session_id)


async def switch_client(connection: Connection, session_id: str, client_id: str) -> None:
    await connection.execute(_QUERIES["switch_client"], session_id, client_id)


async def forget_expired(connection: Connection, user_id: str, *, now: datetime) -> None:
    await connection.execute(_QUERIES["forget_expired"], user_id, now)
