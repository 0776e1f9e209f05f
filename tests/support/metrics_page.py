"""What docs/reference/metrics.md says: which metric which services have."""

from __future__ import annotations

import re
from pathlib import Path

from analytics_engine.contracts.services import Service

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "metrics.md"
_ROW = re.compile(r"^\| `(?P<name>[a-z_0-9]+)` \| (?P<type>\w+) \| (?P<services>[^|]+) \|", re.MULTILINE)
_EVERY = "every service"


def documented_metrics() -> set[tuple[str, str]]:
    """Return the names of metrics, as a scrape's families have them, each with each service that has it."""
    found: set[tuple[str, str]] = set()
    for row in _ROW.finditer(PAGE.read_text(encoding="utf-8")):
        services = row["services"].strip()
        named = [service.value for service in Service] if services == _EVERY else re.findall(r"`(\w+)`", services)
        found |= {(row["name"].removesuffix("_total"), service) for service in named}
    return found
