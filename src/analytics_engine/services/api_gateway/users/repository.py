from __future__ import annotations

from dataclasses import dataclass, field

from analytics_engine.kernel.ids import new_id
from analytics_engine.kernel.paging import PageRequest
from analytics_engine.kernel.ports.database import Connection, Row
from analytics_engine.kernel.queries import load_queries
from analytics_engine.services.api_gateway.users.schemas import NewUser, User, UserChange

_QUERIES = load_queries(__package__)


@dataclass(frozen=True)
class Credentials:
    user: User
    password_hash: str = field(repr=False)


async def page(connection: Connection, request: PageRequest) -> tuple[list[User], int]:
    rows = await connection.fetch(_QUERIES["list"], request.limit, request.offset)
    return [User.model_validate(dict(row)) for row in rows], await connection.fetch_value(_QUERIES["count"])


async def read(connection: Connection, user_id: str) -> User | None:
    return _user(await connection.fetch_one(_QUERIES["read"], user_id))


async def read_by_email(connection: Connection, email: str) -> User | None:
    return _user(await connection.fetch_one(_QUERIES["read_by_email"], email))


async def credentials(connection: Connection, email: str) -> Credentials | None:
    row = await connection.fetch_one(_QUERIES["credentials"], email)
    if row is None:
        return None
    values = dict(row)
    password_hash = values.pop("password_hash")
    return Credentials(User.model_validate(values), password_hash)


async def any_user(connection: Connection) -> bool:
    return bool(await connection.fetch_value(_QUERIES["any"]))


async def lock(connection: Connection) -> None:
    """Wait until no other transaction decides on who is a user; held to the transaction's end."""
    await connection.execute(_QUERIES["lock"])


async def add(connection: Connection, user: NewUser, *, password_hash: str) -> User | None:
    """Return the new user, or None where the email address is taken."""
    return _user(
        await connection.fetch_one(
            _QUERIES["add"], new_id(), user.email, user.name, password_hash, user.role.value, user.client_id
        )
    )


async def change(connection: Connection, user_id: str, change: UserChange) -> User | None:
    role = change.role.value if change.role else None
    return _user(
        await connection.fetch_one(_QUERIES["change"], user_id, change.name, role, change.client_id, change.disabled)
    )


async def set_password(connection: Connection, user_id: str, password_hash: str) -> None:
    await connection.execute(_QUERIES["set_password"], user_id, password_hash)


async def other_administrators(connection: Connection, user_id: str) -> int:
    return int(await connection.fetch_value(_QUERIES["other_administrators"], user_id))


async def end_sessions(connection: Connection, user_id: str) -> None:
    await connection.execute(_QUERIES["end_sessions"], user_id)


def _user(row: Row | None) -> User | None:
    return None if row is None else User.model_validate(dict(row))
