"""A control group with a limit of memory, where this machine lets us make one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.waiting import wait_until

_MOUNT = Path("/sys/fs/cgroup/memory")
NOT_HERE = "with a limit of memory (root, and control groups of version 1 that may be written, are needed)"


def _own_group() -> Path | None:
    lines = Path("/proc/self/cgroup").read_text(encoding="ascii").splitlines() if _MOUNT.is_dir() else []
    paths = [line.split(":", 2)[2] for line in lines if line.split(":", 2)[1] == "memory"]
    return _MOUNT / paths[0].lstrip("/") if paths else None


def can_be_set() -> bool:
    group = _own_group()
    return group is not None and group.is_dir() and os.access(group, os.W_OK)


@contextmanager
def limited(limit_bytes: int, pid: int) -> Iterator[None]:
    """Put a process into a group with this limit: what it starts is born there. It is moved back at the end."""
    above = _own_group()
    assert above is not None
    group = above / f"ae-tests-{os.getpid()}"
    group.mkdir()
    try:
        (group / "memory.limit_in_bytes").write_text(str(limit_bytes), encoding="ascii")
        (group / "cgroup.procs").write_text(str(pid), encoding="ascii")
        yield
    finally:
        for left in (group / "cgroup.procs").read_text(encoding="ascii").split():
            (above / "cgroup.procs").write_text(left, encoding="ascii")
        wait_until(lambda: not (group / "cgroup.procs").read_text(encoding="ascii"))
        group.rmdir()
