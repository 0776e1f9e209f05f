"""How much memory and room a process has."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from analytics_engine.kernel.resources import measure_filesystems, memory_limit_bytes
from support.metrics import Metrics

MACHINE = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def system(root: Path, groups: str, limits: dict[str, str]) -> Path:
    for name, text in {"proc/self/cgroup": groups, **limits}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


@pytest.mark.parametrize(
    ("groups", "limits", "limit"),
    [
        ("0::/\n", {"sys/fs/cgroup/memory.max": "1048576\n"}, 1 << 20),
        ("0::/a/b\n", {"sys/fs/cgroup/a/b/memory.max": "max\n", "sys/fs/cgroup/a/memory.max": "4096\n"}, 4096),
        ("0::/docker/id\n", {"sys/fs/cgroup/memory.max": "8192\n"}, 8192),
        ("4:memory:/a\n0::/\n", {"sys/fs/cgroup/memory/a/memory.limit_in_bytes": "4096\n"}, 4096),
        ("4:cpu,memory:/\n", {"sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n"}, MACHINE),
        ("0::/\n", {"sys/fs/cgroup/memory.max": "max\n"}, MACHINE),
        ("0::/\n", {}, MACHINE),
    ],
)
def test_the_limit_is_the_least_of_all_groups_a_process_is_in(
    tmp_path: Path, groups: str, limits: dict[str, str], limit: int
) -> None:
    """Of both versions of control groups; without a limit it is the machine's memory."""
    assert memory_limit_bytes(system(tmp_path, groups, limits)) == limit


def test_without_control_groups_the_limit_is_the_machine(tmp_path: Path) -> None:
    assert memory_limit_bytes(tmp_path) == MACHINE


def test_room_is_told_of_places_that_are_not_made_yet_too(tmp_path: Path) -> None:
    registry = CollectorRegistry()
    place = tmp_path / "not" / "yet"
    measure_filesystems(registry, service="tested", places=[place])
    found = Metrics.of(generate_latest(registry).decode())
    size = found.value("system_filesystem_size_bytes", service="tested", path=str(place))
    assert size == os.statvfs(tmp_path).f_blocks * os.statvfs(tmp_path).f_frsize
    assert 0 < found.value("system_filesystem_free_bytes", service="tested", path=str(place)) <= size
