"""What the machine, or the container, lets a process have: memory, and room where it writes."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge

_CGROUP_V2 = "memory.max"
_CGROUP_V1 = "memory.limit_in_bytes"


def memory_limit_bytes(root: Path = Path("/")) -> int:
    """Return the most memory this process may take: the least limit of its control groups, else the machine's memory.

    Args:
        root: where ``/proc`` and ``/sys`` are.
    """
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return min([machine, *_limits(root)])


def _limits(root: Path) -> Iterable[int]:
    try:
        groups = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    for group in groups:
        _, controllers, path = group.split(":", 2)
        if not controllers:
            yield from _limits_above(root / "sys/fs/cgroup", path, _CGROUP_V2)
        elif "memory" in controllers.split(","):
            yield from _limits_above(root / "sys/fs/cgroup/memory", path, _CGROUP_V1)


def _limits_above(mount: Path, path: str, name: str) -> Iterable[int]:
    """Yield the limits of a group and of those it is in; in a container only the mount itself may be there."""
    place = mount / path.lstrip("/")
    for folder in (place, *place.parents):
        if folder.is_relative_to(mount):
            try:
                text = (folder / name).read_text().strip()
            except OSError:
                continue
            if text.isdigit() and int(text) > 0:
                yield int(text)


def measure_filesystems(registry: CollectorRegistry, *, service: str, places: Iterable[Path]) -> None:
    """Have it told how much room there is where a service writes; it is asked when the metrics are read."""
    labels = ["service", "path"]
    free = Gauge("system_filesystem_free_bytes", "Room left for this process", labels, registry=registry)
    size = Gauge("system_filesystem_size_bytes", "Size of the file system", labels, registry=registry)
    for place in places:
        free.labels(service, str(place)).set_function(partial(_free, place))
        size.labels(service, str(place)).set_function(partial(_size, place))


def _free(place: Path) -> float:
    return _room(place)[0]


def _size(place: Path) -> float:
    return _room(place)[1]


def _room(place: Path) -> tuple[float, float]:
    """Return free and all bytes of a place, or of the nearest folder above that is there."""
    for folder in (place, *place.parents):
        try:
            room = os.statvfs(folder)
        except FileNotFoundError:
            continue
        except OSError:
            break
        return float(room.f_bavail * room.f_frsize), float(room.f_blocks * room.f_frsize)
    return math.nan, math.nan
