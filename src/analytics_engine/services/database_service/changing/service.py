"""All that can be asked of changes of tables."""

from __future__ import annotations

from analytics_engine.kernel.ports.database import Database
from analytics_engine.services.database_service.changing.applying import Applying
from analytics_engine.services.database_service.changing.planning import Planning
from analytics_engine.services.database_service.changing.standing import table_and_changes
from analytics_engine.services.database_service.changing.undoing import Undoing
from analytics_engine.services.database_service.tables.table_changes import TableChange


class TableChanging:
    def __init__(self, *, database: Database, planning: Planning, applying: Applying, undoing: Undoing) -> None:
        self._database = database
        self.planning = planning
        self.applying = applying
        self.undoing = undoing

    async def changes(self, code: str) -> list[TableChange]:
        """Return a table's changes, newest first.

        Raises:
            NotFound: there is no such table.
        """
        async with self._database.transaction(read_only=True) as connection:
            _, changes = await table_and_changes(connection, code)
        return changes[::-1]
