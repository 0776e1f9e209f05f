"""What was measured, as a Markdown page and a JSON file, each with the facts of the machine that bear on it."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

_RESULTS = Path(__file__).with_name("results")
_GIB = 2**30


@dataclass
class Report:
    """One run of a benchmark: tables under headings, and the same figures for machines to read."""

    name: str
    about: str
    machine: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)

    def heading(self, text: str) -> None:
        self._add("", f"## {text}", "")

    def note(self, text: str) -> None:
        self._add(text, "")

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        self._add(_row(columns), "|" + "---|" * len(columns), *map(_row, rows), "")

    def keep(self, *path: str, figures: Mapping[str, Any]) -> None:
        """Keep figures for the JSON file, under a path of names."""
        place = self.figures
        for name in path:
            place = place.setdefault(name, {})
        place.update(figures)

    def record(self) -> Path:
        """Write the run down under today's date, and return the page."""
        now = datetime.now(UTC)
        path = _RESULTS / f"{now:%Y-%m-%d}-{self.name}.md"
        machine = {**self.machine, "load after": _load()}
        facts = [f"- {name}: {value}" for name, value in machine.items()]
        head = [f"# {self.name.replace('-', ' ').capitalize()}, {now:%Y-%m-%d}", "", self.about, "", *facts]
        path.write_text("\n".join([*head, *self.lines]).rstrip() + "\n", encoding="utf-8")
        kept = {"name": self.name, "at": now.isoformat(timespec="seconds"), "machine": machine, **self.figures}
        path.with_suffix(".json").write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
        return path

    def _add(self, *lines: str) -> None:
        self.lines += lines
        print("\n".join(lines), flush=True)


def machine(*packages: str) -> dict[str, str]:
    """Return what of this machine bears on times: no names, no paths."""
    return {
        "commit": _commit(),
        "cores": f"{os.cpu_count()} ({_processor()})",
        "memory": f"{psutil.virtual_memory().total / _GIB:.0f} GiB",
        "load before": _load(),
        "Python": platform.python_version(),
        **{package: version(package) for package in packages},
    }


def _load() -> str:
    """Return how many processes wanted to run within the last minute, on average."""
    return f"{os.getloadavg()[0]:.1f}"


def _commit() -> str:
    folder = Path(__file__).parent
    found = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=folder, capture_output=True, text=True, check=False
    )
    changed = subprocess.run(
        ["git", "status", "--porcelain", "../src"], cwd=folder, capture_output=True, text=True, check=False
    )
    return (found.stdout.strip() or "unknown") + (
        " and changes of src that are not committed" if changed.stdout.strip() else ""
    )


def _processor() -> str:
    cpu = Path("/proc/cpuinfo")
    if not cpu.exists():
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in cpu.read_text().splitlines() if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
