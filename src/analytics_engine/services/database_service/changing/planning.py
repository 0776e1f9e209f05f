"""Plans: what is to be done to a table, whom that keeps waiting, what it would break, and how it is undone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from analytics_engine.contracts.metadata import MetadataApi
from analytics_engine.errors import AnalyticsEngineError
from analytics_engine.kernel.ports.database import Connection, Database
from analytics_engine.kernel.queries import load_queries
from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.model.catalog import Catalog
from analytics_engine.services.database_service.changing.schemas import (
    PlannedStep,
    PlanRequest,
    StepKind,
    TablePlan,
    Unconverted,
)
from analytics_engine.services.database_service.changing.standing import Wanted, table_and_changes, wanted
from analytics_engine.services.database_service.tables import repository, retyping
from analytics_engine.services.database_service.tables.changes import Extension, Retyped, extension
from analytics_engine.services.database_service.tables.conversions import conversion, why_not
from analytics_engine.services.database_service.tables.ddl import fact_name
from analytics_engine.services.database_service.tables.fact_table import FactTable
from analytics_engine.services.database_service.tables.readers import ColumnReaders
from analytics_engine.services.database_service.tables.roles import become_ingest
from analytics_engine.services.database_service.tables.table_changes import former_names

_SQL = load_queries(__package__)

_SCAN_S = 600.0
_MOMENT = (
    "everybody, for a moment (milliseconds), once nobody else is in the table; it waits 2 s at a time and tries again"
)
_FILLING = (
    "everybody, for two moments: when the new column is made, and when it takes the name; nobody while it is filled, "
    "but rows that are being filled are locked until the step of a few thousand rows is done"
)
_COMPARING = f"{_FILLING}; writers once more before it takes the name, while all values are looked at"


class Planning:
    """Looks, and changes nothing."""

    def __init__(self, *, database: Database, metadata: MetadataApi, readers: ColumnReaders) -> None:
        self._database = database
        self._metadata = metadata
        self._readers = readers

    async def plan(self, client_id: str, code: str, request: PlanRequest) -> TablePlan:
        """Return the steps from an object model's table as it is to the version that is wanted.

        Raises:
            ObjectModelNotFound, NotFound: there is no such object model, or it has no table.
            InvalidInput: the given version is of another object model.
            Conflict: no steps lead there: it has another key, or a name that means something else.
        """
        goal = await wanted(self._metadata, client_id, code, request.definition)
        catalog = await self._metadata.catalog(client_id)
        assert catalog is not None
        async with self._database.transaction(client_id=client_id, read_only=True, timeout_s=_SCAN_S) as connection:
            table, changes = await table_and_changes(connection, code)
            state = await repository.state(connection, code, client_id=client_id)
            assert state is not None
            needed = extension(table, goal.definition, former_names(changes))
            await become_ingest(connection)
            looking = _Looking(connection, table, goal, catalog, self._readers, state["estimated_rows"], client_id)
            steps = [step async for step in looking.steps(needed, request.drop)]
        version = goal.model.version if goal.is_present else None
        return TablePlan(object_model=code, model_version=version, steps=tuple(steps))


@dataclass(frozen=True)
class _Looking:
    """One look at a table, as the ingest role."""

    connection: Connection
    table: FactTable
    goal: Wanted
    catalog: Catalog
    readers: ColumnReaders
    rows: int
    client_id: str

    async def steps(self, needed: Extension, drop: tuple[str, ...]) -> AsyncIterator[PlannedStep]:
        for retyped in needed.retyped:
            yield await self._retype(retyped)
        for old, new in needed.renames:
            yield await self._of_column(
                old,
                PlannedStep(
                    kind=StepKind.RENAME, columns=(old, new), estimated_rows=self.rows, automatic=True, locks=_MOMENT,
                    undo="put the old name back into the definition, and undo the change",
                ),
            )  # fmt: skip
        for name in needed.added:
            yield PlannedStep(
                kind=StepKind.ADD, columns=(name,), to_type=needed.table.columns[name].type, estimated_rows=self.rows,
                automatic=True, locks=_MOMENT, undo="take the attribute out of the definition, and drop the column",
                warnings=("rows that are there have nothing in it",) if self.rows else (),
            )  # fmt: skip
        for name in needed.made_optional:
            yield PlannedStep(
                kind=StepKind.MAKE_OPTIONAL, columns=(name,), estimated_rows=0, automatic=True, locks=_MOMENT,
                undo="rows may have nothing in it from then on; loads refuse such rows where the definition says so",
            )  # fmt: skip
        for attribute in self.goal.definition.attributes:
            present = self.table.columns.get(attribute.name)
            if present is not None and not present.required and not attribute.nullable:
                yield await self._require(attribute.name)
        for name in drop:
            yield await self._drop(name)

    async def _retype(self, retyped: Retyped) -> PlannedStep:
        how = conversion(retyped.present, retyped.wanted)
        step = PlannedStep(
            kind=StepKind.RETYPE, columns=(retyped.column,), from_type=retyped.present, to_type=retyped.wanted,
            estimated_rows=self.rows, automatic=False, locks=_FILLING if how is None or how.lossless else _COMPARING,
            undo="undo the change, until it is confirmed: the column before is kept, and kept in step",
        )  # fmt: skip
        if how is None:
            refused = f"{why_not(retyped.present, retyped.wanted)}: give the attribute a new name."
            return step.model_copy(update={"refused": refused})
        if not how.lossless:
            step = step.model_copy(update=await self._conversion(retyped))
        return await self._of_column(retyped.column, step)

    async def _conversion(self, retyped: Retyped) -> dict[str, object]:
        how = conversion(retyped.present, retyped.wanted)
        assert how is not None
        row = await self.connection.fetch_one(retyping.lost(self.table, retyped.column, how), self.client_id)
        assert row is not None
        if not row["count"]:
            return {"needs_confirmation": True, "warnings": ("every value there is converts; later ones may not",)}
        return {
            "needs_confirmation": True,
            "unconverted": Unconverted(values=row["count"], examples=tuple(row["examples"])),
            "refused": f"{row['count']} values are no {retyped.wanted.value} exactly: correct them first.",
        }

    async def _require(self, name: str) -> PlannedStep:
        missing = await self.connection.fetch_value(retyping.missing(self.table, name))
        return PlannedStep(
            kind=StepKind.MAKE_REQUIRED, columns=(name,), estimated_rows=missing, automatic=True, locks="nobody",
            undo="make the attribute nullable again",
            warnings=(
                "loads refuse rows that have nothing in it; the table itself does not",
                *((f"{missing} rows have nothing in it, and stay so",) if missing else ()),
            ),
        )  # fmt: skip

    async def _drop(self, name: str) -> PlannedStep:
        present = self.table.columns.get(name)
        step = PlannedStep(
            kind=StepKind.DROP, columns=(name,), from_type=present.type if present else None, estimated_rows=self.rows,
            automatic=False, locks=_MOMENT, refused=not_to_drop(self.table, self.goal, name),
            undo="undo the change, until it is confirmed or its time is over: the column is out of sight",
        )  # fmt: skip
        return await self._of_column(name, step)

    async def _of_column(self, column: str, step: PlannedStep) -> PlannedStep:
        """Return the step with those who read the column."""
        rows = await self.connection.fetch(_SQL["views_of_column"], fact_name(self.table.code), column)
        return step.model_copy(
            update={
                **await self._refused_as_archived(step),
                "rollups": tuple(await self.readers.names(self.connection, self.table.code, [column])),
                "kpis": tuple(self._kpis(column)),
                "views": tuple(row["name"] for row in rows),
            }
        )

    async def _refused_as_archived(self, step: PlannedStep) -> dict[str, str]:
        """Return that a step is refused, where archived rows would keep the name or the type of the column."""
        start = await repository.rows_from(self.connection, self.table.code)
        if start is None or step.refused or step.kind not in {StepKind.RENAME, StepKind.RETYPE}:
            return {}
        return {"refused": f"rows before {start:%Y-%m-%d} are archived as they are: give the attribute a new name."}

    def _kpis(self, column: str) -> list[str]:
        checker = KpiChecker(self.catalog)
        found = []
        for version in self.catalog.kpis:
            try:
                checked = checker.kpi(version.definition.code)
            except AnalyticsEngineError:
                continue  # it cannot be computed as it is, whatever becomes of the column
            if f"{self.table.code}.{column}" in checked.attributes:
                found.append(version.definition.code)
        return found


def not_to_drop(table: FactTable, goal: Wanted, name: str) -> str:
    """Return why a column cannot be dropped; empty where it can."""
    if name not in table.columns:
        return f"{table.code} has no column {name}."
    if name in {*table.key, table.time_attribute}:
        return f"{name} tells rows apart, or puts them into their place in time."
    if any(name in {attribute.name, attribute.renamed_from} for attribute in goal.definition.attributes):
        return f"{name} is an attribute of the definition: take it out first."
    return ""
