"""Blobs as files of a folder: for one machine, or for several that share it."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from analytics_engine.adapters.blobs.names import checked
from analytics_engine.errors import DependencyUnavailable, InsufficientStorage, NotFound

_PARTIAL = ".partial-"
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


class LocalBlobs:
    """``kernel.ports.blobs.BlobStore`` on a folder, which is made when it is first written to.

    What was put is on the disk: the file and the folders that name it are synced. A file appears whole or not at all.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, name: str, path: Path) -> None:
        await asyncio.to_thread(self._put, checked(name), path)

    async def get(self, name: str, path: Path) -> None:
        await asyncio.to_thread(self._get, checked(name), path)

    async def size(self, name: str) -> int:
        with self._reported(name):
            return (self._folder / checked(name)).stat().st_size

    async def names(self, prefix: str = "") -> Sequence[str]:
        return await asyncio.to_thread(lambda: sorted(self._names(prefix)))

    async def delete(self, name: str) -> None:
        with self._reported(name):
            (self._folder / checked(name)).unlink(missing_ok=True)

    def _put(self, name: str, path: Path) -> None:
        target = self._folder / name
        partial = target.parent / f"{_PARTIAL}{uuid4().hex}"
        with self._reported(name):
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                with path.open("rb") as source, partial.open("xb") as file:
                    shutil.copyfileobj(source, file)
                    file.flush()
                    os.fsync(file.fileno())
                partial.replace(target)
            finally:
                partial.unlink(missing_ok=True)
            for folder in (target.parent, *target.parent.parents):
                _sync(folder)
                if folder == self._folder:
                    break

    def _get(self, name: str, path: Path) -> None:
        with self._reported(name), (self._folder / name).open("rb") as source, path.open("wb") as file:
            shutil.copyfileobj(source, file)

    def _names(self, prefix: str) -> Iterator[str]:
        for folder, _, files in os.walk(self._folder):
            for file in files:
                name = (Path(folder) / file).relative_to(self._folder).as_posix()
                if name.startswith(prefix) and not file.startswith(_PARTIAL):
                    yield name

    @contextmanager
    def _reported(self, name: str) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as error:
            raise NotFound(f"There is no file {name!r} in {self._folder}.", name=name) from error
        except OSError as error:
            if error.errno in _NO_ROOM:
                raise InsufficientStorage(
                    f"There is no room for {name!r} in {self._folder}.", remedy="Free space on its disk, or enlarge it."
                ) from error
            raise DependencyUnavailable(
                f"{name!r} cannot be read or written in {self._folder}: {error.strerror}.",
                remedy="Check that the folder is there and that this service may write to it.",
            ) from error


def _sync(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
