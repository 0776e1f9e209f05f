"""A server's files and its changes bring back any moment: every transaction until then, and none after it."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from analytics_engine.backups.drill import Proof
from analytics_engine.backups.manifest import Kind, Manifest
from analytics_engine.backups.retention import Retention
from analytics_engine.backups.verifying import verified
from analytics_engine.backups.wal import WalArchiver
from analytics_engine.embedded.postgres import EmbeddedPostgres
from analytics_engine.errors import OutsideWindow, TargetNotEmpty
from support.backups import Place

_ALL = "SELECT id FROM written ORDER BY id"


@dataclass(frozen=True)
class History:
    """What was written after a base backup, by the time of its commit."""

    base: Manifest
    commits: dict[int, datetime]
    reached: datetime

    def until(self, moment: datetime) -> list[int]:
        return sorted(one for one, at in self.commits.items() if at <= moment)

    def full_seconds(self) -> list[datetime]:
        """Return the full seconds with commits on both sides."""
        times = sorted(self.commits.values())
        first = times[0].replace(microsecond=0) + timedelta(seconds=1)
        seconds = [first + timedelta(seconds=number) for number in range(60)]
        return [second for second in seconds if second < times[-1]]


@pytest.fixture(scope="module")
async def history(place: Place, server: EmbeddedPostgres, archiver: WalArchiver) -> History:
    """Rows committed one by one over some seconds, in several files of the log."""
    connection = await asyncpg.connect(server.url())
    await connection.execute("CREATE TABLE written (id int PRIMARY KEY, filling text)")
    base = await place.maker().make(Kind.WEEKLY)
    reached, number = base.finished_at, 0
    for _ in range(3):
        ends = asyncio.get_running_loop().time() + 1.1
        while asyncio.get_running_loop().time() < ends:
            number += 1
            await connection.execute("INSERT INTO written VALUES ($1, repeat('x', 100))", number)
        await connection.execute("SELECT pg_switch_wal()")
        reached = await archiver.round()
    rows = await connection.fetch("SELECT id, pg_xact_commit_timestamp(xmin) AS at FROM written")
    await connection.close()
    return History(base, {row["id"]: row["at"] for row in rows}, reached)


async def test_a_moment_is_exact_to_its_second(place: Place, history: History) -> None:
    """Of transactions before and after a full second exactly those until then are there."""
    moment = history.full_seconds()[0]
    expected = history.until(moment)
    assert 0 < len(expected) < len(history.commits)
    restore = place.files_restore()
    done = await restore.carry_out(await restore.plan(place.target("second"), until=moment))
    assert [row["id"] for row in await place.query(done.target, _ALL)] == expected
    assert done.last_transaction_at is not None
    assert done.last_transaction_at <= moment


async def test_without_a_moment_all_there_is_comes_back(place: Place, history: History) -> None:
    restore = place.files_restore()
    done = await restore.carry_out(await restore.plan(place.target("all")))
    assert [row["id"] for row in await place.query(done.target, _ALL)] == sorted(history.commits)


async def test_a_server_recovers_by_itself_what_was_restored_for_it(place: Place, history: History) -> None:
    """Where only the server has programs of its version, it replays the changes when it is started."""
    moment = history.full_seconds()[0]
    restore = place.files_restore()
    done = await restore.carry_out(await restore.plan(place.target("prepared"), until=moment), recover=False)
    assert (done.target / "recovery.signal").is_file()
    assert f"recovery_target_time = '{moment.isoformat()}'" in (done.target / "postgresql.auto.conf").read_text()
    assert [row["id"] for row in await place.query(done.target, _ALL)] == history.until(moment)
    assert not (done.target / "recovery.signal").exists()


@pytest.mark.parametrize("away", [timedelta(hours=-1), timedelta(hours=1)])
async def test_moments_that_the_backups_do_not_reach_are_refused(
    place: Place, history: History, away: timedelta
) -> None:
    """Before the first backup, and after the last change that is known; what can be had is told."""
    with pytest.raises(OutsideWindow) as refusal:
        await place.files_restore().plan(place.target("outside"), until=history.reached + away)
    assert refusal.value.facts["earliest"] == history.base.finished_at.isoformat()
    assert not place.target("outside").exists()


async def test_what_came_after_a_restore_is_another_line_of_time(place: Place, history: History) -> None:
    """A backup of the restored server brings back its own changes, though the log has those of the first one too."""
    restore = place.files_restore()
    done = await restore.carry_out(await restore.plan(place.target("forked"), until=history.full_seconds()[0]))
    (row,) = await place.query(done.target, "SELECT substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) AS timeline")
    assert row["timeline"] == "00000002"


async def test_a_folder_that_has_something_is_refused_and_left_alone(place: Place, history: History) -> None:
    target = place.target("taken")
    target.mkdir(parents=True)
    (target / "PG_VERSION").write_text("18\n")
    with pytest.raises(TargetNotEmpty):
        await place.files_restore().plan(target)
    assert [path.name for path in target.iterdir()] == ["PG_VERSION"]


async def test_a_volume_that_is_there_and_empty_is_filled(place: Place, history: History) -> None:
    target = place.target("volume")
    target.mkdir(parents=True)
    restore = place.files_restore()
    done = await restore.carry_out(await restore.plan(target))
    assert [row["id"] for row in await place.query(done.target, _ALL)] == sorted(history.commits)


async def test_a_drill_leaves_a_proof_and_nothing_else(place: Place, history: History) -> None:
    proof = await place.drill().run(history.base.id)
    kept = await place.repository().document(f"proofs/{history.base.id}.json")
    assert Proof(**kept) == proof
    assert proof.tables["public.written"] == len(history.commits)
    assert list(place.home.server("drills").iterdir()) == []


async def test_a_backup_that_is_read_whole_is_as_it_was_written(place: Place, history: History) -> None:
    assert await verified(place.repository(), history.base.id) == history.base


async def test_nothing_in_the_repository_can_be_read_without_the_key(place: Place, history: History) -> None:
    """Neither rows nor names of tables are in the files; manifests tell sizes and versions only."""
    stored = [path for path in place.store.rglob("*") if path.is_file()]
    assert [path for path in stored if b"written" in path.read_bytes()] == []


async def test_what_is_old_is_forgotten_with_the_changes_that_only_it_needed(
    place: Place, history: History, tmp_path: Path
) -> None:
    """Of each kind so many stay, and what the oldest base backup that stays needs."""
    copy = tmp_path / "copy"
    shutil.copytree(place.store, copy)
    repository = place.repository(copy)
    second = await place.maker(repository).make(Kind.WEEKLY)
    first_changes = await repository.names("wal/")
    assert await Retention(repository).expired() == [name for name in first_changes if name.endswith("0001")]
    removed = await Retention(repository, {Kind.WEEKLY: 1}).prune()
    assert f"backups/{history.base.id}" in removed
    assert await repository.ids() == [second.id]
    assert len(await repository.names("wal/")) < len(first_changes)
    assert await Retention(repository, {Kind.WEEKLY: 0}).prune() == []
