"""What the driver raises, as errors of ours: gone, full, too slow, or in somebody's way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from analytics_engine.errors import (
    AnalyticsEngineError,
    Conflict,
    DependencyTimeout,
    DependencyUnavailable,
    InsufficientStorage,
    Locked,
)

DRIVER_ERRORS = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""Everything the driver raises when a connection does not do what it should."""

CONNECTION_ENDED = (
    ConnectionError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.InternalClientError,  # what a connection says when it is used after its end was read
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.IdleInTransactionSessionTimeoutError,
)
"""What the driver raises when the server is gone, or ended the connection."""

CONNECTION_LOST = (*CONNECTION_ENDED, TimeoutError)
"""What the driver raises when nothing more is heard of a statement that was sent."""

_REFUSED = (
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InsufficientPrivilegeError,
)

_ROWS_FROM, _NO_PARTITION = "ae_rows_from", "no partition of relation"
"""What refuses rows of times whose rows are archived, and of those whose partition left in this very moment."""

_AT_ONCE_S = 1
_SOON_S = 5
_LATER_S = 60
_LIMITS = "Ask for less at once, or raise AE_STATEMENT_TIMEOUT_S (for loads AE_LOAD_TIMEOUT_S)."


@contextmanager
def reported(address: str, *, connecting: bool = False) -> Iterator[None]:
    """Turn what the driver raises inside into an error of ours; what is a mistake in our own SQL passes as it is."""
    try:
        yield
    except DRIVER_ERRORS as error:
        known = _known(error, address, connecting=connecting)
        if known is None:
            raise
        raise known from error


def unreachable(address: str) -> DependencyUnavailable:
    return DependencyUnavailable(
        f"The database at {address} cannot be reached.",
        remedy="See whether PostgreSQL runs there (`analytics-engine health`); the service reconnects by itself.",
        retry_after_s=_SOON_S,
    )


def lost(address: str) -> DependencyUnavailable:
    """Return that a connection ended in the middle of a transaction, which is undone by that."""
    return DependencyUnavailable(
        f"The connection to the database at {address} was lost; nothing of this request was kept.",
        remedy="Try again: the service reconnects by itself. The log of PostgreSQL tells why it ended.",
        retry_after_s=_AT_ONCE_S,
    )


def exhausted(address: str, *, size: int) -> DependencyUnavailable:
    """Return that every connection of the pool is in use, and stayed so."""
    return DependencyUnavailable(
        f"All {size} connections of this service to the database at {address} are in use, and none was given back in "
        "time.",
        remedy="See what they do (/activity and /connections of database_service), or raise AE_DATABASE_POOL_SIZE.",
        retry_after_s=_AT_ONCE_S,
    )


def lost_at_commit(address: str) -> DependencyUnavailable:
    """Return that nobody knows whether a change was kept: the connection was lost after the commit was asked for."""
    return DependencyUnavailable(
        f"The connection to the database at {address} was lost while the change was being committed: whether it was "
        "kept is not known.",
        remedy="Repeat it under the same Idempotency-Key, which does nothing twice, or read what is there first.",
        retry_after_s=_AT_ONCE_S,
        outcome="unknown",
    )


def _known(error: Exception, address: str, *, connecting: bool) -> AnalyticsEngineError | None:
    if connecting:
        return _of_connecting(error, address)
    match error:
        case TimeoutError():
            return DependencyTimeout(f"The database at {address} did not answer in time.", remedy=_LIMITS)
        case _ if isinstance(error, CONNECTION_ENDED):
            return lost(address)
        case _:
            return _of_room(error, address) or _of_statement(error)


def _of_connecting(error: Exception, address: str) -> AnalyticsEngineError | None:
    match error:
        case TimeoutError():
            return DependencyUnavailable(
                f"No connection to the database at {address} was to be had in time.",
                remedy="See whether the server is overloaded, and whether a firewall lets us through.",
                retry_after_s=_SOON_S,
            )
        case asyncpg.TooManyConnectionsError():
            return DependencyUnavailable(
                f"The database at {address} has no connection left.",
                remedy="See who has them (/connections of database_service); raise max_connections, or lower "
                "AE_DATABASE_POOL_SIZE.",
                retry_after_s=_SOON_S,
            )
        case asyncpg.PostgresError() if isinstance(error, _REFUSED):
            return DependencyUnavailable(
                f"The database at {address} refuses the login: {error}.",
                remedy="Check DATABASE_URL, and run `analytics-engine migrate`, which makes the logins.",
            )
        case _ if isinstance(error, (*CONNECTION_ENDED, OSError, asyncpg.InterfaceError)):
            return unreachable(address)
        case _:
            return _of_room(error, address)


def _of_room(error: Exception, address: str) -> AnalyticsEngineError | None:
    """Return what the server has no room for: on its disk, in its memory, or within a limit somebody set."""
    match error:
        case asyncpg.DiskFullError():
            return InsufficientStorage(
                f"The disk of the database at {address} is full ({error}); nothing of this request was kept.",
                remedy="Free space on the server or enlarge its disk (/tables of database_service shows what takes "
                "how much), then try again; no restart is needed.",
                retry_after_s=_LATER_S,
            )
        case asyncpg.ConfigurationLimitExceededError():
            return InsufficientStorage(
                f"A statement needs more than the database at {address} allows ({error}).",
                remedy="Ask for less at once, or have the server's administrator raise the limit named.",
            )
        case asyncpg.OutOfMemoryError():
            return DependencyUnavailable(
                f"The database at {address} is out of memory ({error}).",
                remedy="Ask for less at once; give the server more memory, or lower work_mem or AE_DATABASE_POOL_SIZE.",
                retry_after_s=_SOON_S,
            )
        case _:
            return None


def _of_statement(error: Exception) -> AnalyticsEngineError | None:
    """Return what the statement itself ran into, on a connection that works."""
    match error:
        case asyncpg.QueryCanceledError() if "user request" in str(error):
            return DependencyUnavailable(
                "An operator stopped the statement at the database server; nothing of this request was kept.",
                remedy="Ask the operator before you try again: the audit log says who it was.",
            )
        case asyncpg.QueryCanceledError():
            return DependencyTimeout(f"The database stopped a statement that took too long ({error}).", remedy=_LIMITS)
        case asyncpg.LockNotAvailableError():
            return Locked(
                f"Another transaction held what this one needs for too long ({error}); nothing of this request was "
                "kept.",
                remedy="Try again; /activity/blocking of database_service shows who blocks whom. AE_LOCK_TIMEOUT_S is "
                "how long a statement waits.",
                retry_after_s=_SOON_S,
            )
        case asyncpg.CheckViolationError() if error.constraint_name == _ROWS_FROM or _NO_PARTITION in str(error):
            return Conflict(
                f"Rows that are archived do not change, and there are no new ones of then ({error}).",
                remedy="/lifecycle of database_service shows from when on rows of each object model may be written.",
            )
        case asyncpg.UniqueViolationError():
            return Conflict(
                f"Something of that identity is there already ({error.constraint_name}).",
                remedy="Read what is there, then decide.",
            )
        case asyncpg.DeadlockDetectedError():
            return Conflict(
                "This and another transaction waited for each other, and the database stopped this one; nothing of "
                "this request was kept.",
                remedy="Try the same again: the other one is done in a moment.",
                retry_after_s=_AT_ONCE_S,
            )
        case asyncpg.InvalidCachedStatementError():
            return Conflict(
                "A column that this reads became one of another type in this moment.",
                remedy="Try the same again.",
                retry_after_s=_AT_ONCE_S,
            )
        case asyncpg.SerializationError():
            return Conflict("Another change came in between.", remedy="Try the same again.", retry_after_s=_AT_ONCE_S)
        case _:
            return None
