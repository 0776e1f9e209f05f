"""What happened in all rounds, as it is reported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Figures:
    """Counts over all rounds. ``lost`` and ``doubled`` are rows, ``marks`` those met before maintenance."""

    kills: Counter[str] = field(default_factory=Counter)
    moments: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    repeats: Counter[str] = field(default_factory=Counter)
    marks: Counter[str] = field(default_factory=Counter)
    batches: int = 0
    acknowledged_rows: int = 0
    rows_there: int = 0
    audits: int = 0
    lost: int = 0
    doubled: int = 0
    seconds: float = 0.0

    def lines(self) -> Iterator[str]:
        for name, value in vars(self).items():
            if isinstance(value, Counter):
                yield f"{name}: {sum(value.values())} ({', '.join(f'{kind} {n}' for kind, n in sorted(value.items()))})"
            else:
                yield f"{name}: {value}"


def failure_of(told: dict[str, Any]) -> str:
    """Return the kind of a problem, and what is known of the outcome."""
    kind = str(told.get("type", "")).rpartition(":")[2] or "no type"
    return f"{kind}, outcome {told['outcome']}" if "outcome" in told else kind
