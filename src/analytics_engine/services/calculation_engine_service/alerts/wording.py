"""What is said of an alert's cell, in words for people."""

from __future__ import annotations

from analytics_engine.kpi.alerts.conditions import (
    ChangeCondition,
    LatenessCondition,
    NoDataCondition,
    TargetCondition,
)
from analytics_engine.kpi.alerts.transitions import AlertState
from analytics_engine.services.calculation_engine_service.alerts.schemas import AlertRule, Judged, Members

_FINER_THAN_DAY = frozenset({"second", "minute", "hour"})
_STATES = {
    AlertState.OK: "is fine",
    AlertState.PENDING: "is violated, and waits to see whether it lasts",
    AlertState.FIRING: "fires",
    AlertState.RESOLVED: "is resolved",
    AlertState.NO_DATA: "has no data",
    AlertState.ERROR: "cannot be judged",
}


def summary(rule: AlertRule, state: AlertState, cell: Members, *, period: str, value: str | None, reason: str) -> str:
    """Return one line: which alert, of what, how it stands, and why."""
    members = ", ".join(f"{name} {member or '(none)'}" for name, member in cell.items())
    where = f" ({members})" if cell else ""
    text = f"{rule.name}{where} {_STATES[state]}"
    if state is AlertState.ERROR:
        return f"{text}: {reason}"
    found = _found(rule, value, reason)
    when = f" in the {rule.grain.replace('_', ' ')} of {_date(rule, period)}" if period else ""
    return f"{text}: {found}{when}; wanted is {wanted(rule)}."


def wanted(rule: AlertRule) -> str:
    """Return what a rule waits for to be otherwise."""
    match rule.condition:
        case NoDataCondition():
            return "a value"
        case LatenessCondition(behind_s=behind):
            return f"data that is at most {behind} s behind"
        case TargetCondition(off_by_percent=off):
            return f"the target, off by at most {off:f} %" if off else "the target"
        case condition:
            unit = " %" if isinstance(condition, ChangeCondition) and condition.measured_in == "percent" else ""
            bounds = [
                f"at least {condition.below:f}{unit}" if condition.below is not None else "",
                f"at most {condition.above:f}{unit}" if condition.above is not None else "",
            ]
            return " and ".join(bound for bound in bounds if bound)


def _found(rule: AlertRule, value: str | None, reason: str) -> str:
    if isinstance(rule.condition, LatenessCondition):
        return f"{reason}, {value} s behind" if value is not None else reason
    if value is None:
        return f"{rule.kpi} has no value ({reason})" if reason else f"{rule.kpi} has no value"
    if isinstance(rule.condition, ChangeCondition):
        unit = " %" if rule.condition.measured_in == "percent" else ""
        return f"{rule.kpi} changed by {value}{unit} against the {rule.condition.against.value.replace('_', ' ')}"
    return f"{rule.kpi} is {value}"


def _date(rule: AlertRule, period: str) -> str:
    start = period.partition("/")[0]
    return start[:16].replace("T", " ") if rule.grain in _FINER_THAN_DAY else start[:10]


def explained(rule: AlertRule, *, period: str, loaded_until: str) -> str:
    """Return which period was judged, and why that one."""
    if isinstance(rule.condition, LatenessCondition):
        return f"Judged is how far what {rule.kpi} reads is loaded: {loaded_until or 'nothing yet'}."
    if not period:
        return f"No whole {rule.grain} may be judged yet; loaded is {loaded_until or 'nothing yet'}."
    if rule.judged is Judged.RUNNING:
        return f"Judged is the {rule.grain} that runs, {period}; wanted is {wanted(rule)}."
    over = "is over" if isinstance(rule.condition, NoDataCondition) else "is over and loaded to its end"
    return f"Judged is {period}, the newest {rule.grain} that {over}; wanted is {wanted(rule)}."
