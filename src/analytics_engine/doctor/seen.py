"""All that was looked at, for the rules to judge."""

from __future__ import annotations

from dataclasses import dataclass, field

from analytics_engine.adapters.redis.looking import RedisLook
from analytics_engine.bootstrap.settings import Settings
from analytics_engine.doctor.looking.backups import BackupFacts
from analytics_engine.doctor.looking.database import DatabaseFacts
from analytics_engine.doctor.looking.files import FileFacts, MachineFacts
from analytics_engine.doctor.looking.processes import ProcessFacts
from analytics_engine.doctor.looking.services import ServiceFacts
from analytics_engine.doctor.looking.settings import SettingsFacts


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What each look gave; None where there was nothing to look at, or the look did not come to an end.

    Args:
        settings: those in force, with what AE_HOME adds to them; None while they are wrong.
        unfinished: looks that took longer than they may.
    """

    written: SettingsFacts
    settings: Settings | None = None
    processes: ProcessFacts = field(default_factory=lambda: ProcessFacts(home=False))
    machine: MachineFacts | None = None
    files: FileFacts | None = None
    database: DatabaseFacts | None = None
    redis: RedisLook | None = None
    services: tuple[ServiceFacts, ...] = ()
    backups: BackupFacts | None = None
    unfinished: tuple[str, ...] = ()
    took_s: float = 0.0

    @property
    def embedded_database(self) -> bool:
        """Whether the database is to be the one that ``up`` runs."""
        return self.written.settings is not None and self.written.settings.database_url is None

    @property
    def embedded_redis(self) -> bool:
        """Whether Redis is to be the one that ``up`` runs."""
        return self.written.settings is not None and self.written.settings.redis_url is None
