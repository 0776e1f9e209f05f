"""From whatever the database holds to the present schema, with the logins of the services."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from importlib import resources
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
from analytics_engine.adapters.postgres.schema_owner import schema_owner
from analytics_engine.contracts.services import Service
from analytics_engine.embedded.secrets import secret
from analytics_engine.errors import InvalidSetting

_ATTEMPTS = 20
_RETRY_S = 0.1


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


def migrate(database_url: str, *, role_secrets_dir: Path | None, patience_s: float = 60.0) -> MigrationReport:
    """Bring a database to the present schema, one migration at a time on it: a second one waits, and finds it done.

    Args:
        database_url: the owner's URL.
        role_secrets_dir: where each service's password is, made where it is missing; None leaves passwords alone.
        patience_s: how long to wait for a server that does not answer yet.

    Raises:
        DependencyUnavailable: the server cannot be reached, or refuses the owner.
        InvalidSetting: a password cannot be read or written.
    """
    return asyncio.run(_migrate(database_url, role_secrets_dir=role_secrets_dir, patience_s=patience_s))


def migrations_folder() -> Path:
    """Return where the migrations are: inside the installed package, or in the checkout it runs from."""
    package = Path(str(resources.files("analytics_engine")))
    installed = package / "_data" / "migrations"
    return installed if installed.is_dir() else package.parents[1] / "migrations"


async def _migrate(database_url: str, *, role_secrets_dir: Path | None, patience_s: float) -> MigrationReport:
    async with schema_owner(database_url, patience_s=patience_s) as connection:
        passwords = {} if role_secrets_dir is None else _passwords(role_secrets_dir)
        before, applied = await connection.run_sync(_upgrade)
        for role, password in passwords.items():
            await _set_password(connection, role, password)
    return MigrationReport(
        before=before, after=applied[-1] if applied else before, applied=applied, logins=tuple(passwords)
    )


def _upgrade(connection: Connection) -> tuple[str, tuple[str, ...]]:
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    config.attributes["connection"] = connection
    before = MigrationContext.configure(connection).get_current_revision() or ""
    pending = ScriptDirectory.from_config(config).iterate_revisions("head", before or "base")
    applied = tuple(revision.revision for revision in pending)[::-1]
    connection.commit()
    command.upgrade(config, "head")
    connection.commit()
    return before, applied


def _passwords(folder: Path) -> dict[str, str]:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidSetting(
            f"AE_ROLE_SECRETS_DIR: the folder {folder} cannot be made: {error.strerror}.",
            remedy="Set AE_ROLE_SECRETS_DIR to a folder that you may write to.",
            setting="AE_ROLE_SECRETS_DIR",
        ) from error
    return {f"ae_{service.value}": secret(folder / f"{service.value}.password") for service in Service}


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
