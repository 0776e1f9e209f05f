"""The reference evaluator gives the rows that the golden cases were worked out to have by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from analytics_engine.contracts.calculation import AttributeFilter, TimeRange
from analytics_engine.kpi.model.time import Window, local_midnight
from analytics_engine.kpi.plan.build import build_plan
from golden.cases import Case, case_of, read
from golden.shop import FOLDER, shop_coverage, shop_rows
from support.reference import Answer, Question, Reference

PATHS = [
    path
    for folder in ("cases", "traps")
    for path in sorted((FOLDER / folder).glob("*.yaml"))
    if "refused" not in read(path)
]
ROWS = shop_rows()


def answer(case: Case) -> Answer:
    query = case.query
    assert isinstance(query.range, TimeRange)
    begins, ends = (
        moment if isinstance(moment, datetime) else local_midnight(moment)
        for moment in (query.range.from_, query.range.to)
    )
    reference = Reference(
        case.checker.catalog,
        ROWS,
        calendar=case.calendar,
        coverage=shop_coverage(case.loaded),
        now=case.now,
        base_currency=case.client.base_currency,
    )
    return reference.answer(
        Question(
            measures=tuple(
                (measure.name, measure.expression) for measure in build_plan(case.checker, case.question).measures
            ),
            window=Window(begins, ends),
            grain=query.grain,
            dimensions=query.dimensions,
            filters=(*map(_condition, query.filters), *([query.where] if query.where else [])),
            parameters=query.parameters,
        )
    )


def _condition(asked: AttributeFilter) -> str:
    """Return a filter of the query as a condition of the language."""
    values = [_literal(value) for value in asked.values]
    operator = asked.operator.value
    listed = f"({', '.join(values)})" if operator in {"in", "not in"} else " ".join(values)
    return f"{asked.attribute} {operator} {listed}"


def _literal(value: bool | float | str) -> str:  # noqa: FBT001 - a value of a filter
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
        case datetime():
            return bool(datetime.fromisoformat(expected) == actual)
        case _:
            return bool(expected == actual) or str(expected) == str(actual)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_the_reference_answers_as_it_was_worked_out(path: Path) -> None:
    stated = read(path)
    case = case_of(stated)
    found = answer(case)
    cells = [
        [found.periods[number].start, *members, *values.values()] for (number, members), values in found.cells.items()
    ]
    for row in stated["rows"]:
        matching = [cell for cell in cells if _is_row(row, cell)]
        assert matching, (row, cells)
        cells.remove(matching[0])
    assert not cells or _is_cut(stated["ask"]), cells


def _is_row(row: list[Any], cell: list[Any]) -> bool:
    start = datetime.fromisoformat(row[0])
    begins = cell[0] if start.tzinfo else cell[0].replace(tzinfo=None)
    return bool(start == begins) and all(same(*pair) for pair in zip(row[1:], cell[1:], strict=True))


def _is_cut(ask: Mapping[str, Any]) -> bool:
    return "limit" in ask
