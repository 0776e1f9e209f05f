"""The reference evaluator gives the rows that the golden cases were worked out to have by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.model.time import Calendar, Window
from golden.shop import FOLDER, LOADED, _typed, shop_catalog
from support.reference import Answer, Question, Reference

NOW = datetime(2026, 11, 2, tzinfo=UTC)
CATALOG = shop_catalog()
CHECKER = KpiChecker(CATALOG)
ANSWERED = {"kpis", "range", "grain", "dimensions", "filters", "where", "time_zone", "order", "limit"}
"""What of a query the reference understands; order and limit choose among its cells."""


def load(path: Path) -> dict[str, Any]:
    case: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return case


CASES = [
    path
    for path in sorted((FOLDER / "cases").glob("*.yaml"))
    if "refused" not in load(path) and set(load(path)["ask"]) <= ANSWERED
]


def shop_rows() -> dict[str, list[dict[str, Any]]]:
    raw = yaml.safe_load((FOLDER / "data.yaml").read_text(encoding="utf-8"))
    rows = {}
    for version in CATALOG.object_models:
        model = version.definition
        names = [attribute.name for attribute in model.attributes]
        rows[model.code] = [dict(zip(names, _typed(model, row), strict=True)) for row in raw[model.code]]
    return rows


def answer(ask: dict[str, Any]) -> Answer:
    coverage = {version.definition.code: LOADED for version in CATALOG.object_models}
    calendar = Calendar(ask.get("time_zone", "UTC"))
    reference = Reference(CATALOG, shop_rows(), calendar=calendar, coverage=coverage, now=NOW)
    where = ask.get("where", [])
    return reference.answer(
        Question(
            measures=tuple((code, CHECKER.kpi(code).expression) for code in ask["kpis"]),
            window=Window(_local(ask["range"]["from"]), _local(ask["range"]["to"])),
            grain=ask.get("grain"),
            dimensions=tuple(ask.get("dimensions", ())),
            filters=(*map(_condition, ask.get("filters", ())), *([where] if isinstance(where, str) else where)),
        )
    )


def _local(moment: date | str) -> datetime:
    return datetime.fromisoformat(str(moment))


def _condition(asked: dict[str, Any]) -> str:
    """Return a filter of the query as a condition of the language."""
    values = [_literal(value) for value in asked.get("values", ())]
    listed = f"({', '.join(values)})" if asked["operator"] in {"in", "not in"} else " ".join(values)
    return f"{asked['attribute']} {asked['operator']} {listed}"


def _literal(value: bool | float | str) -> str:
    quoted = str(value).replace("'", "''")
    return f"'{quoted}'" if isinstance(value, str) else str(value).lower()


def same(expected: Any, actual: Any) -> bool:
    """Return whether a value is the one written in the case; why it is null is not the reference's to say."""
    match actual:
        case None:
            return expected is None or str(expected).startswith("null: ")
        case Decimal():
            return abs(Decimal(str(expected)) - actual) <= abs(actual) * Decimal("1e-12")
        case float():
            return bool(expected == pytest.approx(actual, rel=1e-9))
        case _:
            return bool(expected == actual)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_reference_answers_as_it_was_worked_out(path: Path) -> None:
    case = load(path)
    found = answer(case["ask"])
    cells = [
        [found.periods[number].local_start, *members, *values.values()]
        for (number, members), values in found.cells.items()
    ]
    for row in case["rows"]:
        start, *rest = row
        local = datetime.fromisoformat(start).replace(tzinfo=None)
        matching = [
            cell for cell in cells if cell[0] == local and all(same(a, b) for a, b in zip(rest, cell[1:], strict=True))
        ]
        assert matching, (row, cells)
        cells.remove(matching[0])
    assert not cells or "limit" in case["ask"], cells
