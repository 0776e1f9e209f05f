"""The states of an alert's cell: no change without a cause, and none that a doubt made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics_engine.kpi.alerts.conditions import Bounds, Verdict
from analytics_engine.kpi.alerts.transitions import (
    AlertState,
    CellState,
    Hold,
    Observation,
    Patience,
    Transition,
    follow,
    step,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
OK, PENDING, FIRING, RESOLVED, NO_DATA, ERROR = AlertState
LETTERS = {"v": Verdict.VIOLATED, "b": Verdict.BETWEEN, "c": Verdict.CLEAR, "n": Verdict.NO_VALUE, "e": None}


def hours(verdicts: str) -> list[Observation]:
    """Return an observation an hour: v(iolated), b(etween), c(lear), n(o value), e(rror)."""
    return [
        Observation(LETTERS[letter], START + number * HOUR, START + (number - 1) * HOUR if letter != "e" else None)
        for number, letter in enumerate(verdicts, start=1)
    ]


def states(verdicts: str, patience: Patience | None = None) -> list[AlertState]:
    return [cell.state for cell, _ in follow(CellState(), hours(verdicts), patience or Patience())]


def after(periods: int, seconds: int = 0) -> Hold:
    return Hold(periods=periods, seconds=seconds)


@pytest.mark.parametrize(
    ("verdicts", "patience", "expected"),
    [
        ("cvc", Patience(), [OK, FIRING, RESOLVED]),
        ("cvvvc", Patience(after(3)), [OK, PENDING, PENDING, FIRING, RESOLVED]),
        ("vvcvv", Patience(after(3)), [PENDING, PENDING, OK, PENDING, PENDING]),
        ("vvv", Patience(after(1, 7200)), [PENDING, PENDING, FIRING]),
        ("vccvcc", Patience(resolves_after=after(2)), [FIRING, FIRING, RESOLVED, FIRING, FIRING, RESOLVED]),
        ("vbbcb", Patience(), [FIRING, FIRING, FIRING, RESOLVED, RESOLVED]),
        ("vbcb", Patience(after(3)), [PENDING, PENDING, OK, OK]),
        ("vbb", Patience(after(3)), [PENDING, PENDING, FIRING]),
        ("cnc", Patience(), [OK, NO_DATA, OK]),
        ("vnnv", Patience(), [FIRING, FIRING, FIRING, FIRING]),
        ("vnb", Patience(), [FIRING, FIRING, FIRING]),
        ("vnv", Patience(after(2)), [PENDING, NO_DATA, PENDING]),
        ("vnnc", Patience(no_data_after=after(2)), [FIRING, FIRING, NO_DATA, RESOLVED]),
        ("vnnv", Patience(no_data_after=after(2)), [FIRING, FIRING, NO_DATA, FIRING]),
        ("ceec", Patience(), [OK, OK, ERROR, RESOLVED]),
        ("cec", Patience(), [OK, OK, OK]),
        ("veeec", Patience(), [FIRING, FIRING, FIRING, FIRING, RESOLVED]),
        ("vev", Patience(after(2)), [PENDING, PENDING, FIRING]),
        ("ee", Patience(error_after=timedelta()), [ERROR, ERROR]),
    ],
)
def test_a_course_of_verdicts(verdicts: str, patience: Patience, expected: list[AlertState]) -> None:
    assert states(verdicts, patience) == expected


def test_a_period_judged_anew_counts_once_and_takes_the_place_of_what_it_was() -> None:
    """Three looks at one hour are one violation; when its rows are corrected, it is none."""
    first, second = hours("vv")
    patience = Patience(after(2))
    cell = CellState()
    for seen in (first, first, first):
        cell = step(cell, seen, patience)
    assert cell.state is PENDING
    fires = step(cell, second, patience)
    assert fires.state is FIRING
    corrected = step(fires, hours("vc")[1], patience)
    assert corrected.state is RESOLVED
    assert step(corrected, second, patience).state is FIRING


def test_the_example_of_the_explanation_goes_as_it_says() -> None:
    """More than 100 is too much, 90 clears, two days fire: the table of docs/explanation/alerts.md."""
    bounds = Bounds(high=Decimal(100), clear_high=Decimal(90))
    days = [(1, 80), (2, 101), (3, 120), (4, 95), (5, None), (6, 90), (6, 102)]
    seen = [
        Observation(bounds.judge(None if value is None else Decimal(value)), START + day * HOUR, START + day * HOUR)
        for day, value in days
    ]
    found = [cell.state for cell, _ in follow(CellState(), seen, Patience(after(2)))]
    assert found == [OK, PENDING, FIRING, FIRING, FIRING, RESOLVED, PENDING]


def test_an_older_period_changes_nothing() -> None:
    first, second = hours("vc")
    cell = step(CellState(), second, Patience())
    assert step(cell, first, Patience()) == cell


def test_verdicts_by_another_definition_count_for_nothing_but_what_fires_goes_on() -> None:
    one, two, three = hours("vvb")
    patience = Patience(after(2))
    pending = step(CellState(), Observation(one.verdict, one.at, one.period, 1), patience)
    assert step(pending, Observation(two.verdict, two.at, two.period, 2), patience).state is PENDING
    fires = step(pending, Observation(two.verdict, two.at, two.period, 1), patience)
    assert step(fires, Observation(three.verdict, three.at, three.period, 2), patience).state is FIRING


# --- laws -------------------------------------------------------------------------------------------------------------

histories = st.text("vbcne", max_size=40)
holds = st.builds(Hold, periods=st.integers(1, 4), seconds=st.sampled_from([0, 1800, 7200]))
patiences = st.builds(
    Patience,
    fires_after=holds,
    resolves_after=holds,
    no_data_after=st.none() | holds,
    error_after=st.sampled_from([timedelta(), timedelta(minutes=90)]),
)


def transitions(cell: CellState, seen: Sequence[Observation], patience: Patience) -> tuple[CellState, list[Transition]]:
    found = []
    for state, transition in follow(cell, seen, patience):
        cell = state
        found += [transition] if transition else []
    return cell, found


@given(histories, patiences, st.lists(st.integers(0, 40), max_size=5))
def test_however_a_history_is_cut_it_gives_the_same_transitions(
    verdicts: str, patience: Patience, cuts: list[int]
) -> None:
    """State is all that is remembered between two chunks, and it survives being written down."""
    history = hours(verdicts)
    whole = transitions(CellState(), history, patience)
    cell, found = CellState(), []
    edges = [0, *sorted(cuts), len(history)]
    for start, end in pairwise(edges):
        cell = CellState.model_validate_json(cell.model_dump_json())
        cell, more = transitions(cell, history[start:end], patience)
        found += more
    assert (cell, found) == whole


@given(histories, patiences)
def test_it_fires_only_after_so_many_violations_in_a_row(verdicts: str, patience: Patience) -> None:
    """Counted back from where it fires, failed evaluations left out: violated, or between while nothing cleared it."""
    cell = CellState()
    for number, seen in enumerate(hours(verdicts)):
        after_it = step(cell, seen, patience)
        if after_it.state is FIRING and not cell.open:
            before = [letter for letter in verdicts[: number + 1] if letter != "e"]
            run = before[-patience.fires_after.periods :]
            assert len(run) == patience.fires_after.periods
            assert set(run) <= {"v", "b"}
            assert "v" in "".join(before).replace("n", "c").rpartition("c")[2]
        cell = after_it


@given(histories, patiences)
def test_what_is_not_known_neither_fires_nor_resolves(verdicts: str, patience: Patience) -> None:
    for _, transition in follow(CellState(), hours(verdicts), patience):
        if transition is not None and transition.cause.verdict in {None, Verdict.NO_VALUE}:
            assert transition.state in {ERROR, NO_DATA}
        if transition is not None and transition.cause.verdict is None:
            assert transition.previous is not FIRING


@given(histories, patiences)
def test_only_a_clear_value_resolves(verdicts: str, patience: Patience) -> None:
    """What was an error only is over with any value that is no violation."""
    for _, transition in follow(CellState(), hours(verdicts), patience):
        if transition is not None and transition.state is RESOLVED and transition.previous is not ERROR:
            assert transition.cause.verdict is Verdict.CLEAR


@given(histories, patiences)
def test_seeing_the_same_again_changes_nothing(verdicts: str, patience: Patience) -> None:
    cell = CellState()
    for seen in hours(verdicts.replace("e", "")):
        cell = step(cell, seen, patience)
        assert step(cell, seen, patience) == cell


@given(st.lists(st.decimals(90, 100, places=3)), st.booleans(), patiences)
def test_inside_the_hysteresis_nothing_flaps(values: list[Decimal], fires: bool, patience: Patience) -> None:
    """Above 100, cleared below 90: whatever happens in between, an alert that fires goes on, and no other begins."""
    bounds = Bounds(high=Decimal(100), clear_high=Decimal("89.999"))
    at_once = Patience(Hold(), patience.resolves_after)
    history = [Decimal(101 if fires else 80), *values]
    seen = [
        Observation(bounds.judge(value), START + number * HOUR, START + (number - 1) * HOUR)
        for number, value in enumerate(history)
    ]
    _, found = transitions(CellState(), seen, at_once)
    assert [each.state for each in found] == ([FIRING] if fires else [])
