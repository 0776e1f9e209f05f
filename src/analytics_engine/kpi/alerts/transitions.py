"""The states of one cell of an alert, and what an observation makes of them. A pure fold: no clock, no memory but this.

Source of the states: Prometheus' ``for`` and ``keep_firing_for``, Grafana's no data and error; where they would
resolve an alert that could not be judged, this one goes on firing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import Field

from analytics_engine.kpi.alerts.conditions import Verdict
from analytics_engine.kpi.model.base import Definition


class AlertState(StrEnum):
    """How a cell stands. ``resolved`` is fine again, after it fired or was in error, until something else happens."""

    OK = "ok"
    PENDING = "pending"
    FIRING = "firing"
    RESOLVED = "resolved"
    NO_DATA = "no_data"
    ERROR = "error"


class Hold(Definition):
    """How long something must hold: over so many judged periods in a row, and for so many seconds between them.

    Both must be met. One period and 0 seconds is at once.
    """

    periods: int = Field(default=1, ge=1, le=1_000)
    seconds: int = Field(default=0, ge=0, le=366 * 86_400)


class Run(Definition):
    """The same verdict, several times in a row: since when, and over how many judged periods."""

    verdict: Verdict
    since: datetime
    count: int = 1

    def holds(self, hold: Hold, at: datetime) -> bool:
        """Return whether it has gone on for long enough."""
        return self.count >= hold.periods and at - self.since >= timedelta(seconds=hold.seconds)


class CellState(Definition):
    """All that is remembered of one cell.

    Args:
        run: the verdicts up to the last judged period.
        before: the verdicts before it, so that the period can be judged anew when its rows are corrected.
        period: the start of the last judged period; null where the present is judged.
        definition: the version of the KPI that it was judged by.
        failing_since: when evaluations began to fail, while they do.
        open: it fired, and was not resolved since.
    """

    state: AlertState = AlertState.OK
    run: Run | None = None
    before: Run | None = None
    period: datetime | None = None
    definition: int | None = None
    failing_since: datetime | None = None
    open: bool = False


@dataclass(frozen=True, slots=True)
class Observation:
    """What was seen of a cell: a verdict, or none where the evaluation failed.

    Args:
        at: when it was so: the end of a judged period, else the moment of the evaluation.
        period: the start of the judged period; None where the present is judged.
    """

    verdict: Verdict | None
    at: datetime
    period: datetime | None = None
    definition: int | None = None


@dataclass(frozen=True, slots=True)
class Patience:
    """How long what must hold.

    Args:
        fires_after: a violation, before the alert fires.
        resolves_after: a clear value, before an alert that fires is resolved.
        no_data_after: no value, before an alert that fires is said to have no data; None: it goes on firing.
        error_after: failing evaluations, before an alert that does not fire is said to be in error.
    """

    fires_after: Hold = field(default_factory=Hold)
    resolves_after: Hold = field(default_factory=Hold)
    no_data_after: Hold | None = None
    error_after: timedelta = timedelta(seconds=120)


@dataclass(frozen=True, slots=True)
class Transition:
    """A cell went from one state to another, because of an observation."""

    previous: AlertState
    state: AlertState
    cause: Observation


def step(cell: CellState, seen: Observation, patience: Patience) -> CellState:
    """Return a cell's state after an observation.

    A period that was judged before the last one is not judged again; the last one is, in place of what it was.
    A failed evaluation neither fires nor resolves. Verdicts by another version of the KPI count for nothing, but an
    alert that fires goes on until the present version clears it.
    """
    if seen.verdict is None:
        return _failed(cell, seen, patience)
    known = cell.period if seen.period is not None else None
    if known is not None and seen.period is not None and seen.period < known:
        return cell
    before = cell.before if known is not None and seen.period == known else cell.run
    if cell.definition != seen.definition:
        before = None
    run = _continued(before, _settled(seen.verdict, before, is_open=cell.open), seen.at)
    state = _judged(cell, run, seen.at, patience)
    return CellState(
        state=state,
        run=run,
        before=before,
        period=seen.period,
        definition=seen.definition,
        open=state is AlertState.FIRING or (cell.open and state is not AlertState.RESOLVED),
    )


def follow(
    cell: CellState, history: Iterable[Observation], patience: Patience
) -> Iterator[tuple[CellState, Transition | None]]:
    """Yield the state after each observation, with the transition where there was one."""
    for seen in history:
        after = step(cell, seen, patience)
        yield after, Transition(cell.state, after.state, seen) if after.state is not cell.state else None
        cell = after


def _settled(verdict: Verdict, before: Run | None, *, is_open: bool) -> Verdict:
    """Return what a value between the threshold and its clear value counts as: what was so before goes on."""
    if verdict is not Verdict.BETWEEN:
        return verdict
    violated = is_open or (before is not None and before.verdict is Verdict.VIOLATED)
    return Verdict.VIOLATED if violated else Verdict.CLEAR


def _continued(before: Run | None, verdict: Verdict, at: datetime) -> Run:
    if before is None or before.verdict is not verdict:
        return Run(verdict=verdict, since=at)
    return Run(verdict=verdict, since=before.since, count=before.count + 1)


def _judged(cell: CellState, run: Run, at: datetime, patience: Patience) -> AlertState:
    match run.verdict:
        case Verdict.VIOLATED:
            return AlertState.FIRING if cell.open or run.holds(patience.fires_after, at) else AlertState.PENDING
        case Verdict.NO_VALUE:
            forgotten = patience.no_data_after is not None and run.holds(patience.no_data_after, at)
            return AlertState.FIRING if cell.state is AlertState.FIRING and not forgotten else AlertState.NO_DATA
        case _:
            if cell.open:
                return AlertState.RESOLVED if run.holds(patience.resolves_after, at) else cell.state
            return AlertState.RESOLVED if cell.state in {AlertState.RESOLVED, AlertState.ERROR} else AlertState.OK


def _failed(cell: CellState, seen: Observation, patience: Patience) -> CellState:
    since = cell.failing_since or seen.at
    lasting = seen.at - since >= patience.error_after and cell.state is not AlertState.FIRING
    state = AlertState.ERROR if lasting else cell.state
    return cell.model_copy(update={"failing_since": since, "state": state})
