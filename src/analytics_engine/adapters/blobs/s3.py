from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from obstore.exceptions import BaseError, PermissionDeniedError, PreconditionError, UnauthenticatedError
from obstore.store import S3Store

from analytics_engine.adapters.blobs.names import checked
from analytics_engine.adapters.blobs.remote import PIECE_BYTES, RETRIES, RemoteBlobs, code_of
from analytics_engine.adapters.blobs.s3_account import S3Account
from analytics_engine.errors import DependencyUnavailable, NotFound

_MOST_PIECES = 9_000
_REFUSALS = frozenset({"InvalidAccessKeyId", "SignatureDoesNotMatch", "AccessDenied", "RequestTimeTooSkewed"})


class S3Blobs(RemoteBlobs):
    """``kernel.ports.blobs.BlobStore`` on a bucket of S3 storage, which is there already."""

    def __init__(self, account: S3Account, bucket: str, *, prefix: str = "") -> None:
        self._account = account
        self._bucket = bucket
        super().__init__(
            S3Store(
                bucket,
                prefix=prefix or None,
                config={
                    "access_key_id": account.key_id,
                    "secret_access_key": account.secret,
                    "region": account.region,
                    **({"endpoint": account.endpoint} if account.endpoint else {}),
                },
                client_options={"allow_http": account.endpoint.startswith("http://")},
                retry_config=RETRIES,
            )
        )

    async def put(self, name: str, path: Path) -> None:
        key = checked(name)
        size = (await asyncio.to_thread(path.stat)).st_size
        with self._reported(key, bucket_only=True):
            await self._upload(key, path, piece_bytes=max(PIECE_BYTES, size // _MOST_PIECES + 1))

    def _listing(self, prefix: str) -> AbstractContextManager[None]:
        return self._reported(prefix, bucket_only=True)

    @contextmanager
    def _reported(self, name: str, *, bucket_only: bool = False) -> Iterator[None]:
        """Tell S3's failures as ours; ``bucket_only`` where nothing but the bucket can be missing."""
        place = self._account.place
        try:
            yield
        except FileNotFoundError as error:
            if bucket_only:
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
            code = code_of(error)
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
