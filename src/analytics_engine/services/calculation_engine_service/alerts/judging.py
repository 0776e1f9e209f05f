"""From an answer to verdicts, and from verdicts to the states of an alert's cells. Replays share it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import assert_never

from analytics_engine.contracts.answers import Cell, ComparedValues, KpiResult
from analytics_engine.errors import QueryError
from analytics_engine.kpi.alerts.conditions import (
    Bounds,
    ChangeCondition,
    LatenessCondition,
    NoDataCondition,
    TargetCondition,
    ThresholdCondition,
    Verdict,
)
from analytics_engine.kpi.alerts.transitions import AlertState, CellState, Observation, Patience, follow
from analytics_engine.kpi.model.catalog import KpiVersion
from analytics_engine.kpi.model.time import Period
from analytics_engine.kpi.model.zones import zone_named
from analytics_engine.services.calculation_engine_service.alerts.asking import MOST_CELLS, Asked
from analytics_engine.services.calculation_engine_service.alerts.schemas import AlertRule, Members

WHOLE = "[]"
"""The cell of an alert without dimensions; with dimensions, the alert itself: whether it can be judged at all."""
FORGOTTEN_AFTER = 100
"""How many judged periods a member of a dimension may have no value in, before its cell is forgotten."""
_ABSENT = "no rows: the cell is not in the answer"
_PERCENT = 100


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of a cell: its verdict, by which value and threshold, of which period."""

    cell: Members
    observation: Observation
    period: str = ""
    value: str | None = None
    threshold: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Moved:
    """A cell before and after an observation."""

    key: str
    before: CellState
    after: CellState
    seen: Seen

    @property
    def is_change(self) -> bool:
        return self.before.state is not self.after.state

    @property
    def is_over(self) -> bool:
        """Return whether a member of a dimension had no rows for so long that its cell is forgotten."""
        run = self.after.run
        gone = run is not None and run.verdict is Verdict.NO_VALUE and run.count > FORGOTTEN_AFTER
        return gone and self.after.state is AlertState.NO_DATA and not self.after.open and bool(self.seen.cell)


@dataclass(frozen=True)
class JudgedPeriod:
    """What was seen in one period, by cell."""

    at: datetime
    start: datetime | None
    label: str
    cells: Mapping[str, Seen]


def patience_of(rule: AlertRule) -> Patience:
    """Return how long what must hold by a rule."""
    return Patience(rule.for_, rule.keep_firing_for, rule.no_data_after, timedelta(seconds=rule.error_after_s))


def judge(rule: AlertRule, asked: Asked) -> tuple[JudgedPeriod, ...]:
    """Return what a rule sees in an answer, period by period in the order of time.

    Raises:
        QueryError: the answer does not have what the rule needs: the target is gone, or there are too many cells.
    """
    if isinstance(rule.condition, LatenessCondition):
        return (_lateness(rule.condition, asked),)
    if asked.result is None:
        return ()
    rows: dict[str, list[int]] = {_label(period, asked.result): [] for period in asked.periods}
    for row in range(asked.result.row_count):
        rows[_span(asked.result, row)].append(row)
    until_loaded = not rule.of_the_present and rule.condition.kind != "no_data"
    judged = tuple(
        _period(rule, asked, period, rows[_label(period, asked.result)])
        for period in asked.periods
        if not until_loaded or all(asked.result.period.complete[row] for row in rows[_label(period, asked.result)])
    )
    if any(len(period.cells) > MOST_CELLS for period in judged):
        raise QueryError(
            f"A period has more than {MOST_CELLS:,} cells, which are too many for one alert.",
            remedy="Use fewer dimensions, or filters.",
        )
    return judged


def advance(
    cells: Mapping[str, tuple[Members, CellState]], periods: Sequence[JudgedPeriod], rule: AlertRule, kpi_version: int
) -> Iterator[Moved]:
    """Yield what becomes of each cell, period by period: of those in the answer, and of those known that are not."""
    known = {key: members for key, (members, _) in cells.items()}
    states = {key: state for key, (_, state) in cells.items()}
    for period in periods:
        known |= {key: seen.cell for key, seen in period.cells.items()}
        for key, members in list(known.items()):
            seen = period.cells.get(key) or _absent(rule, period, kpi_version, is_alert=key == WHOLE, members=members)
            moved = _move(key, states.pop(key, CellState()), seen, rule)
            if moved.is_over:
                del known[key]
            else:
                states[key] = moved.after
            yield moved


def fail(cells: Mapping[str, tuple[Members, CellState]], rule: AlertRule, at: datetime, reason: str) -> Moved:
    """Return what becomes of an alert that could not be judged: of its one cell, or of the alert as a whole."""
    _, state = cells.get(WHOLE, ({}, CellState()))
    return _move(WHOLE, state, Seen({}, Observation(None, at), reason=reason), rule)


def _move(key: str, before: CellState, seen: Seen, rule: AlertRule) -> Moved:
    ((after, _),) = follow(before, [seen.observation], patience_of(rule))
    return Moved(key, before, after, seen)


def _absent(rule: AlertRule, period: JudgedPeriod, kpi_version: int, *, is_alert: bool, members: Members) -> Seen:
    """Return what is seen of a cell that is not in the answer; the alert as a whole can be judged."""
    if is_alert and rule.dimensions:
        verdict, reason = Verdict.CLEAR, ""
    else:
        verdict, reason = _of_value(None, rule, None), _ABSENT
    observation = Observation(verdict, period.at, period.start, kpi_version)
    return Seen(members, observation, period.label, reason=reason)


# --- one period -------------------------------------------------------------------------------------------------------


def _period(rule: AlertRule, asked: Asked, period: Period, rows: Sequence[int]) -> JudgedPeriod:
    result, kpi = asked.result, asked.kpi
    assert result is not None
    at, start = (asked.now, None) if rule.of_the_present else (period.end, period.start)
    label = _label(period, result)
    bounds = _bounds(rule, kpi)
    cells: dict[str, Seen] = {}
    for row in rows:
        members = [column.values[row] for column in result.dimensions]
        value, reason = _value(rule, result, row)
        near = bounds.nearest(value) if bounds is not None else None
        cells[_key(members)] = Seen(
            cell={column.name: _text(member) for column, member in zip(result.dimensions, members, strict=True)},
            observation=Observation(_of_value(value, rule, bounds), at, start, kpi.version),
            period=label,
            value=_plain(value),
            threshold=_plain(near),
            reason=reason,
        )
    return JudgedPeriod(at, start, label, cells)


def _bounds(rule: AlertRule, kpi: KpiVersion) -> Bounds | None:
    match rule.condition:
        case ThresholdCondition() | ChangeCondition() as condition:
            return condition.bounds()
        case TargetCondition() as condition:
            target = kpi.definition.target.value
            if target is None:
                raise QueryError(
                    f"{rule.kpi} has no target any more, so nothing is off it.",
                    remedy="Declare one, or give the alert a threshold.",
                )
            return condition.bounds(target, kpi.definition.direction)
        case NoDataCondition() | LatenessCondition():
            return None
        case never:
            assert_never(never)


def _of_value(value: Decimal | None, rule: AlertRule, bounds: Bounds | None) -> Verdict:
    if isinstance(rule.condition, NoDataCondition):
        return Verdict.VIOLATED if value is None else Verdict.CLEAR
    return Verdict.NO_VALUE if bounds is None else bounds.judge(value)


def _value(rule: AlertRule, result: KpiResult, row: int) -> tuple[Decimal | None, str]:
    """Return what is judged of a row, exactly, and why there is none."""
    column = result.kpis[0]
    if not isinstance(rule.condition, ChangeCondition):
        explained = column.reasons.get(row)
        return _exact(column.values[row]), explained.detail if explained else ""
    against = rule.condition.against.value
    found = next(each for each in column.comparisons if each.comparison.value == against)
    values = found.growth if rule.condition.measured_in == "percent" else found.change
    return _changed(values, row, _PERCENT if rule.condition.measured_in == "percent" else 1)


def _changed(values: ComparedValues | None, row: int, factor: int) -> tuple[Decimal | None, str]:
    if values is None:
        return None, "times have no change"
    explained = values.reasons.get(row)
    value = _exact(values.values[row])
    return None if value is None else value * factor, explained.detail if explained else ""


# --- lateness ---------------------------------------------------------------------------------------------------------


def _lateness(condition: LatenessCondition, asked: Asked) -> JudgedPeriod:
    never = [model for model in asked.expects if model not in asked.loaded]
    behind: Decimal | None = None
    reason = f"{', '.join(never)} was never loaded" if never else ""
    if not never:
        model = min(asked.expects, key=lambda each: asked.loaded[each])
        until = asked.loaded[model]
        behind = Decimal(max(0, int((asked.now - until).total_seconds())))
        reason = f"{model} is loaded until {until.isoformat()}"
    late = behind is None or behind > condition.behind_s
    observation = Observation(Verdict.VIOLATED if late else Verdict.CLEAR, asked.now, None, asked.kpi.version)
    seen = Seen({}, observation, "", _plain(behind), str(condition.behind_s), reason)
    return JudgedPeriod(asked.now, None, "", {WHOLE: seen})


# --- values -----------------------------------------------------------------------------------------------------------


def _exact(value: Cell) -> Decimal | None:
    return None if value is None or isinstance(value, bool) else Decimal(str(value))


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def _text(member: Cell) -> str:
    return "" if member is None else str(member).lower() if isinstance(member, bool) else str(member)


def _key(members: Sequence[Cell]) -> str:
    return json.dumps(members, ensure_ascii=False, separators=(",", ":"))


def _label(period: Period, result: KpiResult) -> str:
    zone = zone_named(result.time_zone)
    return "/".join(edge.astimezone(zone).isoformat() for edge in (period.start, period.end))


def _span(result: KpiResult, row: int) -> str:
    return f"{result.period.start[row]}/{result.period.end[row]}"
