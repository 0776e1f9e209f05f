"""Dumps, brought back into an empty database: all of it in one transaction, or nothing."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlglot import exp

from analytics_engine.adapters.postgres.backup_source import BackupSource, ServerFacts
from analytics_engine.backups.making import DUMP, ROLES
from analytics_engine.backups.manifest import LOGICAL, Manifest
from analytics_engine.backups.repository import Repository
from analytics_engine.backups.tools import Tools, need_room, without_password
from analytics_engine.errors import InvalidInput, RestoreFailed, TargetNotEmpty, WrongVersion

_TIMESCALEDB = "timescaledb"


@dataclass(frozen=True, kw_only=True)
class RestoredDump:
    """What a restore brought back: how many rows of each table, as many as were dumped."""

    backup: str
    tables: Mapping[str, int]


class DumpRestore:
    """Restores daily and monthly backups.

    Args:
        work: a folder with room for the dump.
    """

    def __init__(self, repository: Repository, tools: Tools, *, work: Path) -> None:
        self._repository = repository
        self._tools = tools
        self._work = work

    async def plan(self, backup: str, target: BackupSource) -> Manifest:
        """Return the backup after looking at it and at the database it would go into.

        Raises:
            BackupNotFound, BackupDamaged, WrongBackupKey: there is none, or none that can be restored.
            WrongVersion: the server is older than the one that was dumped, or has another TimescaleDB.
            TargetNotEmpty: something is in the database.
        """
        manifest = await self._repository.manifest(backup)
        if manifest.kind not in LOGICAL:
            raise InvalidInput(f"{backup} is no dump of a database.", remedy="Name a daily or a monthly backup.")
        facts = await target.facts()
        self._need_version(manifest, facts)
        if not await target.is_empty():
            raise TargetNotEmpty(
                f"The database {facts.database} is not empty: a restore into it would mix two histories.",
                remedy="Make an empty one (createdb) and name it, or drop what is there first.",
            )
        need_room(self._work, manifest.size_bytes + manifest.stored_bytes, what="The dump on its way")
        return manifest

    async def carry_out(self, manifest: Manifest, target: BackupSource) -> RestoredDump:
        """Restore a backup that ``plan`` looked at.

        Raises:
            BackupDamaged: it is not what was written; nothing was done to the database.
            RestoreFailed: it could not be restored; the database is empty again, or holds what the detail says.
        """
        folder = self._work / f"fetched-{uuid4().hex}"
        folder.mkdir(mode=0o700, parents=True)
        try:
            for file in manifest.files:
                await self._repository.read(file.name, folder / Path(file.name).name, expected=file)
            strangers = await _make_roles(target, json.loads((folder / ROLES).read_text(encoding="utf-8")))
            await self._restore(manifest, target, folder / DUMP)
            await _hand_over(target, strangers)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        counts = await target.counts()
        if wrong := {
            name: (count, counts.get(name)) for name, count in manifest.tables.items() if counts.get(name) != count
        }:
            raise RestoreFailed(
                f"Tables have other numbers of rows than were dumped (dumped, restored): {wrong}.",
                remedy="Keep nothing of this database; restore another backup.",
            )
        return RestoredDump(backup=manifest.id, tables=counts)

    async def _restore(self, manifest: Manifest, target: BackupSource, dump: Path) -> None:
        version = manifest.extensions.get(_TIMESCALEDB)
        if version:
            wanted = exp.Literal.string(version).sql("postgres")
            await target.execute(f"CREATE EXTENSION IF NOT EXISTS timescaledb VERSION {wanted}")
            await target.execute("SELECT timescaledb_pre_restore()")
        try:
            await self._tools.run(
                *("pg_restore", "--single-transaction", "--exit-on-error", "--no-password"),
                *("--dbname", without_password(target.url), str(dump)),
                url=target.url,
            )
        finally:
            if version:
                await target.execute("SELECT timescaledb_post_restore()")
        await target.execute("ANALYZE")

    def _need_version(self, manifest: Manifest, facts: ServerFacts) -> None:
        if facts.major < manifest.server_major:
            raise WrongVersion(
                f"The dump is of PostgreSQL {manifest.server_major}; the server is {facts.major}, which is older.",
                remedy="Restore into a server of the same version or a newer one.",
            )
        if (ours := self._tools.major()) < manifest.server_major:
            raise WrongVersion(
                f"The dump is of PostgreSQL {manifest.server_major}; the programs here are of {ours}.",
                remedy="Name newer programs in AE_BACKUP_PROGRAMS_DIR.",
            )
        wanted = manifest.extensions.get(_TIMESCALEDB)
        if wanted and _TIMESCALEDB not in facts.preloaded:
            raise WrongVersion(
                f"The dump has TimescaleDB {wanted}; the server does not load it.",
                remedy="Restore into a server with TimescaleDB (shared_preload_libraries).",
            )


async def _make_roles(target: BackupSource, document: Mapping[str, Any]) -> Sequence[str]:
    """Make the roles that are not there, without passwords: ``migrate`` gives them theirs.

    Returns:
        The superusers among them: they are made as roles without any right.
    """
    found, members = await target.roles()
    there = {role["name"] for role in found}
    missing = [role for role in document["roles"] if role["name"] not in there]
    for role in missing:
        login = "LOGIN" if role["login"] and not role["super"] else "NOLOGIN"
        inherit = "INHERIT" if role["inherit"] else "NOINHERIT"
        await target.execute(f"CREATE ROLE {_quoted(role['name'])} {login} {inherit}")
    known = {(one["granted"], one["member"]) for one in members}
    for one in document["members"]:
        if (one["granted"], one["member"]) not in known:
            await target.execute(f"GRANT {_quoted(one['granted'])} TO {_quoted(one['member'])}")
    return [role["name"] for role in missing if role["super"]]


async def _hand_over(target: BackupSource, strangers: Sequence[str]) -> None:
    """Give what belongs to superusers that this server does not have to whoever restores."""
    for name in strangers:
        role = _quoted(name)
        await target.execute(f"REASSIGN OWNED BY {role} TO CURRENT_USER", f"DROP OWNED BY {role}", f"DROP ROLE {role}")


def _quoted(name: str) -> str:
    return exp.to_identifier(name, quoted=True).sql("postgres")
