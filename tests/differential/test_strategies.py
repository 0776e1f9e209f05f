"""The random questions are well-formed, and the reference answers each of them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings

from differential.agreement import Kind
from differential.strategies import Case, agree, cases


@given(cases())
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_random_question_has_an_answer(case: Case) -> None:
    """No formula that is grown is refused, and a value is null or of the type the formula gives."""
    answer = case.expected()
    if not case.dimensions:
        assert len(answer.cells) == len(answer.periods)
    for values in answer.cells.values():
        assert set(values) == {code for code, _, _ in case.kpis}


@pytest.mark.parametrize(
    ("expected", "actual", "kind", "magnitude", "same"),
    [
        (3, Decimal("3.0"), Kind.EXACT, 0, True),
        (Decimal("0.1"), Decimal("0.1000000000000001"), Kind.EXACT, 0, False),
        (Decimal(1) / 3, Decimal("0.3333333333333333"), Kind.DIVIDED, 0, True),
        (Decimal(1) / 3, Decimal("0.3333333333"), Kind.DIVIDED, 0, False),
        (Decimal(0), Decimal("1e-10"), Kind.DIVIDED, 1000, True),
        (0.1 + 0.2, 0.3, Kind.FLOAT, 0, True),
        (1.0, 1.00001, Kind.FLOAT, 0, False),
        (None, 0, Kind.FLOAT, 0, False),
        (None, None, Kind.EXACT, 0, True),
        (7, 9, Kind.APPROXIMATE, 0, True),
        (7, None, Kind.APPROXIMATE, 0, False),
        (True, 1, Kind.EXACT, 0, False),
    ],
)
def test_numbers_agree_as_exactly_as_they_are_known(
    expected: object, actual: object, kind: Kind, *, magnitude: float, same: bool
) -> None:
    assert agree(expected, actual, kind, magnitude) is same
