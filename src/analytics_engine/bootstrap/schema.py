"""The schema this release was written for, and how far a database is from it."""

from __future__ import annotations

import ast
import asyncio
import re
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from analytics_engine.adapters.postgres.schema_revision import schema_revision
from analytics_engine.errors import DependencyUnavailable

_FILE = re.compile(r"^(?P<revision>\d{4})_\w+\.py$")
_LOOK_AGAIN_S = 0.5


@dataclass(frozen=True)
class Migration:
    """One step of the schema, and what it is for in one line."""

    revision: str
    title: str


@dataclass(frozen=True)
class SchemaState:
    """How far a database is.

    Args:
        found: the last migration that was applied; empty where there was none, or this login cannot see which.
        wanted: the last one of this release.
        pending: what is to be applied, oldest first; nothing where a newer release has been.
        empty: whether none was applied.
    """

    found: str
    wanted: str
    pending: tuple[Migration, ...]
    empty: bool


def migrations_folder() -> Path:
    """Return where the migrations are: inside the installed package, or in the checkout it runs from."""
    package = Path(str(resources.files("analytics_engine")))
    installed = package / "_data" / "migrations"
    return installed if installed.is_dir() else package.parents[1] / "migrations"


def migration_files() -> dict[str, Path]:
    """Return the files of the migrations by revision, oldest first.

    Revisions are numbers of four digits, so that they are in order as text, too.
    """
    paths = sorted((migrations_folder() / "versions").iterdir())
    return {match["revision"]: path for path in paths if (match := _FILE.match(path.name))}


def newest_revision() -> str:
    return max(migration_files())


def awaited_state(database_url: str, *, patience_s: float) -> SchemaState:
    """Return how far a database is, once nothing is pending or ``patience_s`` is over; nothing is changed.

    A service's login will do. On a new server that is there only once it is migrated, so being refused is waited for,
    too.

    Raises:
        DependencyUnavailable: the server cannot be reached in this time, or refuses the login.
    """
    return asyncio.run(_awaited(database_url, patience_s))


async def _awaited(database_url: str, patience_s: float) -> SchemaState:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience_s
    while True:
        try:
            state = _compared(await schema_revision(database_url))
        except DependencyUnavailable:
            if loop.time() >= deadline:
                raise
        else:
            if not state.pending or loop.time() >= deadline:
                return state
        await asyncio.sleep(_LOOK_AGAIN_S)


def _compared(found: str | None) -> SchemaState:
    files = migration_files()
    pending = tuple(Migration(revision, _title(path)) for revision, path in files.items() if revision > (found or ""))
    return SchemaState(found=found or "", wanted=max(files), pending=pending, empty=found == "")


def _title(path: Path) -> str:
    described = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or path.stem
    return described.splitlines()[0]
