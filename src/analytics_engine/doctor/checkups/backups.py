"""The steps on backups, of whatever makes them."""

from __future__ import annotations

from analytics_engine.doctor.checkups.gathering import Gathered
from analytics_engine.doctor.checkups.steps import State, Step


def backups_step(gathered: Gathered) -> Step:
    """Return whether backups were made; this version has no register of them."""
    archiving = gathered.causes_of("database")
    failing = [cause for cause in archiving if cause.finding.name == "database.archiving-fails"]
    title = "Verify backups completed"
    if failing:
        return Step(title, State.FAILED, (failing[0].finding.what,), fix=failing[0].finding.fix)
    return Step(
        title,
        State.NOT_CHECKED,
        ("Backups are made outside of this command; only the archiving of write-ahead log was looked at.",),
        fix="Look at the log of what makes your backups, and at the age of the last one.",
    )


def drill_step() -> Step:
    """Return whether a backup was restored as a test."""
    return Step(
        "Test disaster recovery",
        State.NOT_CHECKED,
        ("No backup was restored by this command.",),
        fix="Restore the last backup into an empty database, and compare: analytics-engine health",
    )
