"""A rule tried on history: what it would have told, had it been active."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from analytics_engine.contracts.calculation import TimeRange
from analytics_engine.errors import InvalidInput
from analytics_engine.kpi.alerts.conditions import LatenessCondition
from analytics_engine.kpi.alerts.transitions import AlertState, CellState
from analytics_engine.kpi.model.time import Period, Window, is_whole, periods
from analytics_engine.services.calculation_engine_service.alerts.asking import (
    MOST_CAUGHT_UP,
    Questions,
    Standing,
    comparisons_of,
    subject_of,
)
from analytics_engine.services.calculation_engine_service.alerts.judging import Moved, advance, judge
from analytics_engine.services.calculation_engine_service.alerts.schemas import (
    AlertRule,
    Judged,
    Members,
    Replay,
    ReplayedCell,
    ReplayedChange,
)
from analytics_engine.services.calculation_engine_service.service import CalculationService
from analytics_engine.services.calculation_engine_service.times import window_of

MOST_PERIODS = 10_000
"""The most periods of one replay without dimensions: more than a year of hours."""
MOST_PERIODS_OF_CELLS = 1_000
"""The most of one with dimensions."""
MOST_CHANGES = 1_000
"""The most changes that are listed; the sums are of all."""
_CHUNK = 2_000


@dataclass
class _Tally:
    """How often and how long a cell fired."""

    cell: Members
    state: AlertState = AlertState.OK
    fired: int = 0
    firing: timedelta = timedelta()
    longest: timedelta = timedelta()
    since: datetime | None = None

    def take(self, moved: Moved) -> None:
        at, self.state = moved.seen.observation.at, moved.after.state
        if self.state is AlertState.FIRING and self.since is None:
            self.fired += 1
            self.since = at
        elif self.state is not AlertState.FIRING:
            self.end(at)

    def end(self, at: datetime) -> None:
        if self.since is not None:
            self.firing += at - self.since
            self.longest = max(self.longest, at - self.since)
            self.since = None


@dataclass
class _Course:
    """What happened so far in a replay."""

    rule: AlertRule
    cells: dict[str, tuple[Members, CellState]] = field(default_factory=dict)
    tallies: dict[str, _Tally] = field(default_factory=dict)
    changes: list[ReplayedChange] = field(default_factory=list)
    count: int = 0

    def take(self, moved: Moved) -> None:
        self.cells[moved.key] = (moved.seen.cell, moved.after)
        if moved.is_over:
            del self.cells[moved.key]
        if not moved.is_change:
            return
        self.tallies.setdefault(moved.key, _Tally(moved.seen.cell)).take(moved)
        self.count += 1
        if len(self.changes) < MOST_CHANGES:
            self.changes.append(_change(moved))

    def end(self, at: datetime) -> list[ReplayedCell]:
        for tally in self.tallies.values():
            tally.end(at)
        return [
            ReplayedCell(
                cell=tally.cell,
                state=tally.state,
                fired=tally.fired,
                firing_s=int(tally.firing.total_seconds()),
                longest_s=int(tally.longest.total_seconds()),
            )
            for _, tally in sorted(self.tallies.items())
        ]


class Replayer:
    """Judges history as checks would have: the same questions, the same judgement, many periods in one query."""

    def __init__(self, service: CalculationService) -> None:
        self._service = service
        self._questions = Questions(service)

    async def replay(self, client_id: str, rule: AlertRule, span: TimeRange) -> Replay:
        """Return what a rule would have done.

        Raises:
            InvalidInput: the past does not tell what it asks, or the span has too many periods, or none.
            KpiNotFound, FormulaError, QueryError: it asks for what there is not.
            DependencyUnavailable, DependencyTimeout: the engine, or what tells the definitions, does not answer.
        """
        if isinstance(rule.condition, LatenessCondition):
            raise InvalidInput(
                "When data was loaded in the past is not known, so lateness cannot be replayed.",
                remedy="Replay another condition, or save the rule and see.",
                place="rule.condition",
            )
        whole = rule.model_copy(update={"judged": Judged.COMPLETE})
        subject, course = subject_of(whole), _Course(whole)
        watermark = 0
        async with self._service.engine.snapshot(client_id=client_id) as snapshot:
            standing = await self._questions.standing(snapshot, client_id, subject)
            judged = _periods(standing, span, whole)
            for chunk in _chunks(judged, MOST_CAUGHT_UP if rule.dimensions else _CHUNK):
                asked = await self._questions.over(snapshot, standing, comparisons_of([whole]), chunk)
                watermark = asked.watermark
                for moved in advance(course.cells, judge(whole, asked), whole, asked.kpi.version):
                    course.take(moved)
        cells = course.end(judged[-1].end)
        return Replay(
            periods=len(judged),
            judged_from=judged[0].start.astimezone(standing.calendar.tz).isoformat(),
            judged_until=judged[-1].end.astimezone(standing.calendar.tz).isoformat(),
            fired=sum(cell.fired for cell in cells),
            changes=course.changes,
            cells=cells,
            truncated=course.count > len(course.changes),
            watermark=watermark,
            notes=list(_notes(rule)),
        )


def _periods(standing: Standing, span: TimeRange, rule: AlertRule) -> tuple[Period, ...]:
    """Return the whole periods of a span that may be judged."""
    calendar, until = standing.calendar, standing.judged_until
    window: Window = window_of(span, calendar, standing.now)
    wanted = (
        each
        for each in periods(window, rule.grain, calendar)
        if until is not None and each.end <= until and is_whole(each, rule.grain, calendar)
    )
    found = tuple(wanted)
    if not found:
        raise InvalidInput(
            f"The range has no whole {rule.grain} that is over and loaded.",
            remedy="Ask a range within what is loaded.",
            place="range",
        )
    most = MOST_PERIODS_OF_CELLS if rule.dimensions else MOST_PERIODS
    if len(found) > most:
        raise InvalidInput(
            f"The range has {len(found):,} periods by {rule.grain}; {most:,} are the most of a replay like this.",
            remedy="Ask a shorter range, or a coarser grain.",
            place="range",
        )
    return found


def _chunks(judged: Sequence[Period], size: int) -> Iterator[Sequence[Period]]:
    for first in range(0, len(judged), size):
        yield judged[first : first + size]


def _notes(rule: AlertRule) -> Iterator[str]:
    yield "History is judged by the rows as they are now, with corrections that came later."
    if rule.judged is Judged.RUNNING:
        yield "How a period looked while it ran is not known: each was judged once, as it ended."


def _change(moved: Moved) -> ReplayedChange:
    seen = moved.seen
    return ReplayedChange(
        cell=seen.cell,
        previous=moved.before.state,
        state=moved.after.state,
        at=seen.observation.at,
        period=seen.period,
        value=seen.value,
        threshold=seen.threshold,
        reason=seen.reason,
    )
