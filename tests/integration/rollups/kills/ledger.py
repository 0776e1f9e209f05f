"""What a client has begun and what was acknowledged: on disk before it goes on, and read after it was killed."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

BEGUN, ACKNOWLEDGED, FAILED = "begun", "acknowledged", "failed"


@dataclass(frozen=True)
class Entry:
    """One line of the ledger; ``told`` is the receipt, or the problem."""

    what: str
    stream: str
    number: int
    told: dict[str, Any] = field(default_factory=dict)


class Ledger:
    """A file that is only added to, by one process at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def entries(self) -> list[Entry]:
        return list(self._read())

    def acknowledged(self) -> dict[tuple[str, int], dict[str, Any]]:
        """Return the receipts by stream and number."""
        return {(one.stream, one.number): one.told for one in self._read() if one.what == ACKNOWLEDGED}

    def begun(self) -> set[tuple[str, int]]:
        return {(one.stream, one.number) for one in self._read() if one.what == BEGUN}

    def open(self) -> int:
        """Return a descriptor to write to; a line that was broken off is ended."""
        file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        if self._path.stat().st_size and not self._path.read_bytes().endswith(b"\n"):
            os.write(file, b"\n")
        return file

    @staticmethod
    def write(file: int, entry: Entry) -> None:
        os.write(file, (json.dumps(vars(entry)) + "\n").encode())
        os.fsync(file)

    def _read(self) -> Iterator[Entry]:
        if not self._path.exists():
            return
        for line in self._path.read_text(encoding="utf-8").splitlines():
            try:
                yield Entry(**json.loads(line))
            except json.JSONDecodeError:
                continue
