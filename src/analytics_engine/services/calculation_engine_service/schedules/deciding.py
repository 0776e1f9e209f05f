"""Which ticks of a schedule run, and why others do not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby

ON_TIME = timedelta(seconds=60)
"""A tick that is found no later than this is not a missed one."""


class Missed(StrEnum):
    """What is done about ticks that nobody was there for: the newest is run, all are, or none."""

    LATEST = "latest"
    ALL = "all"
    SKIP = "skip"


class Skipped(StrEnum):
    """Why a tick has no job."""

    MISSED = "missed"
    TOO_OLD = "too_old"
    OVERLAP = "overlap"
    LIMIT = "limit"


@dataclass(frozen=True)
class Decision:
    """What becomes of a tick; of several that are skipped together ``through`` is the last."""

    tick: datetime
    through: datetime
    skipped: Skipped | None = None


@dataclass(frozen=True)
class Rules:
    """How a schedule treats ticks that are late."""

    missed: Missed
    within: timedelta


def decide(due: Sequence[datetime], *, now: datetime, rules: Rules, occupied: bool) -> list[Decision]:
    """Return what becomes of the ticks that are due, the oldest first.

    Args:
        due: at least one, in order, none after ``now``.
        now: the time of deciding.
        rules: how the schedule treats ticks that are late.
        occupied: a job of an earlier tick has not ended, and this one may not run beside it.
    """
    reasons = [(tick, _reason(tick, newest=due[-1], now=now, rules=rules, occupied=occupied)) for tick in due]
    return list(_together(reasons))


def _reason(tick: datetime, *, newest: datetime, now: datetime, rules: Rules, occupied: bool) -> Skipped | None:
    on_time = tick == newest and now - tick <= ON_TIME
    if not on_time:
        if now - tick > rules.within:
            return Skipped.TOO_OLD
        if rules.missed is Missed.SKIP or (rules.missed is Missed.LATEST and tick != newest):
            return Skipped.MISSED
    return Skipped.OVERLAP if occupied else None


def _together(reasons: Sequence[tuple[datetime, Skipped | None]]) -> Iterator[Decision]:
    for reason, group in groupby(reasons, key=lambda each: each[1]):
        ticks = [tick for tick, _ in group]
        if reason is None:
            yield from (Decision(tick, tick) for tick in ticks)
        else:
            yield Decision(ticks[0], ticks[-1], reason)
