"""Looking at what is there: tables, coverage, some rows."""

from __future__ import annotations

from analytics_engine.errors import NotFound
from analytics_engine.kernel.ports.database import Database
from analytics_engine.kpi.model.catalog import ObjectModelVersion
from analytics_engine.services.database_service.definitions import ObjectModels
from analytics_engine.services.database_service.ingest.statements import sample
from analytics_engine.services.database_service.schemas import CoverageState, Sample, TableState, cell
from analytics_engine.services.database_service.tables import repository
from analytics_engine.services.database_service.tables.service import FactTables


class Browsing:
    """Answers for one client; rows of others are out of reach by row-level security."""

    def __init__(self, *, database: Database, models: ObjectModels, tables: FactTables) -> None:
        self._database = database
        self._models = models
        self._tables = tables

    async def table(self, client_id: str, code: str) -> TableState:
        """Return an object model's table as it is.

        Raises:
            NotFound: none was made yet.
        """
        async with self._database.transaction(client_id=client_id, read_only=True) as connection:
            state = await repository.state(connection, code, client_id=client_id)
        if state is None:
            raise NotFound(
                f"There is no table for {code!r}.",
                remedy="It is made at the first load, or by PUT to this address; /object-models lists the models.",
                object_model=code,
            )
        return TableState.model_validate(dict(state))

    async def ensure(self, client_id: str, code: str) -> TableState:
        """Make or extend an object model's table so that it holds the present version, and return it.

        Raises:
            ObjectModelNotFound: there is none of this code.
            Conflict: the table cannot hold the present version.
        """
        await self._tables.ensure(await self._models.get(client_id, code), client_id=client_id)
        return await self.table(client_id, code)

    async def coverage(self, client_id: str) -> list[CoverageState]:
        async with self._database.transaction(client_id=client_id, read_only=True) as connection:
            rows = await repository.coverage(connection, client_id=client_id)
        return [CoverageState.model_validate(row) for row in rows]

    async def sample(self, client_id: str, code: str, *, limit: int) -> Sample:
        model: ObjectModelVersion = await self._models.get(client_id, code)
        table = await self._tables.ensure(model, client_id=client_id)
        names = tuple(attribute.name for attribute in model.definition.attributes)
        async with self._database.transaction(client_id=client_id, read_only=True) as connection:
            rows = await connection.fetch(sample(table, names), client_id, limit)
        return Sample(
            object_model=code, columns=names, rows=tuple(tuple(cell(row[name]) for name in names) for row in rows)
        )
