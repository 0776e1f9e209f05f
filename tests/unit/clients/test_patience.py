from __future__ import annotations

from dataclasses import dataclass

import pytest

from analytics_engine.clients.patience import Patience


@dataclass
class Clock:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def patience(clock: Clock) -> Patience:
    return Patience(10, clock=clock)


def test_an_absence_is_waited_for_from_its_first_failure_on(patience: Patience, clock: Clock) -> None:
    """Whoever calls later waits for the rest only, and at its end nobody waits any more."""
    patience.failed()
    assert not patience.is_over()
    for moment in (103, 106, 109):
        clock.now = moment
        patience.failed()
        assert not patience.is_over()
    clock.now = 110
    patience.failed()
    assert patience.is_over()


def test_a_service_that_answered_is_waited_for_anew(patience: Patience, clock: Clock) -> None:
    patience.failed()
    clock.now = 110
    patience.succeeded()
    patience.failed()
    assert not patience.is_over()


def test_a_failure_long_after_the_last_is_another_absence(patience: Patience, clock: Clock) -> None:
    """Nobody called in between, so that nobody knows how long it was away."""
    patience.failed()
    clock.now = 1_000
    patience.failed()
    assert not patience.is_over()


def test_no_patience_waits_for_nothing(clock: Clock) -> None:
    none = Patience(0, clock=clock)
    none.failed()
    assert none.is_over()
