"""The daily checklist: health, error logs, disk space, backups."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from analytics_engine.contracts.services import Service
from analytics_engine.doctor.checkups.backups import backups_step
from analytics_engine.doctor.checkups.gathering import Gathered, gather
from analytics_engine.doctor.checkups.history import History, growth_per_day
from analytics_engine.doctor.checkups.sizes import shown
from analytics_engine.doctor.checkups.steps import Checkup, State, Step
from analytics_engine.doctor.looking.files import DiskFacts
from analytics_engine.embedded.log_entries import Wanted, entries_of, names_of

_DAY = timedelta(days=1)
_MOST_MESSAGES = 10
_SOON_DAYS = 30
_LOW_SHARE = 0.10


async def daily(folder: Path) -> Checkup:
    """Go through the daily checklist."""
    gathered = await gather(folder, sizes=())
    return Checkup("daily", (_health(gathered), _error_logs(gathered), *_disks(gathered), backups_step(gathered)))


def _health(gathered: Gathered) -> Step:
    title = "Check service health"
    statuses = {one.service: one.report.get("status", "down") for one in gathered.seen.services}
    facts = [f"{service.value}: {statuses.get(service, 'not asked')}" for service in Service]
    facts += [f"{cause.finding.what} [{cause.finding.name}]" for cause in gathered.diagnosis.causes]
    fix = gathered.diagnosis.causes[0].finding.fix if gathered.diagnosis.causes else ""
    if any(status != "healthy" for status in statuses.values()) or not statuses:
        return Step(title, State.FAILED, tuple(facts), fix)
    return Step(title, State.ATTENTION if gathered.diagnosis.causes else State.OK, tuple(facts), fix)


def _error_logs(gathered: Gathered) -> Step:
    title = "Review error logs"
    logs = gathered.seen.settings.ae_home / "logs" if gathered.seen.settings else Path("/nonexistent")
    names = names_of(logs)
    if not names:
        return Step(
            title, State.NOT_CHECKED, ("There are no logs in AE_HOME; containers keep theirs.",),
            fix="docker compose logs --since 24h | grep -E '\"level\": \"(error|critical)\"'",
        )  # fmt: skip
    wanted = Wanted(since=datetime.now(UTC) - _DAY, level="error")
    errors = Counter((entry.source, entry.event) for entry in entries_of(logs, names) if wanted.admits(entry))
    if not errors:
        return Step(title, State.OK, ("No errors in the last 24 hours.",))
    facts = [f"{count} x {source}: {event[:160]}" for (source, event), count in errors.most_common(_MOST_MESSAGES)]
    if len(errors) > _MOST_MESSAGES:
        facts.append(f"and {len(errors) - _MOST_MESSAGES} other messages")
    return Step(title, State.ATTENTION, tuple(facts), fix="analytics-engine logs --all --since 24h --level error")


def _disks(gathered: Gathered) -> list[Step]:
    title = "Monitor disk space"
    if gathered.seen.settings is None or gathered.seen.files is None or not gathered.seen.files.disks:
        return [Step(title, State.NOT_CHECKED, ("The disks are not this machine's.",), fix="df -h on the server's")]
    size = gathered.first("sizes")
    database_bytes = size["database_bytes"] if size else None
    history = History(gathered.seen.settings.ae_home, "disks")
    measured = {f"free {disk.folder}": disk.free_bytes for disk in gathered.seen.files.disks}
    history.add(measured | ({"database": database_bytes} if database_bytes is not None else {}))
    return [_disk(title, disk, history, database_bytes) for disk in gathered.seen.files.disks]


def _disk(title: str, disk: DiskFacts, history: History, database_bytes: int | None) -> Step:
    share = disk.free_bytes / disk.total_bytes if disk.total_bytes else 0.0
    facts = [f"{disk.what} ({disk.folder}): {shown(disk.free_bytes)} of {shown(disk.total_bytes)} free ({share:.0%})"]
    if database_bytes is not None:
        facts.append(f"the database takes {shown(database_bytes)}")
    change = growth_per_day(history.read(), f"free {disk.folder}")
    left_days = None
    if change is None:
        facts.append("no forecast yet: it needs a measurement of another day")
    elif change < 0:
        left_days = disk.free_bytes / -change
        facts.append(f"it fills by {shown(-change)} a day, and is full in {left_days:.0f} days")
    else:
        facts.append("it does not fill")
    tight = share < _LOW_SHARE or (left_days is not None and left_days < _SOON_DAYS)
    fix = f"Free space on the disk of {disk.folder}, or enlarge it." if tight else ""
    return Step(title, State.ATTENTION if tight else State.OK, tuple(facts), fix)
