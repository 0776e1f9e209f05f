"""Backups, wired: of the server in the settings, else of the system that ``up`` runs from AE_HOME."""

from __future__ import annotations

import asyncio
import shutil
import signal
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

from analytics_engine.adapters.postgres.backup_source import BackupSource
from analytics_engine.backups import configuration
from analytics_engine.backups.configuration import ConfigurationBackup
from analytics_engine.backups.drill import Drill
from analytics_engine.backups.dumps import DumpRestore
from analytics_engine.backups.files import FilesRestore, need_empty
from analytics_engine.backups.key import BackupKey
from analytics_engine.backups.making import BackupMaker
from analytics_engine.backups.manifest import Kind
from analytics_engine.backups.repository import Repository
from analytics_engine.backups.retention import Retention
from analytics_engine.backups.schedule import Schedule
from analytics_engine.backups.serving import BackupServer
from analytics_engine.backups.tools import Tools
from analytics_engine.backups.wal import WalArchiver
from analytics_engine.bootstrap.blobs import blob_store_at
from analytics_engine.bootstrap.migrations import BACKUP_LOGIN
from analytics_engine.bootstrap.one_machine import home_of
from analytics_engine.bootstrap.settings import Settings
from analytics_engine.embedded.home import Home
from analytics_engine.embedded.instance import only_one
from analytics_engine.embedded.ports import LOOPBACK
from analytics_engine.embedded.postgres import DATABASE, with_login
from analytics_engine.embedded.programs import postgres_programs
from analytics_engine.errors import InvalidInput, InvalidSetting
from analytics_engine.kernel.logging import configure_logging

_ENV_FILE = Path(".env")


class Backups:
    """All parts of backups for one set of settings; each is made when it is first asked for."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def home(self) -> Home:
        return home_of(self.settings)

    @property
    def work(self) -> Path:
        return self.settings.ae_backup_work_dir or self.settings.ae_home / "backup-work"

    @property
    def key_file(self) -> Path:
        return self.settings.ae_backup_key_file or self.settings.ae_home / "secrets" / "backup.key"

    @property
    def url(self) -> str:
        return self.settings.ae_backup_url or (self.settings.ae_home / "backups").as_uri()

    @property
    def embedded_data(self) -> Path:
        """Where the files of the server are that ``up`` runs."""
        return self.home.server("postgres") / "data"

    @cached_property
    def source(self) -> BackupSource:
        return BackupSource(self._source_url())

    @cached_property
    def tools(self) -> Tools:
        return Tools(self.settings.ae_backup_programs_dir or postgres_programs(self.home), self.home)

    def repository(self, *, make_key: bool = False) -> Repository:
        """Return the repository; only what makes backups makes a key."""
        azure = self.settings.azure_storage_connection_string
        store = blob_store_at(
            self.url,
            azure_connection_string=azure.get_secret_value() if azure else "",
            s3=self.settings.s3_account(),
            setting="AE_BACKUP_URL",
        )
        key = BackupKey.read_or_make(self.key_file) if make_key else BackupKey.read(self.key_file)
        return Repository(store, key, work=self.work)

    def maker(self) -> BackupMaker:
        return BackupMaker(
            self.source, self.repository(make_key=True), self.tools, work=self.work, product=version("analytics-engine")
        )

    def configuration(self) -> ConfigurationBackup:
        secrets = self.settings.ae_home / "secrets"
        roles = self.settings.ae_role_secrets_dir
        parts = {"secrets": secrets, **({"roles": roles} if roles else {}), "env": _ENV_FILE.absolute()}
        return ConfigurationBackup(
            self.repository(make_key=True),
            parts,
            without=self.key_file,
            work=self.work,
            product=version("analytics-engine"),
        )

    def archiver(self) -> WalArchiver:
        return WalArchiver(self.source, self.repository(make_key=True), self.tools, work=self.work)

    def files_restore(self) -> FilesRestore:
        return FilesRestore(self.repository(), self.tools, work=self.work)

    def dump_restore(self) -> DumpRestore:
        return DumpRestore(self.repository(), self.tools, work=self.work)

    def drill(self) -> Drill:
        return Drill(self.repository(), self.tools, room=self.home.server("drills"), work=self.work)

    def retention(self) -> Retention:
        settings = self.settings
        kept: Mapping[Kind, int] = {
            Kind.DAILY: settings.ae_backup_keep_daily,
            Kind.WEEKLY: settings.ae_backup_keep_weekly,
            Kind.MONTHLY: settings.ae_backup_keep_monthly,
            Kind.CONFIGURATION: 30,
        }
        return Retention(self.repository(), kept)

    def schedule(self) -> Schedule:
        settings = self.settings
        times = {
            Kind.DAILY: settings.ae_backup_daily,
            Kind.WEEKLY: settings.ae_backup_weekly,
            Kind.MONTHLY: settings.ae_backup_monthly,
        }
        return Schedule(times, drill=settings.ae_backup_drill)

    def server(self) -> BackupServer:
        settings = self.settings
        return BackupServer(
            maker=self.maker(),
            configuration=self.configuration(),
            archiver=self.archiver() if settings.ae_backup_wal_s else None,
            drill=self.drill(),
            retention=self.retention(),
            repository=self.repository(),
            schedule=self.schedule(),
            wal_every_s=settings.ae_backup_wal_s,
            host=settings.ae_bind_host,
            port=settings.ae_backup_port and settings.ae_backup_port + settings.ae_port_offset,
        )

    def _source_url(self) -> str:
        settings = self.settings
        if settings.ae_backup_database_url:
            return settings.ae_backup_database_url.get_secret_value()
        if settings.database_url:
            return settings.database_url.get_secret_value()
        port_file = settings.ae_home / "run" / "postgres.port"
        roles = settings.ae_role_secrets_dir or settings.ae_home / "secrets" / "roles"
        password = roles / f"{BACKUP_LOGIN.removeprefix('ae_')}.password"
        if not port_file.is_file() or not password.is_file():
            raise InvalidSetting(
                f"There is no database to back up: neither AE_BACKUP_DATABASE_URL nor DATABASE_URL is set, and "
                f"nothing was started from {settings.ae_home}.",
                remedy="Set AE_BACKUP_DATABASE_URL to the login ae_backup, or start the system: `analytics-engine up`.",
                setting="AE_BACKUP_DATABASE_URL",
            )
        url = f"postgresql://{LOOPBACK}:{port_file.read_text(encoding='utf-8').strip()}/{DATABASE}"
        return with_login(url, user=BACKUP_LOGIN, password=password.read_text(encoding="utf-8").strip())


@dataclass(frozen=True, kw_only=True)
class FilesRequest:
    """A restore of a server's files that somebody asks for.

    Args:
        target: None for the server that ``up`` runs.
        replace: put what is in the place of that server's files aside.
        recover: replay the changes here.
    """

    backup: str
    until: datetime | None
    target: Path | None
    timeline: int | None
    as_made: bool
    replace: bool
    recover: bool


async def restore_files(backups: Backups, request: FilesRequest, *, yes: bool) -> dict[str, Any]:
    """Restore a server's files, or say what would be restored.

    Raises:
        AlreadyRunning: it is the system of AE_HOME, and that runs.
        InvalidInput: ``replace`` is asked for another folder.
    """
    if request.target is not None:
        if request.replace:
            raise InvalidInput(
                "--replace is for the system of AE_HOME only.", remedy="Name an empty folder with --target."
            )
        return await _restore_files(backups, request, request.target.absolute(), yes=yes)
    present = backups.embedded_data
    with only_one(backups.home):
        if not request.replace or not present.exists():
            return await _restore_files(backups, request, present, yes=yes)
        beside = present.with_name("data.restored")
        if yes:
            shutil.rmtree(beside, ignore_errors=True)  # of a restore that was killed before it took its place
        told = await _restore_files(backups, request, beside, yes=yes)
        if yes:
            aside = present.with_name(f"data.before-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
            present.rename(aside)
            beside.rename(present)
            told |= {"target": str(present), "former_data": str(aside)}
        return told


async def restore_dump(backups: Backups, backup: str, *, yes: bool) -> dict[str, Any]:
    """Restore a dump into the database at DATABASE_URL, or say what would be restored."""
    restore, target = backups.dump_restore(), BackupSource(backups.settings.need_database_url())
    manifest = await restore.plan(backup, target)
    told = {"backup": backup, "of": manifest.finished_at.isoformat(), "revision": manifest.schema_revision}
    tables = (await restore.carry_out(manifest, target)).tables if yes else manifest.tables
    return {**told, "tables": len(tables), "rows": sum(tables.values())}


async def restore_configuration(backups: Backups, backup: str, target: Path, *, yes: bool) -> dict[str, Any]:
    """Unpack a backup of configuration, or say what would be unpacked."""
    repository = backups.repository()
    if yes:
        manifest = await configuration.restore_configuration(repository, backup, target)
    else:
        need_empty(target)
        manifest = await repository.manifest(backup)
    return {"backup": backup, "of": manifest.finished_at.isoformat(), "target": str(target)}


def run_backup_server(backups: Backups) -> None:
    """Serve backups until SIGTERM or SIGINT."""
    configure_logging(service="backup", level=backups.settings.log_level)

    async def serve() -> None:
        serving = asyncio.ensure_future(backups.server().run())
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, serving.cancel)
        with suppress(asyncio.CancelledError):
            await serving

    asyncio.run(serve())


async def _restore_files(backups: Backups, request: FilesRequest, target: Path, *, yes: bool) -> dict[str, Any]:
    restore = backups.files_restore()
    plan = await restore.plan(
        target, backup=request.backup, until=request.until, timeline=request.timeline, replay=not request.as_made
    )
    reaches = plan.chain.reaches if plan.chain else plan.manifest.finished_at
    told = {
        "backup": plan.manifest.id,
        "of": plan.manifest.finished_at.isoformat(),
        "reaches": (plan.until or reaches).isoformat(),
        "files_of_changes": len(plan.chain.files) if plan.chain else 0,
        "target": str(target),
    }
    if not yes:
        return told
    done = await restore.carry_out(plan, recover=request.recover)
    return told | {"last_transaction_at": done.last_transaction_at and done.last_transaction_at.isoformat()}
