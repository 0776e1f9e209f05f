"""What every blob store promises; the same tests run on a folder, on Azurite and on S3 (moto)."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from analytics_engine.bootstrap.blobs import blob_store_at
from analytics_engine.errors import InsufficientStorage, InvalidInput, NotFound
from analytics_engine.kernel.ids import new_id
from analytics_engine.kernel.ports.blobs import BlobStore
from support.azurite import Azurite
from support.s3 import S3

LARGE = 20 * 2**20 + 1
ODD_NAME = "acme/a b/ä+%20#?&=~'[1].parquet"
NAMES_THAT_ESCAPE = [
    "",
    "/etc/passwd",
    "..",
    "../a",
    "a/../b",
    "a//b",
    "a/",
    "./a",
    "a\\..\\b",
    "a/.hidden",
    "a\0b",
    "a\nb",
]

File = Callable[[bytes], Path]


@pytest.fixture(params=["folder", "azure", "s3"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    """A store that nothing was put into: neither its folder nor its container is there, and a bucket is empty."""
    if request.param == "folder":
        return blob_store_at(f"file://{tmp_path}/archive/of rows")
    if request.param == "s3":
        storage: S3 = request.getfixturevalue("s3")
        bucket = f"archive-{new_id()}"
        await storage.make_bucket(bucket)
        return blob_store_at(f"s3://{bucket}/of%20rows", s3=storage.account)
    running: Azurite = request.getfixturevalue("azure")
    return blob_store_at(f"azure://archive-{new_id()}/of%20rows", azure_connection_string=running.connection_string())


@pytest.fixture
def file(tmp_path: Path) -> File:
    """``file(content)``: a file with it."""

    def write(content: bytes) -> Path:
        path = tmp_path / new_id()
        path.write_bytes(content)
        return path

    return write


async def content(store: BlobStore, name: str, folder: Path) -> bytes:
    path = folder / new_id()
    await store.get(name, path)
    return path.read_bytes()


@pytest.mark.parametrize("size", [0, 1, 1000, 8 * 2**20, LARGE])
async def test_what_is_put_can_be_got(store: BlobStore, file: File, tmp_path: Path, size: int) -> None:
    """Files of any size come back byte by byte; the first one makes the folder, or the container."""
    given = os.urandom(size)
    await store.put("acme/order/2026-01.parquet", file(given))

    assert await store.size("acme/order/2026-01.parquet") == size
    assert await content(store, "acme/order/2026-01.parquet", tmp_path) == given


async def test_a_file_replaces_the_one_before(store: BlobStore, file: File, tmp_path: Path) -> None:
    """A shorter one leaves nothing of a longer one."""
    await store.put("order", file(b"a longer one"))
    await store.put("order", file(b"shorter"))

    assert await content(store, "order", tmp_path) == b"shorter"
    assert await store.names() == ["order"]


async def test_of_files_put_at_once_one_is_there_whole(store: BlobStore, file: File, tmp_path: Path) -> None:
    files = [file(bytes([number]) * LARGE) for number in range(3)]
    await asyncio.gather(*(store.put("order", path) for path in files))

    assert await content(store, "order", tmp_path) in [path.read_bytes() for path in files]


async def test_what_is_not_there_is_told(store: BlobStore, file: File, tmp_path: Path) -> None:
    """Before anything was put, and after; a folder of names is no file. What was at the path stays."""
    kept = file(b"kept")
    for _ in range(2):
        for name in ("acme/none", "acme"):
            with pytest.raises(NotFound) as refusal:
                await store.get(name, kept)
            assert refusal.value.facts == {"name": name}
            with pytest.raises(NotFound):
                await store.size(name)
        await store.put("acme/order", kept)
    assert kept.read_bytes() == b"kept"


async def test_a_file_that_is_not_there_to_be_put_is_a_mistake_of_ours(store: BlobStore, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await store.put("order", tmp_path / "none")
    assert await store.names() == []


async def test_deleting_forgets_once_and_for_all(store: BlobStore, file: File, tmp_path: Path) -> None:
    """Before anything was put, and a second time, there is nothing to do."""
    await store.delete("acme/order")
    await store.put("acme/order", file(b"order"))
    await store.put("acme/order-lines", file(b"lines"))

    await store.delete("acme/order")
    await store.delete("acme/order")
    await store.delete("acme")
    await store.delete("acme/order/none")

    assert await store.names() == ["acme/order-lines"]
    with pytest.raises(NotFound):
        await store.get("acme/order", tmp_path / "order")


async def test_names_are_listed_by_how_they_begin(store: BlobStore, file: File) -> None:
    """In order, from all folders, also where the beginning ends within a part."""
    assert await store.names() == []
    empty = file(b"")
    names = [
        "acme/order/2026-02",
        "acme/order/2026-01",
        "acme/order/2025-12",
        "acme/orders",
        "acme2/order/2026-01",
        "b",
    ]
    for name in names:
        await store.put(name, empty)

    assert await store.names() == sorted(names)
    assert await store.names("acme/order/") == ["acme/order/2025-12", "acme/order/2026-01", "acme/order/2026-02"]
    assert await store.names("acme/order/2026") == ["acme/order/2026-01", "acme/order/2026-02"]
    assert await store.names("acme/order") == sorted(name for name in names if name.startswith("acme/order"))
    assert await store.names("acm") == sorted(name for name in names if name.startswith("acm"))
    assert await store.names("none/") == await store.names("b/") == await store.names("none") == []


async def test_names_have_any_printable_characters(store: BlobStore, file: File, tmp_path: Path) -> None:
    await store.put(ODD_NAME, file(b"odd"))

    assert await store.names("acme/a b/") == [ODD_NAME]
    assert await content(store, ODD_NAME, tmp_path) == b"odd"
    await store.delete(ODD_NAME)
    assert await store.names() == []


@pytest.mark.parametrize("name", NAMES_THAT_ESCAPE)
async def test_names_that_lead_elsewhere_are_refused(store: BlobStore, file: File, tmp_path: Path, name: str) -> None:
    path = file(b"kept")
    for asked in (store.put(name, path), store.get(name, path), store.size(name), store.delete(name)):
        with pytest.raises(InvalidInput, match="no name of a stored file"):
            await asked
    assert path.read_bytes() == b"kept"


@pytest.mark.parametrize("prefix", ["/", "../", "a//b", "a/../b"])
async def test_a_beginning_that_leads_elsewhere_is_refused(store: BlobStore, prefix: str) -> None:
    with pytest.raises(InvalidInput):
        await store.names(prefix)


async def test_a_full_disk_is_told_and_leaves_nothing(store: BlobStore, file: File, tmp_path: Path) -> None:
    """The path leads to a device that is always full."""
    await store.put("order", file(b"order"))
    path = tmp_path / "full"
    path.symlink_to("/dev/full")

    with pytest.raises(InsufficientStorage) as refusal:
        await store.get("order", path)

    assert refusal.value.remedy
    assert not path.is_symlink()
