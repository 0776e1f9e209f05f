"""The shipped dashboards, and which metrics they and the rules ask for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from monitoring import rendering

DASHBOARDS = sorted((rendering.SHIPPED / "grafana" / "dashboards").glob("*.json"))

_NOT_NAMES = re.compile(
    r"\"[^\"]*\"|\{[^}]*\}|\[[^\]]*\]|\b(?:by|on|ignoring|group_left|group_right|without)\s*(?:\([^)]*\))?"
    r"|\b(?:or|and|unless|offset|bool|sum|max|min|avg|count|topk)\b|\b[a-z_0-9]+\s*(?=\()"
)
_NAME = re.compile(r"[A-Za-z_][\w:]*")


def documents() -> dict[str, dict[str, Any]]:
    """Return the dashboards by their files' names."""
    return {path.name: json.loads(path.read_text(encoding="utf-8")) for path in DASHBOARDS}


def panels() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each panel that shows something, with ``dashboard: title``."""
    for document in documents().values():
        for panel in document["panels"]:
            if panel["type"] != "row":
                yield f"{document['title']}: {panel['title']}", panel


def queries() -> Iterator[tuple[str, str]]:
    """Yield the expressions of all panels, for every service, with where they stand."""
    for where, panel in panels():
        for target in panel["targets"]:
            yield where, target["expr"].replace("$service", ".*")


def metrics_of(expression: str) -> set[str]:
    """Return the names of the metrics that an expression asks for."""
    return set(_NAME.findall(_NOT_NAMES.sub(" ", expression))) - {"ALERTS"}


def metrics_asked_for() -> set[str]:
    """Return all metrics that rules and dashboards ask for, those that rules record among them not."""
    rules = [rule for group in rendering.groups() for rule in group["rules"]]
    expressions = [*(rule["expr"] for rule in rules), *(expression for _, expression in queries())]
    recorded = {rule["record"] for rule in rules if "record" in rule}
    return {name for expression in expressions for name in metrics_of(expression)} - recorded
