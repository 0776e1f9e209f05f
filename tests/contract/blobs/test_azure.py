"""Only Azure has these: it may be away, refuse us, or be found without its container."""

from __future__ import annotations

import asyncio
import base64
import traceback
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any

import pytest

from analytics_engine.bootstrap.blobs import blob_store_at
from analytics_engine.embedded.ports import any_free_port
from analytics_engine.errors import DependencyUnavailable
from analytics_engine.kernel.ids import new_id
from analytics_engine.kernel.ports.blobs import BlobStore
from support.azurite import KEY, Azurite

WRONG_KEY = base64.b64encode(b"of another account" * 3).decode()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_text("a file")
    return path


def everything_asked(store: BlobStore, path: Path) -> Sequence[Coroutine[Any, Any, Any]]:
    return [
        store.put("order", path),
        store.get("order", path),
        store.size("order"),
        store.names(),
        store.delete("order"),
    ]


def told(error: BaseException) -> str:
    """All that a log would have of it, causes included."""
    return "".join(traceback.format_exception(error))


async def test_a_wrong_key_is_refused_and_told_nowhere(azure: Azurite, path: Path) -> None:
    store = blob_store_at("azure://archive", azure_connection_string=azure.connection_string(key=WRONG_KEY))
    for asked in everything_asked(store, path):
        with pytest.raises(DependencyUnavailable, match="refuses our key") as refusal:
            await asked
        assert "AccountKey" in refusal.value.remedy
        assert WRONG_KEY not in told(refusal.value)
    assert WRONG_KEY not in repr(vars(store))


async def test_a_store_that_is_away_is_told_with_its_place(path: Path) -> None:
    place = f"127.0.0.1:{any_free_port()}"
    given = f"AccountName=devstoreaccount1;AccountKey={KEY};BlobEndpoint=http://{place}/devstoreaccount1"
    store = blob_store_at("az://archive", azure_connection_string=given)
    for asked in everything_asked(store, path):
        with pytest.raises(DependencyUnavailable, match=f"cannot be used at {place}") as refusal:
            await asked
        assert refusal.value.remedy
        assert KEY not in told(refusal.value)


async def test_of_many_that_begin_at_once_all_find_the_container(azure: Azurite, path: Path) -> None:
    url, given = f"azure://archive-{new_id()}", azure.connection_string()
    stores = [blob_store_at(url, azure_connection_string=given) for _ in range(5)]
    await asyncio.gather(*(store.put(f"order-{number}", path) for number, store in enumerate(stores)))
    assert await stores[0].names() == [f"order-{number}" for number in range(5)]


async def test_prefixes_part_a_container(azure: Azurite, path: Path) -> None:
    """What is under one is not seen under another, and has the prefix before its name for who sees all."""
    container, given = f"azure://archive-{new_id()}", azure.connection_string()
    one, other, both = (
        blob_store_at(container + prefix, azure_connection_string=given) for prefix in ("/one/a", "/other/", "")
    )
    await one.put("order", path)
    await other.put("order", path)
    assert await one.names() == await other.names("or") == ["order"]
    assert await both.names() == ["one/a/order", "other/order"]
