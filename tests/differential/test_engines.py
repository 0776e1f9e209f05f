"""Whatever is asked of whatever rows, the engine answers what the reference does: cells, values, rows behind them.

``AE_RANDOM_QUESTIONS`` says how many questions are asked; the default is for every day.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from analytics_engine.kpi.values.answer import Answer
from analytics_engine.kpi.values.reasons import label
from differential.agreement import agree, kind_of
from differential.engines import Engine, ask, postgres
from differential.strategies import Case, cases
from support.reference import Answer as Expected
from support.reference.asking import CellKey
from support.servers import TestServers

QUESTIONS = int(os.environ.get("AE_RANDOM_QUESTIONS", "300"))


@pytest.fixture(scope="module")
def engine(servers: TestServers) -> Iterator[Engine]:
    with postgres(servers) as opened:
        yield opened


@given(case=cases())
@settings(max_examples=QUESTIONS, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_engine_answers_as_the_reference_does(engine: Engine, case: Case) -> None:
    expected = case.expected()
    answer, numbers = ask(case, engine)
    keys = [
        (number, tuple(dimension.values[row] for dimension in answer.dimensions)) for row, number in enumerate(numbers)
    ]
    assert len(keys) == len(set(keys))
    assert set(keys) == set(expected.cells)
    differences = [*_of_values(case, expected, answer, keys=keys), *_of_rows(expected, answer, keys=keys)]
    assert differences == []


def _of_values(case: Case, expected: Expected, answer: Answer, *, keys: list[CellKey]) -> Iterator[tuple[Any, ...]]:
    for column, (code, expression) in zip(answer.measures, case.measures, strict=True):
        for key, actual in zip(keys, column.values, strict=True):
            wanted = expected.cells[key][code]
            if not agree(wanted, actual, kind_of(expression), expected.magnitudes[key][code]):
                yield code, key, wanted, actual


def _of_rows(expected: Expected, answer: Answer, *, keys: list[CellKey]) -> Iterator[tuple[Any, ...]]:
    for column in answer.measures:
        for row, key in enumerate(keys):
            wanted = {label(term): count for term, count in expected.rows[key].items()}
            for name, counts in column.rows.items():
                if name in wanted and wanted[name] != counts[row]:
                    yield name, key, wanted[name], counts[row]
