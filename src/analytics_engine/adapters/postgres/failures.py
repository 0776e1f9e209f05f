"""What the driver raises, as errors of ours: gone, too slow, or in somebody's way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from analytics_engine.errors import AnalyticsEngineError, Conflict, DependencyTimeout, DependencyUnavailable

DRIVER_ERRORS = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""Everything the driver raises when a connection does not do what it should."""

_GONE = (
    ConnectionError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.InternalClientError,  # what a connection says when it is used after its end was read
)
_REFUSED = (
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InsufficientPrivilegeError,
)


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


def _known(error: Exception, address: str, *, connecting: bool) -> AnalyticsEngineError | None:
    match error:
        case asyncpg.QueryCanceledError():
            return DependencyTimeout(
                f"The database stopped a statement that took too long ({error}).",
                remedy="Ask for less at once, or raise AE_STATEMENT_TIMEOUT_S.",
            )
        case TimeoutError() if connecting:
            return DependencyUnavailable(
                f"No connection to the database at {address} was to be had in time.",
                remedy="See whether it is overloaded (/activity of database_service), or raise AE_DATABASE_POOL_SIZE.",
            )
        case TimeoutError():
            return DependencyTimeout(
                f"The database at {address} did not answer in time.",
                remedy="Ask for less at once, or raise AE_STATEMENT_TIMEOUT_S.",
            )
        case asyncpg.TooManyConnectionsError():
            return DependencyUnavailable(
                f"The database at {address} has no connection left.",
                remedy="Raise max_connections, or lower AE_DATABASE_POOL_SIZE.",
            )
        case asyncpg.PostgresError() if connecting and isinstance(error, _REFUSED):
            return DependencyUnavailable(
                f"The database at {address} refuses the login: {error}.",
                remedy="Check DATABASE_URL, and run `analytics-engine migrate`, which makes the logins.",
            )
        case OSError() | asyncpg.InterfaceError() if connecting:
            return unreachable(address)
        case _ if isinstance(error, _GONE):
            return unreachable(address)
        case _:
            return _of_statement(error)


def _of_statement(error: Exception) -> AnalyticsEngineError | None:
    """Return what the statement itself ran into, on a connection that works."""
    match error:
        case asyncpg.UniqueViolationError():
            return Conflict(
                f"Something of that identity is there already ({error.constraint_name}).",
                remedy="Read what is there, then decide.",
            )
        case asyncpg.SerializationError() | asyncpg.DeadlockDetectedError():
            return Conflict("Another change came in between.", remedy="Try the same again.")
        case _:
            return None


def unreachable(address: str) -> DependencyUnavailable:
    return DependencyUnavailable(
        f"The database at {address} cannot be reached.",
        remedy="See whether PostgreSQL runs there (`analytics-engine health`); the service reconnects by itself.",
    )
