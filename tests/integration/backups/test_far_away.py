"""Backups in Azure's storage (Azurite) and in S3 storage (moto) are verified by reading them back, and restored."""

from __future__ import annotations

from collections.abc import Iterator

import asyncpg
import pytest

from analytics_engine.backups.manifest import Kind
from analytics_engine.backups.repository import Repository
from analytics_engine.backups.verifying import verified
from analytics_engine.bootstrap.blobs import blob_store_at
from analytics_engine.embedded.ports import any_free_port
from analytics_engine.embedded.postgres import EmbeddedPostgres
from analytics_engine.errors import BackupFailed, DependencyUnavailable
from analytics_engine.kernel.ids import new_id
from analytics_engine.kernel.ports.blobs import BlobStore
from support import azurite
from support.azurite import Azurite
from support.backups import Place
from support.s3 import S3


@pytest.fixture(scope="module")
def s3(place: Place) -> Iterator[S3]:
    running = S3(place.home)
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def azure(place: Place) -> Iterator[Azurite]:
    if azurite.program() is None:
        pytest.skip(azurite.NOT_HERE)
    running = Azurite(place.home)
    running.start()
    yield running
    running.stop()


@pytest.fixture(params=["azure", "s3"])
async def store(request: pytest.FixtureRequest) -> BlobStore:
    if request.param == "azure":
        running: Azurite = request.getfixturevalue("azure")
        return blob_store_at(f"azure://backups-{new_id()}/of/us", azure_connection_string=running.connection_string())
    storage: S3 = request.getfixturevalue("s3")
    await storage.make_bucket("backups")
    return blob_store_at("s3://backups/of/us", s3=storage.account)


async def test_backups_and_changes_go_there_and_come_back(
    place: Place, server: EmbeddedPostgres, store: BlobStore
) -> None:
    repository = Repository(store, place.key, work=place.work)
    connection = await asyncpg.connect(server.url())
    await connection.execute("DROP TABLE IF EXISTS written")
    await connection.execute("CREATE TABLE written AS SELECT generate_series(1, 100000) AS id")
    await connection.close()
    made = await place.maker(repository).make(Kind.WEEKLY)
    assert await verified(repository, made.id) == made
    restore = place.files_restore(repository)
    done = await restore.carry_out(await restore.plan(place.target(f"from-afar-{new_id()}"), backup=made.id))
    (row,) = await place.query(done.target, "SELECT count(*) AS count, sum(id) AS sum FROM written")
    assert (row["count"], row["sum"]) == (100_000, 5_000_050_000)


async def test_what_is_not_verified_there_does_not_count(place: Place, s3: S3) -> None:
    """Somebody replaces a file while it is being stored: what is read back is not what was put, and that is told."""
    await s3.make_bucket("shared")
    store = blob_store_at("s3://shared", s3=s3.account)
    other = place.root / "other"
    other.write_bytes(b"of somebody else")

    class Shared:
        def __getattr__(self, name: str) -> object:
            return getattr(store, name)

        async def put(self, name: str, path: object) -> None:
            await store.put(name, other)

    repository = Repository(Shared(), place.key, work=place.work)  # type: ignore[arg-type]
    with pytest.raises(BackupFailed, match="reads back"):
        await place.maker(repository).make(Kind.DAILY)
    assert await repository.ids() == []


async def test_storage_that_is_away_is_told_with_its_place(place: Place) -> None:
    from analytics_engine.adapters.blobs.s3_account import S3Account

    address = f"127.0.0.1:{any_free_port()}"
    account = S3Account(key_id="tests", secret="a-secret", region="us-east-1", endpoint=f"http://{address}")
    with pytest.raises(DependencyUnavailable, match=address) as refusal:
        await blob_store_at("s3://backups", s3=account).names()
    assert "a-secret" not in refusal.value.detail


async def test_a_bucket_that_is_not_there_is_told(place: Place, s3: S3) -> None:
    with pytest.raises(DependencyUnavailable, match="There is no bucket 'nowhere'"):
        await blob_store_at("s3://nowhere", s3=s3.account).put("a", place.root)
