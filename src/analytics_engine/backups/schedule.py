"""When backups are due: by cron expressions in UTC, and at once where the last time was missed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from cronsim import CronSim, CronSimError

from analytics_engine.backups.manifest import Kind
from analytics_engine.errors import InvalidSetting


class Schedule:
    def __init__(self, crons: Mapping[Kind, str], *, drill: str) -> None:
        for cron in (*crons.values(), drill):
            _checked(cron)
        self.kinds = tuple(crons)
        self._crons = crons
        self._drill = drill

    def due(self, kind: Kind, *, last: datetime | None, now: datetime) -> bool:
        """Return whether there was a time since the last one; the first is due at once."""
        return last is None or _next(self._crons[kind], last) <= now

    def drill_due(self, *, last: datetime | None, now: datetime) -> bool:
        """Return whether there was a time since the last drill; the first is due at once."""
        return last is None or _next(self._drill, last) <= now


def _next(cron: str, after: datetime) -> datetime:
    return next(CronSim(cron, after.astimezone(UTC)))


def _checked(cron: str) -> None:
    try:
        next(CronSim(cron, datetime.now(UTC)))
    except (CronSimError, StopIteration) as error:
        raise InvalidSetting(
            f"{cron!r} is no time of a schedule.",
            remedy="Write minute, hour, day, month and weekday in AE_BACKUP_DAILY and the like: 0 2 * * *.",
            setting="AE_BACKUP_DAILY",
        ) from error
