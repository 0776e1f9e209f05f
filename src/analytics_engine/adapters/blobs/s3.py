from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import obstore
from obstore.exceptions import BaseError, PermissionDeniedError, PreconditionError, UnauthenticatedError
from obstore.store import S3Store

from analytics_engine.adapters.blobs.disk import receiving, reported
from analytics_engine.adapters.blobs.names import checked, folder_of
from analytics_engine.adapters.blobs.s3_account import S3Account
from analytics_engine.errors import DependencyUnavailable, NotFound

_PIECE_BYTES = 8 * 2**20
_MOST_PIECES = 9_000
_PIECES_AT_ONCE = 4
_PAGE = 1000
_CODE = re.compile(r"<Code>(\w+)</Code>")
_REFUSALS = frozenset({"InvalidAccessKeyId", "SignatureDoesNotMatch", "AccessDenied", "RequestTimeTooSkewed"})


class S3Blobs:
    """``kernel.ports.blobs.BlobStore`` on a bucket of S3 storage, which is there already.

    Files pass in pieces, each of which is one request with its own time limit and retries; a file that was put is there
    when the last request has put its pieces together.
    """

    def __init__(self, account: S3Account, bucket: str, *, prefix: str = "") -> None:
        self._account = account
        self._bucket = bucket
        self._store = S3Store(
            bucket,
            prefix=prefix or None,
            config={
                "access_key_id": account.key_id,
                "secret_access_key": account.secret,
                "region": account.region,
                **({"endpoint": account.endpoint} if account.endpoint else {}),
            },
            client_options={"allow_http": account.endpoint.startswith("http://")},
            retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=60)},
        )

    async def put(self, name: str, path: Path) -> None:
        key = checked(name)
        size = (await asyncio.to_thread(path.stat)).st_size
        piece = max(_PIECE_BYTES, size // _MOST_PIECES + 1)
        with self._reported(key, putting=True):
            await obstore.put_async(self._store, key, path, chunk_size=piece, max_concurrency=_PIECES_AT_ONCE)

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
        with self._reported(prefix, putting=True):
            found = [blob["path"] async for page in pages for blob in page]
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

    @contextmanager
    def _reported(self, name: str, *, putting: bool = False) -> Iterator[None]:
        """Tell the failures of S3 as ours: its own texts are long, and repeat the request."""
        place = self._account.place
        try:
            yield
        except FileNotFoundError as error:
            if putting:
                raise DependencyUnavailable(
                    f"There is no bucket {self._bucket!r} at {place}.",
                    remedy="Make the bucket, or correct the URL that names it.",
                    dependency="s3",
                ) from error
            raise NotFound(f"There is no blob {name!r} in {self._bucket!r} at {place}.", name=name) from error
        except PreconditionError as error:
            raise DependencyUnavailable(
                f"{name!r} was replaced at {place} while it was read.", remedy="Read it again.", dependency="s3"
            ) from error
        except (BaseError, TimeoutError) as error:
            code = _code(error)
            if isinstance(error, PermissionDeniedError | UnauthenticatedError) or code in _REFUSALS:
                raise DependencyUnavailable(
                    f"The storage at {place} refuses our key.",
                    remedy="Correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, what they may do, or the clock here.",
                    dependency="s3",
                ) from error
            raise DependencyUnavailable(
                f"The storage at {place} cannot be used: {code or 'it does not answer'}.",
                remedy="Check the network, AWS_REGION and AWS_ENDPOINT_URL; then try again.",
                dependency="s3",
            ) from error


def _code(error: Exception) -> str:
    found = _CODE.search(str(error))
    return found.group(1) if found else ""
