"""What a set of definitions changes: decided from what is there, before anything is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from analytics_engine.contracts.metadata import Change
from analytics_engine.errors import Conflict, InvalidDefinition
from analytics_engine.kpi.model.catalog import Catalog
from analytics_engine.services.business_metadata.bundle import Entry
from analytics_engine.services.business_metadata.changes import difference
from analytics_engine.services.business_metadata.checks import Problem
from analytics_engine.services.business_metadata.definitions import (
    TRAITS,
    AnyDefinition,
    Key,
    Stored,
    body_of,
    content_hash,
    kind_of,
)
from analytics_engine.services.business_metadata.snapshot import catalog_of

_TO_BE = "to be"


@dataclass(frozen=True)
class Editor:
    """Who edits, and whose definitions: a client's, or the global ones (empty)."""

    author: str
    scope: str


@dataclass(frozen=True)
class Edit:
    """A definition as it will be stored, and how it differs from what the editor's client sees now."""

    stored: Stored
    change: tuple[Change, ...]
    is_new: bool


@dataclass(frozen=True)
class Edits:
    """What a set of definitions changes."""

    made: tuple[Edit, ...]
    unchanged: tuple[Stored, ...]
    catalog_version: str = ""

    def stored(self, key: Key) -> Stored:
        return next(stored for stored in (*(edit.stored for edit in self.made), *self.unchanged) if stored.key == key)


@dataclass(frozen=True)
class Expectation:
    """What an editor believes to be there: nothing (``create``), or a version."""

    create: bool = False
    version: int | None = None


def expect(present: dict[Key, Stored], definition: AnyDefinition, expected: Expectation) -> None:
    """Return when what is there is what the editor believes.

    Raises:
        Conflict: it is not; the version that is there is named.
    """
    key = kind_of(definition), definition.code
    traits = TRAITS[key[0]]
    stored = present.get(key)
    if expected.create and stored is not None:
        raise Conflict(
            f"The {traits.noun} {definition.code} is there already, at version {stored.version}.",
            remedy=f"Change it with PUT {traits.path}/{definition.code}, or take another code.",
            present_version=stored.version,
        )
    if expected.version is not None and (stored is None or stored.version != expected.version):
        now = f"is at version {stored.version}" if stored else "does not exist"
        raise Conflict(
            f"The {traits.noun} {definition.code} {now}; your change was made to version {expected.version}.",
            remedy="Read it again, redo your change on what you find, and send its ETag in If-Match.",
            present_version=stored.version if stored else None,
        )


def edits_of(present: dict[Key, Stored], editor: Editor, definitions: Sequence[AnyDefinition], now: datetime) -> Edits:
    made: list[Edit] = []
    unchanged: list[Stored] = []
    for definition in definitions:
        before = present.get((kind_of(definition), definition.code))
        if before is not None and before.definition == definition:
            unchanged.append(before)
            continue
        # A client's own version goes on from the global one's number: for a client, a number names one content.
        version = before.version + 1 if before else 1
        change = difference(body_of(before.definition), body_of(definition)) if before else ()
        stored = Stored(editor.scope, version, editor.author, now, definition)
        made.append(Edit(stored, change, is_new=before is None))
    return Edits(tuple(made), tuple(unchanged))


def catalog_to_be(present: dict[Key, Stored], edits: Edits) -> Catalog:
    return catalog_of(_TO_BE, (present | {edit.stored.key: edit.stored for edit in edits.made}).values())


def follows(entry: Entry, last_hash: str | None, present: dict[Key, Stored]) -> bool:
    """Return whether a shipped definition is new, or replaces what was shipped before and nobody has edited."""
    if last_hash == content_hash(entry.definition):
        return False
    stored = present.get(entry.key)
    return stored is None or last_hash == content_hash(stored.definition)


def refuse_problems(problems: Sequence[Problem], definition: AnyDefinition) -> None:
    """Return when there are none.

    Raises:
        AnalyticsEngineError: what is wrong with the definition itself.
        InvalidDefinition: it would break others; ``broken`` lists them.
    """
    own = kind_of(definition), definition.code
    for key, error in problems:
        if key == own:
            raise error
    if problems:
        (kind, code), error = problems[0]
        raise InvalidDefinition(
            f"The change would break the {TRAITS[kind].noun} {code}: {error.detail}",
            remedy="Keep what it reads, or change it first; broken lists all that would break.",
            broken=[{"kind": key[0].value, "code": key[1], "reason": error.detail} for key, error in problems],
        )
