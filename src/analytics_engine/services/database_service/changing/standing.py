"""A table and what is wanted of it, read at one moment: what plans are made of and changes begin with."""

from __future__ import annotations

from dataclasses import dataclass

from analytics_engine.contracts.metadata import MetadataApi
from analytics_engine.errors import InvalidInput, NotFound, ObjectModelNotFound
from analytics_engine.kernel.ports.database import Connection
from analytics_engine.kpi.model.catalog import ObjectModelVersion
from analytics_engine.kpi.model.object_model import ObjectModel
from analytics_engine.services.database_service.tables import repository, table_changes
from analytics_engine.services.database_service.tables.fact_table import FactTable
from analytics_engine.services.database_service.tables.table_changes import TableChange

_GLOBAL = ""


@dataclass(frozen=True)
class Wanted:
    """What an object model is to be.

    Args:
        model: the present version.
        definition: the version that is wanted: the present one, or one that is not saved yet.
        whose: the client whose definition it is; empty where it is that of all clients.
    """

    model: ObjectModelVersion
    definition: ObjectModel
    whose: str

    @property
    def is_present(self) -> bool:
        return self.definition == self.model.definition


async def wanted(metadata: MetadataApi, client_id: str, code: str, definition: ObjectModel | None = None) -> Wanted:
    """Return what is wanted of an object model.

    Raises:
        ObjectModelNotFound: there is none of this code.
        InvalidInput: the given version is of another object model.
    """
    if definition is not None and definition.code != code:
        raise InvalidInput(
            f"The definition is of {definition.code}, and the address names {code}.",
            remedy="Send it to the address of its own code.",
            place="definition.code",
        )
    model = await metadata.object_model(client_id, code)
    try:
        of_all = (await metadata.object_model(_GLOBAL, code)).definition
    except ObjectModelNotFound:
        of_all = None
    whose = _GLOBAL if of_all == model.definition else client_id
    return Wanted(model, definition or model.definition, whose)


async def table_and_changes(connection: Connection, code: str) -> tuple[FactTable, list[TableChange]]:
    """Return a table as it is, and all its changes, oldest first.

    Raises:
        NotFound: none was made yet.
    """
    table = await repository.find(connection, code)
    if table is None:
        raise NotFound(
            f"There is no table for {code!r}.",
            remedy=f"It is made at the first load, or by PUT /object-models/{code}/table.",
            object_model=code,
        )
    return table, await table_changes.of_table(connection, code)
