from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

from analytics_engine.contracts.events import CatalogChanged, EventType
from analytics_engine.contracts.services import Service
from analytics_engine.errors import NotFound
from analytics_engine.kernel.clock import Clock
from analytics_engine.kernel.http.request_id import current_request_id
from analytics_engine.kernel.ports.database import Connection, Database
from analytics_engine.kernel.ports.events import Event
from analytics_engine.kernel.ports.outbox import Outbox
from analytics_engine.kpi.model.kpi import Kpi, KpiStatus
from analytics_engine.services.business_metadata.bundle import Entry, Mistake, rejected
from analytics_engine.services.business_metadata.checks import problems_of
from analytics_engine.services.business_metadata.definitions import (
    GLOBAL,
    TRAITS,
    AnyDefinition,
    Key,
    Kind,
    Stored,
    content_hash,
)
from analytics_engine.services.business_metadata.edits import (
    Editor,
    Edits,
    Expectation,
    catalog_to_be,
    edits_of,
    expect,
    follows,
    refuse_problems,
)
from analytics_engine.services.business_metadata.repository import DefinitionRepository, PastVersion
from analytics_engine.services.business_metadata.snapshot import Snapshot

_MOST_SNAPSHOTS = 64


@dataclass
class DefinitionService:
    """Definitions, read at one version and edited in one transaction with the event that tells of it."""

    database: Database
    outbox: Outbox
    clock: Clock
    repository: DefinitionRepository = field(default_factory=DefinitionRepository)
    _snapshots: OrderedDict[str, Snapshot] = field(default_factory=OrderedDict)

    async def snapshot(self, client_id: str) -> Snapshot:
        """Return all definitions a client sees; kept in memory as long as their version is the present one."""
        async with self.database.transaction(isolation="repeatable_read", read_only=True) as connection:
            state = await self.repository.state(connection, client_id)
            kept = self._snapshots.get(client_id)
            if kept is None or kept.version != state.version:
                definitions = await self.repository.effective(connection, client_id)
                kept = Snapshot(state.version, state.changed_at, tuple(definitions))
        self._snapshots[client_id] = kept
        self._snapshots.move_to_end(client_id)
        while len(self._snapshots) > _MOST_SNAPSHOTS:
            self._snapshots.popitem(last=False)
        return kept

    async def version(self, client_id: str) -> str:
        async with self.database.transaction(read_only=True) as connection:
            return (await self.repository.state(connection, client_id)).version

    async def history(self, client_id: str, key: Key) -> list[PastVersion]:
        """Return every version of a definition that was in force for a client, newest first.

        Raises:
            NotFound: there is no such definition.
        """
        async with self.database.transaction(read_only=True) as connection:
            history = await self.repository.history(connection, client_id, key)
        if not history:
            (await self.snapshot(client_id)).one(*key)
        return history

    async def past_version(self, client_id: str, key: Key, number: int) -> PastVersion:
        history = await self.history(client_id, key)
        for past in history:
            if past.stored.version == number:
                return past
        noun = TRAITS[key[0]].noun
        numbers = ", ".join(str(past.stored.version) for past in history)
        raise NotFound(f"The {noun} {key[1]} has no version {number}.", remedy=f"It has these: {numbers}.")

    async def save(self, editor: Editor, definition: AnyDefinition, expected: Expectation | None = None) -> Edits:
        """Store a definition; the same content again makes no new version.

        Raises:
            Conflict: what is there is not what the editor expected.
            InvalidDefinition: it does not fit the other definitions.
            FormulaError: its formula is wrong, at a line and column.
        """
        async with self.database.transaction() as connection:
            await self.repository.lock(connection, editor.scope)
            present = await self._present(connection, editor)
            expect(present, definition, expected or Expectation())
            edits = edits_of(present, editor, [definition], self.clock.now())
            refuse_problems(
                problems_of(catalog_to_be(present, edits), {edit.stored.key for edit in edits.made}), definition
            )
            return await self._keep(connection, editor, edits)

    async def deprecate(self, editor: Editor, code: str, *, replaced_by: str | None, expected: Expectation) -> Edits:
        """Mark a KPI as no longer to be used; its code stays taken and its history readable."""
        stored = (await self.snapshot(editor.scope)).one(Kind.KPI, code)
        assert isinstance(stored.definition, Kpi)
        changed = stored.definition.model_copy(update={"status": KpiStatus.DEPRECATED, "replaced_by": replaced_by})
        return await self.save(editor, changed, Expectation(version=expected.version or stored.version))

    async def import_entries(self, editor: Editor, entries: Sequence[Entry], *, dry_run: bool = False) -> Edits:
        """Store many definitions at once: all of them, or none.

        Raises:
            InvalidDefinition: some do not fit; ``errors`` lists each with its file, line and column.
        """
        async with self.database.transaction() as connection:
            await self.repository.lock(connection, editor.scope)
            return await self._import(connection, editor, entries, dry_run=dry_run)

    async def import_shipped(self, entries: Sequence[Entry]) -> Edits:
        """Store the shipped definitions that changed since they were last imported, except where a person did."""
        editor = Editor(author="shipped catalog", scope=GLOBAL)
        async with self.database.transaction() as connection:
            await self.repository.lock(connection, GLOBAL)
            last = await self.repository.shipped_hashes(connection)
            present = await self._present(connection, editor)
            wanted = [entry for entry in entries if follows(entry, last.get(entry.key), present)]
            edits = await self._import(connection, editor, wanted, dry_run=False)
            changed = [entry.definition for entry in entries if last.get(entry.key) != content_hash(entry.definition)]
            if changed:
                await self.repository.remember_shipped(connection, changed)
            return edits

    async def _import(
        self, connection: Connection, editor: Editor, entries: Sequence[Entry], *, dry_run: bool
    ) -> Edits:
        present = await self._present(connection, editor)
        edits = edits_of(present, editor, [entry.definition for entry in entries], self.clock.now())
        places = {entry.key: entry.place for entry in entries}
        mistakes = []
        for key, error in problems_of(catalog_to_be(present, edits), {edit.stored.key for edit in edits.made}):
            if key not in places:
                raise error
            reason = f"{TRAITS[key[0]].noun} {key[1]}: {error.detail} {error.remedy}".rstrip()
            mistakes.append(Mistake(places[key], reason))
        if mistakes:
            raise rejected(mistakes)
        if dry_run:
            state = await self.repository.state(connection, editor.scope)
            return Edits(edits.made, edits.unchanged, state.version)
        return await self._keep(connection, editor, edits)

    async def _present(self, connection: Connection, editor: Editor) -> dict[Key, Stored]:
        return {stored.key: stored for stored in await self.repository.effective(connection, editor.scope)}

    async def _keep(self, connection: Connection, editor: Editor, edits: Edits) -> Edits:
        """Write the edits, the catalog's new version and the event, all in the caller's transaction."""
        if edits.made:
            for edit in edits.made:
                await self.repository.add(connection, edit.stored, edit.change)
            version = await self.repository.renew_version(connection, editor.scope)
            await self.outbox.add(
                connection,
                Event(
                    type=EventType.CATALOG_CHANGED.value,
                    source=Service.METADATA.value,
                    time=self.clock.now(),
                    subject=editor.scope,
                    clientid=editor.scope,
                    correlationid=current_request_id(),
                    data=CatalogChanged(version=version).model_dump(mode="json"),
                ),
            )
        state = await self.repository.state(connection, editor.scope)
        return Edits(edits.made, edits.unchanged, state.version)
