"""What checkups measured before: a line of JSON a measurement, in AE_HOME/checkups."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

_KEPT = 800
_LEAST_APART = timedelta(hours=12)


@dataclass(frozen=True)
class Measurement:
    """What was measured when."""

    at: datetime
    values: Mapping[str, Any]


class History:
    """The measurements of one checkup, oldest first."""

    def __init__(self, home: Path, name: str) -> None:
        self._file = home / "checkups" / f"{name}.jsonl"

    def read(self) -> list[Measurement]:
        """Return what there is; a line that is broken is passed over."""
        try:
            lines = self._file.read_text(encoding="utf-8").splitlines()
        except OSError:
            return []
        found: list[Measurement] = []
        for line in lines:
            try:
                entry = json.loads(line)
                found.append(Measurement(datetime.fromisoformat(entry["at"]), entry["values"]))
            except (ValueError, KeyError, TypeError):
                continue
        return found

    def add(self, values: Mapping[str, Any]) -> None:
        """Keep a measurement; the oldest are forgotten, where nothing can be written it is not kept."""
        entries = [*self.read(), Measurement(datetime.now(UTC), values)][-_KEPT:]
        text = "".join(json.dumps({"at": one.at.isoformat(), "values": dict(one.values)}) + "\n" for one in entries)
        if not self._file.parent.parent.is_dir():
            return
        self._file.parent.mkdir(exist_ok=True)
        unfinished = self._file.with_suffix(".unfinished")
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(self._file)


def growth_per_day(measurements: Sequence[Measurement], value: str) -> float | None:
    """Return the slope of a value by least squares, a day; None where the measurements are too near to tell."""
    points = [(one.at.timestamp() / 86_400, float(one.values[value])) for one in measurements if value in one.values]
    if not points or (points[-1][0] - points[0][0]) * 86_400 < _LEAST_APART.total_seconds():
        return None
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread
