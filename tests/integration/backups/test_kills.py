"""The command line, killed in the middle of its work, leaves nothing half done that counts."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from analytics_engine.embedded.postgres import EmbeddedPostgres
from support.backups import Place
from support.waiting import wait_until


def command(place: Place, *arguments: str, **more: str) -> subprocess.Popen[str]:
    environment = {
        "PATH": os.defpath,
        "AE_HOME": str(place.root / "home"),
        "AE_BACKUP_URL": place.store.as_uri(),
        "AE_BACKUP_KEY_FILE": str(place.root / "backup.key"),
        **more,
    }
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "analytics_engine.cli", *arguments],
        env=environment,
        cwd=place.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err
    return out


def killed_when(process: subprocess.Popen[str], seen: Callable[[], object]) -> None:
    wait_until(lambda: seen() or process.poll() is not None, within_s=120, every_s=0.002)
    assert process.poll() is None, "it was done before it could be killed"
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)


def ids(place: Place) -> list[str]:
    return [one["id"] for one in json.loads(finished(command(place, "backup", "list", "--json")))]


@pytest.fixture(scope="module")
def backup(place: Place, server: EmbeddedPostgres) -> str:
    """A weekly backup of the migrated database, made by the login that is there for it."""
    finished(command(place, "migrate", DATABASE_URL=server.url()))
    made: str = json.loads(finished(command(place, "backup", "run", "weekly", "--json")))["id"]
    return made


def test_a_backup_that_is_killed_does_not_count_and_the_next_one_is_whole(place: Place, backup: str) -> None:
    work = place.root / "home" / "backup-work"
    killed_when(command(place, "backup", "run", "weekly"), lambda: list(work.glob("staging-*")))
    assert ids(place) == [backup]
    again = json.loads(finished(command(place, "backup", "run", "weekly", "--json")))["id"]
    assert ids(place) == [backup, again]
    assert [path.name for path in work.glob("staging-*")] == []


def test_a_restore_that_is_killed_leaves_the_target_as_it_was_and_can_be_done_again(place: Place, backup: str) -> None:
    target = place.target("killed")
    target.parent.mkdir(parents=True, exist_ok=True)
    arguments = ("restore", "--backup", backup, "--as-made", "--target", str(target), "--yes")
    killed_when(command(place, *arguments), lambda: list(target.parent.glob(".restoring-killed-*/PG_VERSION")))
    assert not target.exists()
    finished(command(place, *arguments))
    assert (target / "PG_VERSION").is_file()
    assert unfinished(target) == []


def test_without_yes_nothing_is_restored(place: Place, backup: str) -> None:
    target = place.target("dry")
    told = json.loads(finished(command(place, "restore", "--backup", backup, "--target", str(target), "--json")))
    assert (told["backup"], told["done"]) == (backup, False)
    assert not target.exists()


def test_the_configuration_comes_back_without_the_key_of_backups(place: Place, backup: str) -> None:
    made = json.loads(finished(command(place, "backup", "run", "configuration", "--json")))["id"]
    target = place.root / "configuration"
    finished(command(place, "restore", "--backup", made, "--target", str(target), "--yes"))
    restored = (target / "secrets" / "postgres.password").read_text()
    assert restored == (place.root / "home" / "secrets" / "postgres.password").read_text()
    assert list(target.rglob("backup.key")) == []


def unfinished(target: Path) -> list[str]:
    return [path.name for path in target.parent.glob(f".restoring-{target.name}-*")]
