"""Only a folder has these: what others put there, and that it may be closed."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from analytics_engine.adapters.blobs.local import LocalBlobs
from analytics_engine.errors import DependencyUnavailable


async def test_files_that_were_not_put_are_not_seen(tmp_path: Path) -> None:
    """Such as what is left of a process that was killed while it put a file, and the folders of file systems."""
    (tmp_path / ".snapshot").mkdir()
    for name in (".partial-1", ".snapshot/order", "order"):
        (tmp_path / name).write_text("a file")
    assert await LocalBlobs(tmp_path).names() == ["order"]


async def test_nothing_is_left_of_a_file_that_could_not_be_put(tmp_path: Path) -> None:
    """Here a folder is in its place."""
    store, path = LocalBlobs(tmp_path / "archive"), tmp_path / "file"
    path.write_text("a file")
    await store.put("acme/order/2026-01", path)

    with pytest.raises(DependencyUnavailable):
        await store.put("acme/order", path)

    assert [path.name for path in (tmp_path / "archive" / "acme").iterdir()] == ["order"]
    assert await store.names() == ["acme/order/2026-01"]


async def test_a_folder_that_cannot_be_made_is_told_with_a_remedy(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("a file in the place of the folder")
    store = LocalBlobs(path / "archive")

    with pytest.raises(DependencyUnavailable) as refusal:
        await store.put("order", path)

    assert str(path) in refusal.value.detail
    assert refusal.value.remedy


async def test_readers_see_one_file_or_the_other_while_it_is_replaced(tmp_path: Path) -> None:
    store, got = LocalBlobs(tmp_path / "archive"), tmp_path / "got"
    files = [tmp_path / "0", tmp_path / "1"]
    for number, path in enumerate(files):
        path.write_bytes(bytes([number]) * 2**20)
    await store.put("order", files[0])

    async def replace() -> None:
        for number in range(20):
            await store.put("order", files[number % 2])

    replacing = asyncio.create_task(replace())
    while not replacing.done():
        await store.get("order", got)
        assert got.read_bytes() in {path.read_bytes() for path in files}
    await replacing
