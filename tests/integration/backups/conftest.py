from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from analytics_engine.adapters.postgres.backup_source import BackupSource
from analytics_engine.backups.key import BackupKey
from analytics_engine.backups.tools import Tools
from analytics_engine.backups.wal import WalArchiver
from analytics_engine.embedded.account import server_account
from analytics_engine.embedded.home import Home
from analytics_engine.embedded.postgres import EmbeddedPostgres, PostgresOptions
from support.backups import KEEPS_CHANGES, Place


@pytest.fixture(scope="module")
def root() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="ae-backups-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def server(root: Path) -> Iterator[EmbeddedPostgres]:
    home = Home(root / "home", account=server_account())
    running = EmbeddedPostgres(home, PostgresOptions(durable=False, settings=KEEPS_CHANGES))
    running.start()
    yield running
    running.stop()
    home.delete_data()


@pytest.fixture(scope="module")
def place(root: Path, server: EmbeddedPostgres) -> Place:
    home = Home(root / "home", account=server_account())
    return Place(root, home, BackupSource(server.url()), Tools(server.programs, home), BackupKey(b"of the tests"))


@pytest.fixture(scope="module")
async def archiver(place: Place) -> AsyncIterator[WalArchiver]:
    running = place.archiver()
    await running.start()
    yield running
    await running.stop()
