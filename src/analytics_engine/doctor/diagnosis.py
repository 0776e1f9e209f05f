"""The diagnosis: everything is looked at at once, each look within its time, and then judged."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from analytics_engine.adapters.redis.looking import RedisLook, look_at_redis
from analytics_engine.bootstrap.schema import migrations_folder
from analytics_engine.bootstrap.settings import Settings
from analytics_engine.bootstrap.this_machine import as_owner
from analytics_engine.doctor.findings import Cause, Check, Severity, causes
from analytics_engine.doctor.judging import (
    backups,
    database,
    instance,
    machine,
    redis,
    schema,
    services,
    settings,
    work,
)
from analytics_engine.doctor.looking.backups import look_at_backups
from analytics_engine.doctor.looking.database import DatabaseFacts, look_at_database
from analytics_engine.doctor.looking.files import look_at_files, look_at_machine
from analytics_engine.doctor.looking.processes import look_at_processes
from analytics_engine.doctor.looking.services import look_at_services
from analytics_engine.doctor.looking.settings import look_at_settings
from analytics_engine.doctor.seen import Seen

T = TypeVar("T")

_LOOK_S = 7.0
_REDIS_S = 6.0

UNFINISHED = Check(
    name="doctor.unfinished",
    severity=Severity.WARNING,
    what="The look at {what} took longer than {limit_s:g} s and was broken off.",
    why="What is wrong there is not told.",
    fix="Run it again when the machine has less to do: analytics-engine doctor --only {area}",
)
_JUDGES = (settings, machine, instance, database, schema, redis, services, work, backups)
CHECKS: tuple[Check, ...] = (*(check for judge in _JUDGES for check in judge.CHECKS), UNFINISHED)
"""All there are, causes before what comes of them."""
AREAS: tuple[str, ...] = tuple(dict.fromkeys(check.name.partition(".")[0] for check in CHECKS))


@dataclass(frozen=True)
class Diagnosis:
    """The causes found, the worst first."""

    causes: Sequence[Cause]
    checks: int
    took_s: float

    def document(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        found = [cause.document() for cause in self.causes]
        return {"healthy": not found, "checks": self.checks, "took_s": round(self.took_s, 2), "findings": found}


async def diagnose(
    *, folder: Path | None = None, environ: Mapping[str, str] | None = None, only: str = ""
) -> Diagnosis:
    """Return what is wrong with the system of the environment, of ``.env`` in a folder, and of AE_HOME.

    With ``only``, findings of one area; what they come of is told nevertheless.
    """
    seen = await look_around(folder=folder or Path.cwd(), environ=os.environ if environ is None else environ)
    return judged(seen, only=only)


def judged(seen: Seen, *, only: str = "") -> Diagnosis:
    """Return the diagnosis of what was seen."""
    found = [finding for judge in _JUDGES for finding in judge.judge(seen)]
    found += [UNFINISHED.found(what=what, limit_s=_LOOK_S, area=what) for what in seen.unfinished]
    told = causes(found, [check.name for check in CHECKS])
    if only:
        told = [cause for cause in told if any(name.startswith(f"{only}.") for name in _names(cause))]
    checks = [check for check in CHECKS if not only or check.name.startswith(f"{only}.")]
    return Diagnosis(told, len(checks), seen.took_s)


async def look_around(*, folder: Path, environ: Mapping[str, str]) -> Seen:
    """Return all there is to be seen."""
    began = time.monotonic()
    written = look_at_settings(folder, environ)
    if written.settings is None:
        return Seen(written=written, machine=look_at_machine(), took_s=time.monotonic() - began)
    given = as_owner(written.settings)
    unfinished: list[str] = []
    seen_database, seen_redis, seen_services, processes, files, seen_backups = await asyncio.gather(
        _within("database", _database(given), unfinished),
        _within("redis", _redis(given), unfinished),
        _within("services", look_at_services(given), unfinished),
        _within("instance", asyncio.to_thread(look_at_processes, given.ae_home), unfinished),
        _within("files", asyncio.to_thread(look_at_files, given), unfinished),
        _within("backups", look_at_backups(given), unfinished),
    )
    if seen_database is not None and not seen_database.complete:
        unfinished.append("database")
    optional: dict[str, Any] = {"processes": processes} if processes else {}
    return Seen(
        written=written,
        settings=given,
        machine=look_at_machine(),
        files=files,
        database=seen_database,
        redis=seen_redis,
        services=seen_services or (),
        backups=seen_backups,
        unfinished=tuple(unfinished),
        took_s=time.monotonic() - began,
        **optional,
    )


async def _within(what: str, looking: Awaitable[T], unfinished: list[str]) -> T | None:
    try:
        return await asyncio.wait_for(looking, _LOOK_S)
    except TimeoutError:
        unfinished.append(what)
        return None


async def _database(given: Settings) -> DatabaseFacts | None:
    if given.database_url is None:
        return None
    roles = given.ae_role_secrets_dir or given.ae_home / "secrets" / "roles"
    return await look_at_database(given, roles, migrations_folder())


async def _redis(given: Settings) -> RedisLook | None:
    if given.redis_url is None:
        return None
    return await look_at_redis(given.redis_url.get_secret_value(), within_s=_REDIS_S)


def _names(cause: Cause) -> list[str]:
    return [cause.finding.name, *(one.name for one in cause.consequences)]
