"""Blobs as files of a folder: for one machine, or for several that share it.

Not obstore's store of local files: that renames a file into its place without having synced it or its folder.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from analytics_engine.adapters.blobs.disk import receiving, reported
from analytics_engine.adapters.blobs.names import checked, folder_of
from analytics_engine.errors import NotFound

_PARTIAL = ".partial-"  # no name has a part that begins with a dot


class LocalBlobs:
    """``kernel.ports.blobs.BlobStore`` on a folder, which is made when it is first written to.

    What was put is on the disk: the file and the folders that name it are synced. A file appears whole or not at all.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, name: str, path: Path) -> None:
        await asyncio.to_thread(self._put, self._folder / checked(name), path)

    async def get(self, name: str, path: Path) -> None:
        await asyncio.to_thread(self._get, checked(name), path)

    async def size(self, name: str) -> int:
        return await asyncio.to_thread(self._size, checked(name))

    async def names(self, prefix: str = "") -> Sequence[str]:
        return await asyncio.to_thread(lambda: sorted(self._names(folder_of(prefix), prefix)))

    async def delete(self, name: str) -> None:
        await asyncio.to_thread(self._delete, self._folder / checked(name))

    def _put(self, target: Path, path: Path) -> None:
        with path.open("rb") as source, reported(target):
            missing = [folder for folder in (self._folder, *self._folder.parents) if not folder.exists()]
            target.parent.mkdir(parents=True, exist_ok=True)
            partial = target.parent / f"{_PARTIAL}{uuid4().hex}"
            with receiving(partial) as file:
                shutil.copyfileobj(source, file)
                file.flush()
                os.fsync(file.fileno())
                partial.replace(target)
            for folder in (target.parent, *target.parent.parents):
                _sync(folder)
                if folder == self._folder:
                    break
            for folder in missing:
                _sync(folder.parent)

    def _get(self, name: str, path: Path) -> None:
        with self._open(name) as source, reported(path), receiving(path) as file:
            shutil.copyfileobj(source, file)

    def _size(self, name: str) -> int:
        with self._open(name) as file:
            return os.fstat(file.fileno()).st_size

    def _open(self, name: str) -> BinaryIO:
        path = self._folder / name
        with reported(path):
            try:
                return path.open("rb")
            except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
                raise NotFound(f"There is no file {name!r} in {self._folder}.", name=name) from error

    def _names(self, folder: str, prefix: str) -> Iterator[str]:
        with reported(self._folder / folder):
            for place, folders, files in os.walk(self._folder / folder, onerror=_raise_unless_missing):
                folders[:] = [name for name in folders if not name.startswith(".")]
                for file in files:
                    name = (Path(place) / file).relative_to(self._folder).as_posix()
                    if name.startswith(prefix) and not file.startswith("."):
                        yield name

    def _delete(self, path: Path) -> None:
        with reported(path):
            try:
                path.unlink()
            except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
                return
            _sync(path.parent)


def _sync(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _raise_unless_missing(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError | NotADirectoryError):
        raise error
