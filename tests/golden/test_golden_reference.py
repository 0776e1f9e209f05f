"""The reference evaluator gives the rows that the golden cases were worked out to have by hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from analytics_engine.contracts.calculation import AttributeFilter
from analytics_engine.kpi.formula.conversion import convert
from analytics_engine.kpi.formula.layout import write_literal
from analytics_engine.kpi.formula.syntax import LiteralValue
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.sql.dialects import POSTGRES
from analytics_engine.kpi.sql.parameters import ParameterSlot
from analytics_engine.services.calculation_engine_service.parts import Part
from analytics_engine.services.calculation_engine_service.plans import PlanCache
from analytics_engine.services.calculation_engine_service.preparing import Prepared, prepare
from golden.cases import Case, case_of, read
from golden.shop import FOLDER, shop_coverage, shop_rows
from support.reference import Question, Reference

LAID_OUT = frozenset({"top", "value_filters", "pivot", "cells", "offset"})
"""What of a query chooses among cells or lays them out, which the reference leaves to others."""
PATHS = [
    path
    for folder in ("cases", "traps")
    for path in sorted((FOLDER / folder).glob("*.yaml"))
    if "refused" not in read(path) and not LAID_OUT & set(read(path)["ask"])
]
ROWS = shop_rows()


def cells_of(case: Case) -> Iterator[list[Any]]:
    """Yield the start, the members and the values of every cell of every part of the answer."""
    prepared = prepare(case.query, case.definitions, now=case.now, plans=PlanCache(), dialect=POSTGRES)
    reference = Reference(
        case.definitions.catalog,
        ROWS,
        calendar=prepared.times.calendar,
        coverage=shop_coverage(case.loaded),
        now=case.now,
        base_currency=case.definitions.client.base_currency,
    )
    for part in prepared.parts:
        found = reference.answer(_question(case, prepared, part))
        for (number, members), values in found.cells.items():
            named = dict(zip(part.dimensions, members, strict=True))
            shown = [named.get(dimension) for dimension in case.query.dimensions]
            yield [found.periods[number].start, *shown, *(values[kpi] for kpi in case.query.kpis)]


def _question(case: Case, prepared: Prepared, part: Part) -> Question:
    plan, statement = prepared.compiled[0].plan, prepared.compiled[0].statement
    kinds = {slot.name: slot.type for slot in statement.slots if isinstance(slot, ParameterSlot)}
    types = iter(plan.givens)
    filters = [_condition(asked, [next(types).type for _ in asked.values]) for asked in case.query.filters]
    given: dict[str, Any] = {name: convert(value, kinds[name]) for name, value in case.query.parameters.items()}
    return Question(
        measures=tuple((measure.name, measure.expression) for measure in plan.measures),
        window=prepared.times.windows[part.cut.range],
        grain=part.cut.grain,
        dimensions=part.dimensions,
        filters=(*filters, *part.question.where),
        parameters=given,
    )


def _condition(asked: AttributeFilter, kinds: Sequence[DataType]) -> str:
    """Return a filter of the query as a condition of the language."""
    values = [_literal(convert(value, kind)) for value, kind in zip(asked.values, kinds, strict=True)]
    operator = asked.operator.value
    listed = f"({', '.join(values)})" if operator in {"in", "not in"} else " ".join(values)
    return f"{asked.attribute} {operator} {listed}"


def _literal(value: LiteralValue | float) -> str:
    return write_literal(Decimal(str(value)) if isinstance(value, float) else value)


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
    cells = list(cells_of(case))
    zone = case.query.time_zone or case.definitions.client.time_zone
    for row in stated["rows"]:
        matching = [cell for cell in cells if _is_row(row, cell, zone)]
        assert matching, (row, cells)
        cells.remove(matching[0])
    assert not cells or "limit" in stated["ask"], cells


def _is_row(row: list[Any], cell: list[Any], zone: str) -> bool:
    start = datetime.fromisoformat(row[0])
    begins = start if start.tzinfo else start.replace(tzinfo=UTC)
    assert start.tzinfo or zone == "UTC"
    return bool(begins == cell[0]) and all(same(*pair) for pair in zip(row[1:], cell[1:], strict=True))
