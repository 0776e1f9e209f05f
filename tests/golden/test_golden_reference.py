"""The reference evaluator gives the rows that the golden cases and the traps were worked out to have by hand."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from analytics_engine.contracts.calculation import AttributeFilter, TimeRange
from analytics_engine.kpi.formula.parser import parse
from analytics_engine.kpi.formula.typed import Expression, terms_of
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.model.time import Window, local_midnight
from golden.cases import Case, case_of, read
from golden.shop import FOLDER, shop_coverage, shop_rows
from support.reference import Answer, Question, Reference

UNDERSTOOD = frozenset(
    {"kpis", "range", "grain", "dimensions", "filters", "where", "time_zone", "order", "limit", "parameters"}
)
"""What of a query the reference answers; order and limit only choose among its cells."""


def cases() -> list[Path]:
    paths = [*(FOLDER / "cases").glob("*.yaml"), *(FOLDER / "traps").glob("*.yaml")]
    stated = {path: read(path) for path in sorted(paths)}
    return [path for path, case in stated.items() if "refused" not in case and set(case["ask"]) <= UNDERSTOOD]


def answer(case: Case) -> Answer:
    query = case.query
    assert isinstance(query.range, TimeRange)
    measures = tuple((code, _meaning(case, code)) for code in query.kpis)
    reference = Reference(
        case.checker.catalog,
        shop_rows(),
        calendar=case.calendar,
        coverage=shop_coverage(case.loaded),
        now=case.now,
        base_currency=case.client.base_currency,
    )
    return reference.answer(
        Question(
            measures=measures,
            window=Window(_local(query.range.from_), _local(query.range.to)),
            grain=query.grain,
            dimensions=query.dimensions,
            filters=(
                *(_condition(case, given, measures[0][1]) for given in query.filters),
                *filter(None, [query.where]),
            ),
            parameters={name: _value(value) for name, value in query.parameters.items()},
        )
    )


def _meaning(case: Case, code: str) -> Expression:
    checker = case.checker
    return (checker.kpi(code) if checker.catalog.has_kpi(code) else checker.formula(code)).expression


def _value(value: Any) -> Any:
    return Decimal(str(value)) if isinstance(value, float) else value


def _local(moment: date | datetime) -> datetime:
    return moment if isinstance(moment, datetime) else local_midnight(moment)


def _condition(case: Case, given: AttributeFilter, measure: Expression) -> str:
    """Return a filter of the query as a condition of the language."""
    term = terms_of(measure)[0]
    model = case.checker.paths.model(term.model)
    kind = case.checker.resolver.row(parse(given.attribute), model, term.via).type
    values = [_literal(value, kind) for value in given.values]
    listed = f"({', '.join(values)})" if given.operator.value in {"in", "not in"} else " ".join(values)
    return f"{given.attribute} {given.operator.value} {listed}"


def _literal(value: Any, kind: DataType | None) -> str:
    quoted = str(value).replace("'", "''")
    if kind in {DataType.DATE, DataType.TIMESTAMP}:
        return f"{kind} '{quoted}'"
    return f"'{quoted}'" if kind is DataType.TEXT else str(value).lower()


def same(expected: Any, actual: Any) -> bool:
    """Return whether a value is the one written in the case; why it is null is not the reference's to say."""
    if actual is None or expected is None or str(expected).startswith("null: "):
        return actual is None and (expected is None or str(expected).startswith("null: "))
    match actual:
        case Decimal():
            return abs(Decimal(str(expected)) - actual) <= abs(actual) * Decimal("1e-12")
        case float():
            return bool(expected == pytest.approx(actual, rel=1e-9))
        case datetime():
            return datetime.fromisoformat(expected) == actual
        case date():
            return date.fromisoformat(str(expected)) == actual
        case _:
            return bool(expected == actual)


@pytest.mark.parametrize("path", cases(), ids=lambda path: path.stem)
def test_the_reference_answers_as_it_was_worked_out(path: Path) -> None:
    stated = read(path)
    case = case_of(stated)
    found = answer(case)
    cells = [
        [found.periods[number].start, *members, *values.values()] for (number, members), values in found.cells.items()
    ]
    for row in stated["rows"]:
        start, *rest = row
        moment = datetime.fromisoformat(start)
        instant = moment if moment.tzinfo else moment.replace(tzinfo=case.calendar.tz)
        matching = [cell for cell in cells if cell[0] == instant and all(map(same, rest, cell[1:]))]
        assert matching, (row, cells)
        cells.remove(matching[0])
    assert not cells or "limit" in stated["ask"], cells
