from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import aiohttp
import obstore
from obstore.exceptions import BaseError, PermissionDeniedError, PreconditionError, UnauthenticatedError
from obstore.store import AzureStore

from analytics_engine.adapters.blobs.azure_account import AzureAccount
from analytics_engine.adapters.blobs.azure_container import make_container
from analytics_engine.adapters.blobs.disk import receiving, reported
from analytics_engine.adapters.blobs.names import checked, folder_of
from analytics_engine.errors import DependencyUnavailable, NotFound

_PIECE_BYTES = 8 * 2**20
_PIECES_AT_ONCE = 4
_PAGE = 1000
_RETRIES = 4
_NO_CONTAINER = "ContainerNotFound"
_OVERTAKEN = "InvalidBlockList"  # another put of this name has named its pieces, and ours were forgotten by that
_CODE = re.compile(r"<Code>(\w+)</Code>")
_STATUS = re.compile(r"non-2xx status code: (\d+ [^:]*)")


class AzureBlobs:
    """``kernel.ports.blobs.BlobStore`` on a container of Azure's blob storage, which is made by the first ``put``.

    Files pass in pieces, each of which is one request with its own time limit and retries; a file that was put is there
    when the last request has named all of its pieces.
    """

    def __init__(self, account: AzureAccount, container: str, *, prefix: str = "") -> None:
        self._account = account
        self._container = container
        self._store = AzureStore(
            container,
            prefix=prefix or None,
            # all that says who we are and where it is, so that nothing of it is taken from other variables
            config={
                "account_name": account.name,
                "account_key": account.key,
                "credential_type": "access_key",
                "endpoint": account.endpoint,
                "use_emulator": False,
                "skip_signature": False,
            },
            client_options={"allow_http": account.endpoint.startswith("http://")},
            retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=60)},
        )

    async def put(self, name: str, path: Path) -> None:
        key = checked(name)
        await asyncio.to_thread(path.stat)  # a file that is not there is not taken for a container that is not there
        with self._reported(key):
            for _ in range(_RETRIES):
                if await self._uploaded(key, path):
                    return
            await self._upload(key, path)

    async def get(self, name: str, path: Path) -> None:
        key = checked(name)
        found = await self._head(key)
        with reported(path), receiving(path) as file:
            for start in range(0, found["size"], _PIECE_BYTES):
                piece = await self._piece(key, start, found)
                await asyncio.to_thread(file.write, piece)

    async def size(self, name: str) -> int:
        return (await self._head(checked(name)))["size"]

    async def names(self, prefix: str = "") -> Sequence[str]:
        pages = obstore.list(self._store, folder_of(prefix) or None, chunk_size=_PAGE)
        with self._reported(prefix):
            try:
                found = [blob["path"] async for page in pages for blob in page]
            except BaseError as error:
                if _code(error) != _NO_CONTAINER:
                    raise
                found = []
        return sorted(name for name in found if name.startswith(prefix))

    async def delete(self, name: str) -> None:
        key = checked(name)
        with self._reported(key):
            try:
                await obstore.delete_async(self._store, key)
            except FileNotFoundError:
                return

    async def _head(self, key: str) -> obstore.ObjectMeta:
        with self._reported(key):
            return await obstore.head_async(self._store, key)

    async def _piece(self, key: str, start: int, of: obstore.ObjectMeta) -> obstore.Bytes:
        end = min(start + _PIECE_BYTES, of["size"])
        with self._reported(key):
            answer = await obstore.get_async(self._store, key, options={"range": (start, end), "if_match": of["e_tag"]})
            return await answer.bytes_async()

    async def _uploaded(self, key: str, path: Path) -> bool:
        """Return whether a file was uploaded; where it was not, what was in its way is gone."""
        try:
            await self._upload(key, path)
        except FileNotFoundError:
            await self._make_container()
            return False
        except BaseError as error:
            if _code(error) != _OVERTAKEN:
                raise
            return False
        return True

    async def _upload(self, key: str, path: Path) -> None:
        await obstore.put_async(self._store, key, path, chunk_size=_PIECE_BYTES, max_concurrency=_PIECES_AT_ONCE)

    async def _make_container(self) -> None:
        if reason := await make_container(self._account, self._container):
            raise DependencyUnavailable(
                f"The container {self._container!r} cannot be made at {self._account.place}: {reason}.",
                remedy="Make it by hand, or let the account of AZURE_STORAGE_CONNECTION_STRING make containers.",
                dependency="azure",
            )

    @contextmanager
    def _reported(self, name: str) -> Iterator[None]:
        """Tell the failures of Azure as ours: its own texts are long, and repeat the request."""
        place = self._account.place
        try:
            yield
        except FileNotFoundError as error:
            raise NotFound(f"There is no blob {name!r} in {self._container!r} at {place}.", name=name) from error
        except PreconditionError as error:
            raise DependencyUnavailable(
                f"{name!r} was replaced at {place} while it was read.", remedy="Read it again.", dependency="azure"
            ) from error
        except (BaseError, aiohttp.ClientError, TimeoutError) as error:
            if isinstance(error, PermissionDeniedError | UnauthenticatedError) or _code(error).startswith("Auth"):
                raise DependencyUnavailable(
                    f"Azure's blob storage at {place} refuses our key.",
                    remedy="Correct AccountName and AccountKey in AZURE_STORAGE_CONNECTION_STRING, or the clock here.",
                    dependency="azure",
                ) from error
            raise DependencyUnavailable(
                f"Azure's blob storage cannot be used at {place}: {_code(error) or 'it does not answer'}.",
                remedy="Check the network, and the endpoint in AZURE_STORAGE_CONNECTION_STRING; then try again.",
                dependency="azure",
            ) from error


def _code(error: Exception) -> str:
    """Return Azure's word for a failure, such as ``ServerBusy``, else its status; empty where there was no answer."""
    found = _CODE.search(str(error)) or _STATUS.search(str(error))
    return found.group(1) if found else ""
