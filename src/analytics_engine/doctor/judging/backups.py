"""Rules on backups, where there are to be some."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from analytics_engine.doctor.findings import Check, Finding, Severity
from analytics_engine.doctor.seen import Seen

UNREADABLE = Check(
    name="backups.unreadable",
    severity=Severity.WARNING,
    what="The backups at {url} cannot be read: {detail}",
    why="They can neither be restored nor be checked from here.",
    fix="Check AE_BACKUP_URL and AE_BACKUP_KEY_FILE, then: analytics-engine backup list; where none was ever made: "
    "analytics-engine backup run daily",
)
NONE = Check(
    name="backups.none",
    severity=Severity.WARNING,
    what="There is no backup of the database at {url}.",
    why="What is lost cannot be brought back.",
    fix="analytics-engine backup run daily; `analytics-engine backup serve` makes them by their schedule",
)
TOO_OLD = Check(
    name="backups.too-old",
    severity=Severity.WARNING,
    what="The newest backup ({backup}) is {age_h} h old; there should have been another one since.",
    why="All that was changed since then may be lost.",
    fix="analytics-engine backup run daily; then see why `analytics-engine backup serve` did not make it",
)
NEVER_PROVEN = Check(
    name="backups.never-proven",
    severity=Severity.WARNING,
    what="No backup at {url} was ever restored in a drill.",
    why="Whether they can be restored is not known.",
    fix="analytics-engine backup drill",
)
PROVEN_LONG_AGO = Check(
    name="backups.proven-long-ago",
    severity=Severity.WARNING,
    what="The last drill was {age_days} days ago (of {backup}); there should have been another one since.",
    why="Whether the backups made since then can be restored is not known.",
    fix="analytics-engine backup drill",
)

CHECKS = (UNREADABLE, NONE, TOO_OLD, NEVER_PROVEN, PROVEN_LONG_AGO)


def judge(seen: Seen) -> Iterator[Finding]:
    """Yield what is wrong with the backups at AE_BACKUP_URL."""
    facts, now = seen.backups, datetime.now(UTC)
    if facts is None or not facts.configured:
        return
    if facts.unreadable:
        yield UNREADABLE.found(url=facts.url, detail=facts.unreadable)
        return
    if facts.made_at is None:
        yield NONE.found(url=facts.url)
        return
    if facts.overdue:
        yield TOO_OLD.found(backup=facts.newest, age_h=round((now - facts.made_at).total_seconds() / 3600))
    if facts.proven_at is None:
        yield NEVER_PROVEN.found(url=facts.url)
    elif facts.unproven:
        yield PROVEN_LONG_AGO.found(backup=facts.proven, age_days=(now - facts.proven_at).days)
