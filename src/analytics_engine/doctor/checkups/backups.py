"""The steps on backups: the age of the newest, and whether one was restored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from analytics_engine.bootstrap.backups import Backups
from analytics_engine.bootstrap.settings import Settings
from analytics_engine.doctor.checkups.gathering import Gathered
from analytics_engine.doctor.checkups.steps import State, Step
from analytics_engine.doctor.looking.backups import BackupFacts
from analytics_engine.errors import AnalyticsEngineError

_MADE, _TRIED = "Verify backups completed", "Test disaster recovery"
_RUN, _DRILL = "analytics-engine backup run daily", "analytics-engine backup drill"
_MONTH = timedelta(days=31)
_TWO_DAYS_H = 48


def backups_step(gathered: Gathered) -> Step:
    """Return how old the newest backup is, and whether one was restored since it should have been."""
    failing = [cause for cause in gathered.causes_of("database") if cause.finding.name == "database.archiving-fails"]
    if failing:
        return Step(_MADE, State.FAILED, (failing[0].finding.what,), fix=failing[0].finding.fix)
    facts = gathered.seen.backups
    if facts is None:
        return Step(_MADE, State.NOT_CHECKED, ("The look at the backups did not come to an end.",), fix=_RUN)
    if facts.unreadable:
        told = f"{facts.url} cannot be read: {facts.unreadable}"
        return Step(_MADE, State.FAILED, (told,), fix="analytics-engine backup list")
    if facts.made_at is None:
        return Step(_MADE, _none(facts), (f"There is no backup of the database at {facts.url}.",), fix=_RUN)
    found = (f"{facts.newest}, {_ago(facts.made_at)}, at {facts.url}", _proven(facts))
    if facts.overdue:
        return Step(_MADE, State.FAILED, found, fix=_RUN)
    return Step(_MADE, State.ATTENTION if facts.unproven else State.OK, found, fix=_DRILL if facts.unproven else "")


async def drill_step(gathered: Gathered, *, drill: bool) -> Step:
    """Return whether a backup was restored within a month; with ``drill`` one is restored now."""
    if drill and gathered.seen.settings is not None:
        return await _drilled(gathered.seen.settings)
    facts = gathered.seen.backups
    if facts is None or facts.unreadable:
        told = facts.unreadable if facts else "The look at the backups did not come to an end."
        return Step(_TRIED, State.FAILED if facts else State.NOT_CHECKED, (told,), fix=_DRILL)
    if facts.made_at is None:
        return Step(_TRIED, _none(facts), (f"There is no backup to try at {facts.url}.",), fix=_RUN)
    if facts.proven_at is None or datetime.now(UTC) - facts.proven_at > _MONTH:
        return Step(_TRIED, State.FAILED, (_proven(facts),), fix=_DRILL)
    return Step(_TRIED, State.OK, (_proven(facts),))


async def _drilled(settings: Settings) -> Step:
    try:
        proof = await Backups(settings).drill().run()
    except AnalyticsEngineError as error:
        return Step(_TRIED, State.FAILED, (error.detail,), fix=error.remedy)
    told = f"{proof.backup} was restored in {proof.seconds} s: {proof.rows} rows in {len(proof.tables)} tables."
    return Step(_TRIED, State.OK, (told,))


def _none(facts: BackupFacts) -> State:
    """Return what it means that there is none: where no place is named, something else may make backups."""
    return State.FAILED if facts.configured else State.NOT_CHECKED


def _proven(facts: BackupFacts) -> str:
    if facts.proven_at is None:
        return "no backup was ever restored in a drill"
    return f"{facts.proven} was restored in a drill {_ago(facts.proven_at)}"


def _ago(at: datetime) -> str:
    hours = (datetime.now(UTC) - at).total_seconds() / 3600
    return f"{hours:.1f} h ago" if hours < _TWO_DAYS_H else f"{hours / 24:.0f} days ago"
