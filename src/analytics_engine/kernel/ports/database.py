from __future__ import annotations

from collections.abc import AsyncIterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Literal, Protocol

Row = Mapping[str, Any]
Isolation = Literal["read_committed", "repeatable_read", "serializable"]


class Connection(Protocol):
    """One transaction. Values are parameters (``$1``, ``$2``, ...); SQL text never holds them."""

    async def execute(self, query: str, *args: Any) -> str:
        """Run a statement and return its command tag, such as ``UPDATE 3``."""
        ...

    async def fetch(self, query: str, *args: Any) -> Sequence[Row]: ...

    async def fetch_one(self, query: str, *args: Any) -> Row | None: ...

    async def fetch_value(self, query: str, *args: Any) -> Any: ...

    async def copy_records(
        self, table: str, *, schema: str, columns: Sequence[str], records: Sequence[Sequence[Any]]
    ) -> int:
        """COPY rows into a table in binary and return how many."""
        ...

    async def copy_csv(self, table: str, *, schema: str, columns: Sequence[str], source: AsyncIterable[bytes]) -> int:
        """COPY CSV bytes (no header; empty unquoted = null) into a table and return how many rows."""
        ...

    async def copy_binary(
        self, table: str, *, schema: str, columns: Sequence[str], source: AsyncIterable[bytes]
    ) -> int:
        """COPY bytes of PostgreSQL's binary format into a table and return how many rows."""
        ...

    async def copy_out(self, query: str, *args: Any, path: Path) -> int:
        """COPY the rows of a query to a file as CSV (no header; empty unquoted = null) and return how many rows."""
        ...


class Database(Protocol):
    """A pool of connections to PostgreSQL as one login role.

    Raises (all methods):
        DependencyUnavailable: the server cannot be reached; the pool reconnects by itself.
        DependencyTimeout: the statement ran into its time limit.
        Locked: another transaction held what it needs for longer than it may wait.
        Conflict: it collided with another transaction, or with what is there.
        InsufficientStorage: the server has no room left.
    """

    def transaction(
        self,
        *,
        client_id: str | None = None,
        isolation: Isolation = "read_committed",
        read_only: bool = False,
        timeout_s: float | None = None,
        analytical: bool = False,
        behind: str = "",
    ) -> AbstractAsyncContextManager[Connection]:
        """Open a transaction: committed when the block ends well, rolled back when it raises.

        ``behind`` is a table whose weakest lock is taken before the transaction's snapshot: whoever takes the strongest
        one has waited for all who see what was before, and keeps those waiting who are to see what is after.

        ``client_id`` sets ``app.client_id`` for row-level security, for this transaction only. With
        ``analytical`` statements are planned as those of reports are best: for the values they come with, each time.
        """
        ...

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def ping(self) -> None: ...
