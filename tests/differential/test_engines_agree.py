"""Whatever is asked of whatever rows, every engine answers what the reference does: cells, values, rows behind them.

``AE_RANDOM_QUESTIONS`` asks so many of each engine, other ones each time; without it the same few are asked every day.
An engine may refuse what it cannot compute exactly, with a reason; what is refused is listed here, and it is little.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from analytics_engine.errors import QueryError
from analytics_engine.kpi.plan.question import Question
from analytics_engine.kpi.values.binding import Span
from analytics_engine.kpi.values.reasons import label
from differential.agreement import agree, kind_of
from differential.bench import ENGINES, Asked, Bench, Told, bench
from differential.strategies import Case, cases
from support.reference import Answer as Expected
from support.servers import TestServers

ASKED = os.environ.get("AE_RANDOM_QUESTIONS")
EVERY_DAY = {"postgres": 300, "duckdb": 300, "clickhouse": 300, "spark": 200}

REFUSED: dict[str, tuple[str, ...]] = {
    "postgres": (),
    "duckdb": (),
    "clickhouse": (),
    "spark": ("Error during planning: .*BoundedWindowAggExec",),
}
"""What an engine says, as patterns, when it cannot compute a question.

Spark: Sail's planner takes some windows that are ordered by a computed float for unordered, and refuses them.
"""
MOST_REFUSED = 0.02
"""The part of the random questions that an engine may refuse."""


@pytest.fixture(scope="module", params=ENGINES)
def standing(request: pytest.FixtureRequest, servers: TestServers) -> Iterator[Bench]:
    with bench(request.param, servers) as opened:
        yield opened


@pytest.mark.timeout(0 if ASKED else 900)
def test_the_engine_answers_as_the_reference_does(standing: Bench) -> None:
    asked, refused = Counter[str](), Counter[str]()

    @given(case=cases())
    @settings(
        max_examples=int(ASKED or EVERY_DAY[standing.name]),
        derandomize=ASKED is None,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    def every_question(case: Case) -> None:
        asked[standing.name] += 1
        try:
            told = standing.ask(standing.load(case.recipe, case.rows), asked_of(case))
        except QueryError as refusal:
            refused[_known(standing.name, refusal)] += 1
        else:
            assert list(differences(case, told)) == []

    every_question()
    assert refused.total() <= MOST_REFUSED * asked.total(), refused


def _known(engine: str, refusal: QueryError) -> str:
    """Return the pattern of a refusal that is known."""
    for pattern in REFUSED[engine]:
        if re.search(pattern, refusal.detail):
            return pattern
    raise refusal


def asked_of(case: Case) -> Asked:
    question = Question(
        kpis=tuple(code for code, _, _ in case.kpis),
        grain=case.scene.grain,
        dimensions=case.dimensions,
        where=case.where,
        few=case.few,
    )
    return Asked(
        checker=case.checker,
        question=question,
        window=case.scene.window,
        calendar=case.calendar,
        coverage={model: Span(span.start, span.end) for model, span in case.coverage.items()},
        now=case.now,
        parameters=case.parameters,
    )


def differences(case: Case, told: Told) -> Iterator[tuple[Any, ...]]:
    """Yield what is not as the reference has it."""
    expected = case.expected()
    if len(told.keys) != len(set(told.keys)):
        yield "cells are told twice", told.keys
    elif set(told.keys) != set(expected.cells):
        yield "other cells", set(told.keys) ^ set(expected.cells)
    else:
        yield from _of_values(case, expected, told)
        yield from _of_rows(expected, told)


def _of_values(case: Case, expected: Expected, told: Told) -> Iterator[tuple[Any, ...]]:
    for column, (code, expression) in zip(told.answer.measures, case.measures, strict=True):
        for key, actual in zip(told.keys, column.values, strict=True):
            wanted = expected.cells[key][code]
            if not agree(wanted, actual, kind_of(expression), expected.magnitudes[key][code]):
                yield code, key, wanted, actual


def _of_rows(expected: Expected, told: Told) -> Iterator[tuple[Any, ...]]:
    for column in told.answer.measures:
        for place, key in enumerate(told.keys):
            wanted = {label(term): count for term, count in expected.rows[key].items()}
            for name, counts in column.rows.items():
                if name in wanted and wanted[name] != counts[place]:
                    yield name, key, wanted[name], counts[place]
