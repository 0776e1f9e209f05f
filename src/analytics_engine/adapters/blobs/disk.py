from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from analytics_engine.errors import DependencyUnavailable, InsufficientStorage

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def reported(path: Path) -> Iterator[None]:
    """Tell the failures of a disk as ours."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise InsufficientStorage(
                f"There is no room left for {path}.", remedy="Free space on its disk, or enlarge it."
            ) from error
        raise DependencyUnavailable(
            f"{path} cannot be read or written: {error.strerror}.",
            remedy="Check that its folder is there, and that the user this service runs as may read and write in it.",
        ) from error


@contextmanager
def receiving(path: Path) -> Iterator[BinaryIO]:
    """Open a file to be written to; when that is not finished, it is not left there."""
    file = path.open("wb")
    try:
        with file:
            yield file
    except BaseException:
        path.unlink(missing_ok=True)
        raise
