"""From whatever the database holds to the present schema, with the logins of the services."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlglot import exp

from analytics_engine.adapters.postgres.passwords import scram_verifier
from analytics_engine.adapters.postgres.patience import patiently
from analytics_engine.adapters.postgres.schema_owner import schema_owner
from analytics_engine.bootstrap.schema import migrations_folder
from analytics_engine.contracts.services import Service
from analytics_engine.embedded.secrets import secret
from analytics_engine.errors import InvalidSetting

_ATTEMPTS = 20
_RETRY_S = 0.1
BACKUP_LOGIN = "ae_backup"
"""The login that makes backups; only a superuser can make it, so not every server has it."""

_HAS_BACKUP_LOGIN = text(f"select exists (select from pg_roles where rolname = '{BACKUP_LOGIN}')")  # noqa: S608 - constant


@dataclass(frozen=True)
class MigrationReport:
    """What a migration did.

    Args:
        before: the revision found, empty where there was none.
        applied: the revisions applied, oldest first.
        logins: the roles whose password was set.
    """

    before: str
    after: str
    applied: tuple[str, ...]
    logins: tuple[str, ...]


def migrate(
    database_url: str,
    *,
    role_secrets_dir: Path | None,
    patience_s: float = 60.0,
    lock_patience_s: float = 300.0,
    folder: Path | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> MigrationReport:
    """Bring a database to the present schema, one migration at a time on it: a second one waits, and finds it done.

    Each migration is a transaction of its own, so that one that is broken off goes on where it was. A database that a
    newer release has migrated is left as it is.

    Args:
        database_url: the owner's URL.
        role_secrets_dir: where each service's password is, made where it is missing; None leaves passwords alone.
        patience_s: how long to wait for a server that does not answer yet.
        lock_patience_s: how long a migration may wait for others' transactions; they wait for it for a second at most.
        folder: other migrations than those of this release.
        tell: is told who is waited for.

    Raises:
        DependencyUnavailable: the server cannot be reached, or refuses the owner.
        InvalidSetting: a password cannot be read or written.
        SchemaLocked: somebody held what has to be changed for too long.
    """

    async def run() -> MigrationReport:
        async with schema_owner(database_url, patience_s=patience_s) as connection:
            passwords = {} if role_secrets_dir is None else _passwords(role_secrets_dir)
            before, applied = await _upgraded(connection)
            if not await connection.scalar(_HAS_BACKUP_LOGIN):
                passwords.pop(BACKUP_LOGIN, None)
            await connection.commit()
            for role, password in passwords.items():
                await _set_password(connection, role, password)
        return MigrationReport(
            before=before, after=applied[-1] if applied else before, applied=applied, logins=tuple(passwords)
        )

    async def _upgraded(connection: AsyncConnection) -> tuple[str, tuple[str, ...]]:
        config = _config(folder or migrations_folder())
        before = await connection.run_sync(_revision)
        pending = _pending(config, before)
        if pending:
            await patiently(
                connection,
                lambda: connection.run_sync(_upgrade, config),
                url=database_url,
                patience_s=lock_patience_s,
                tell=tell,
                progress=lambda: connection.run_sync(_revision),
            )
        return before, pending

    return asyncio.run(run())


def pending_sql(before: str) -> str:
    """Return the statements of the migrations after a revision, as they would be run."""
    text = StringIO()
    config = _config(migrations_folder())
    config.output_buffer = text
    command.upgrade(config, f"{before or 'base'}:head", sql=True)
    return text.getvalue()


def _config(folder: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    return config


def _revision(connection: Connection) -> str:
    revision = MigrationContext.configure(connection).get_current_revision() or ""
    connection.commit()
    return revision


def _pending(config: Config, before: str) -> tuple[str, ...]:
    """Return what is to be applied, oldest first: nothing where a newer release has been."""
    scripts = ScriptDirectory.from_config(config)
    known = [script.revision for script in scripts.walk_revisions()][::-1]
    if before and before not in known and before > known[-1]:
        return ()
    pending = scripts.iterate_revisions("head", before or "base")
    return tuple(script.revision for script in pending)[::-1]


def _upgrade(connection: Connection, config: Config) -> None:
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    connection.commit()


def _passwords(folder: Path) -> dict[str, str]:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidSetting(
            f"AE_ROLE_SECRETS_DIR: the folder {folder} cannot be made: {error.strerror}.",
            remedy="Set AE_ROLE_SECRETS_DIR to a folder that you may write to.",
            setting="AE_ROLE_SECRETS_DIR",
        ) from error
    names = (*(service.value for service in Service), BACKUP_LOGIN.removeprefix("ae_"))
    return {f"ae_{name}": secret(folder / f"{name}.password") for name in names}


async def _set_password(connection: AsyncConnection, role: str, password: str) -> None:
    """Set a role's password; roles belong to all databases of a server, so another migration may be setting it too."""
    name = exp.to_identifier(role, quoted=True).sql("postgres")
    verifier = exp.Literal.string(scram_verifier(password)).sql("postgres").replace(":", r"\:")
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            await connection.execute(text(f"alter role {name} password {verifier}"))
            await connection.commit()
        except DBAPIError as error:
            await connection.rollback()
            if "concurrently updated" not in str(error) or attempt == _ATTEMPTS:
                raise
            await asyncio.sleep(_RETRY_S)
        else:
            return
