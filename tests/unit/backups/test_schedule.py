"""When backups and drills are due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from analytics_engine.backups.manifest import Kind
from analytics_engine.backups.schedule import Schedule

SUNDAY = datetime(2026, 11, 29, 5, 0, tzinfo=UTC)
SCHEDULE = Schedule({Kind.DAILY: "0 2 * * *"}, drill="0 5 * * 0")


def test_the_first_ones_are_due_at_once() -> None:
    assert SCHEDULE.due(Kind.DAILY, last=None, now=SUNDAY)
    assert SCHEDULE.drill_due(last=None, now=SUNDAY)


def test_a_time_that_was_missed_is_made_up_for() -> None:
    assert SCHEDULE.drill_due(last=SUNDAY - timedelta(days=20), now=SUNDAY + timedelta(days=3))
    assert SCHEDULE.due(Kind.DAILY, last=SUNDAY - timedelta(days=3), now=SUNDAY)


def test_nothing_is_due_between_two_times() -> None:
    assert not SCHEDULE.drill_due(last=SUNDAY, now=SUNDAY + timedelta(days=6))
    assert not SCHEDULE.due(Kind.DAILY, last=SUNDAY - timedelta(hours=2), now=SUNDAY)
