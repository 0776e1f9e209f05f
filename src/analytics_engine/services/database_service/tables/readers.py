"""What reads a fact table's columns by name, and breaks when a column is called otherwise or is of another type."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from analytics_engine.kernel.ports.database import Connection


class ColumnReaders(Protocol):
    """Every method works in the caller's transaction."""

    async def names(self, connection: Connection, code: str, columns: Collection[str]) -> list[str]:
        """Return the codes of those that read any of these columns, as the ingest role."""
        ...

    async def let_go(self, connection: Connection, code: str, columns: Collection[str]) -> frozenset[str]:
        """Have nothing read these columns any more, as the ingest role; return the clients whose readers these were."""
        ...

    async def tell(self, connection: Connection, clients: Collection[str]) -> None:
        """Have readers made anew for the definitions of these clients once the transaction commits."""
        ...
