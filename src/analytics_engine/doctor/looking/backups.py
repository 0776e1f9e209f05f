"""Backups: which were made last, and which of them was restored in a drill."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from analytics_engine.backups.manifest import Kind
from analytics_engine.bootstrap.backups import Backups
from analytics_engine.bootstrap.settings import Settings
from analytics_engine.errors import AnalyticsEngineError

_DUE_WITHIN = timedelta(hours=2)
_DRILLED_WITHIN = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class BackupFacts:
    """What is known of the backups in a repository.

    Args:
        url: where they are.
        configured: whether AE_BACKUP_URL names it; else it is the folder in AE_HOME.
        unreadable: why nothing can be read there; empty where it can.
        newest: the newest backup of the database; empty where there is none.
        made_at: when it was finished.
        overdue: whether there should have been another one since, by AE_BACKUP_DAILY.
        proven: the backup that was restored last; empty where none was.
        proven_at: when that was.
        unproven: whether there should have been a drill since, by AE_BACKUP_DRILL.
    """

    url: str
    configured: bool
    unreadable: str = ""
    newest: str = ""
    made_at: datetime | None = None
    overdue: bool = False
    proven: str = ""
    proven_at: datetime | None = None
    unproven: bool = True


async def look_at_backups(settings: Settings) -> BackupFacts:
    """Return what there is, without changing anything."""
    backups, configured = Backups(settings), bool(settings.ae_backup_url)
    if not configured and not backups.key_file.is_file():
        return BackupFacts(url=backups.url, configured=False)
    try:
        return await _of_repository(backups, configured=configured)
    except (AnalyticsEngineError, OSError) as error:
        told = error.detail if isinstance(error, AnalyticsEngineError) else str(error)
        return BackupFacts(url=backups.url, configured=configured, unreadable=told)


async def _of_repository(backups: Backups, *, configured: bool) -> BackupFacts:
    repository, schedule, now = backups.repository(), backups.schedule(), datetime.now(UTC)
    ids = [one for one in await repository.ids() if not one.endswith(f"-{Kind.CONFIGURATION.value}")]
    if not ids:
        return BackupFacts(url=backups.url, configured=configured)
    newest = await repository.manifest(ids[-1])
    proofs = [await repository.document(name) for name in await repository.names("proofs/")]
    proof = max(proofs, key=lambda one: datetime.fromisoformat(one["at"]), default=None)
    proven_at = datetime.fromisoformat(proof["at"]) if proof else None
    return BackupFacts(
        url=backups.url,
        configured=configured,
        newest=newest.id,
        made_at=newest.finished_at,
        overdue=schedule.due(Kind.DAILY, last=newest.finished_at, now=now - _DUE_WITHIN),
        proven=proof["backup"] if proof else "",
        proven_at=proven_at,
        unproven=proven_at is None or schedule.drill_due(last=proven_at, now=now - _DRILLED_WITHIN),
    )
