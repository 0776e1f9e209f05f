from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
from obstore.exceptions import BaseError, PermissionDeniedError, PreconditionError, UnauthenticatedError
from obstore.store import AzureStore

from analytics_engine.adapters.blobs.azure_account import AzureAccount
from analytics_engine.adapters.blobs.azure_container import make_container
from analytics_engine.adapters.blobs.names import checked
from analytics_engine.adapters.blobs.remote import RETRIES, RemoteBlobs, code_of
from analytics_engine.errors import DependencyUnavailable, NotFound

_TRIES = 4
_NO_CONTAINER = "ContainerNotFound"
_OVERTAKEN = "InvalidBlockList"  # another put of this name has named its pieces, and ours were forgotten by that
_STATUS = re.compile(r"non-2xx status code: (\d+ [^:]*)")


class AzureBlobs(RemoteBlobs):
    """``kernel.ports.blobs.BlobStore`` on a container of Azure's blob storage, which is made by the first ``put``."""

    def __init__(self, account: AzureAccount, container: str, *, prefix: str = "") -> None:
        self._account = account
        self._container = container
        super().__init__(
            AzureStore(
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
                retry_config=RETRIES,
            )
        )

    async def put(self, name: str, path: Path) -> None:
        key = checked(name)
        await asyncio.to_thread(path.stat)  # a file that is not there is not taken for a container that is not there
        with self._reported(key):
            for _ in range(_TRIES):
                if await self._uploaded(key, path):
                    return
            await self._upload(key, path)

    async def _listed(self, folder: str) -> list[str]:
        try:
            return await super()._listed(folder)
        except BaseError as error:
            if code_of(error) != _NO_CONTAINER:
                raise
            return []

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

    async def _make_container(self) -> None:
        if reason := await make_container(self._account, self._container):
            raise DependencyUnavailable(
                f"The container {self._container!r} cannot be made at {self._account.place}: {reason}.",
                remedy="Make it by hand, or let the account of AZURE_STORAGE_CONNECTION_STRING make containers.",
                dependency="azure",
            )

    @contextmanager
    def _reported(self, name: str) -> Iterator[None]:
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
    status = _STATUS.search(str(error))
    return code_of(error) or (status.group(1) if status else "")
