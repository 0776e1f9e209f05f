"""The monthly checklist: dependencies, capacity, disaster recovery, security."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from analytics_engine.doctor.checkups.backups import drill_step
from analytics_engine.doctor.checkups.gathering import Gathered, gather, of_findings
from analytics_engine.doctor.checkups.history import History, growth_per_day
from analytics_engine.doctor.checkups.packages import packages_step
from analytics_engine.doctor.checkups.sizes import shown
from analytics_engine.doctor.checkups.steps import Checkup, State, Step
from analytics_engine.kernel.security.passwords import Passwords

_TABLES = 8
_MONTH_DAYS = 30.4
_FULL_WITHIN_DAYS = 90
_KNOWN_PASSWORDS = ("admin", "password", "change-me", "changeme")
_MANY_ADMINISTRATORS = 5


async def monthly(folder: Path, *, drill: bool = False) -> Checkup:
    """Go through the monthly checklist; with ``drill`` a backup is restored, else the last drill is told of."""
    gathered = await gather(folder, sizes=(), largest_tables=(_TABLES,), keys=(), administrators=(), audit_log=())
    return Checkup(
        "monthly",
        (
            packages_step("Update dependencies", folder),
            _capacity(gathered),
            await drill_step(gathered, drill=drill),
            *[step async for step in _security(gathered)],
        ),
    )


def _capacity(gathered: Gathered) -> Step:
    title = "Review capacity planning"
    size = gathered.first("sizes")
    if size is None or gathered.seen.settings is None:
        return Step(title, State.NOT_CHECKED, (f"Not asked: {gathered.unasked}.",), fix="analytics-engine doctor")
    tables = {row["name"]: row["size_bytes"] for row in gathered.rows.get("largest_tables", ())}
    history = History(gathered.seen.settings.ae_home, "capacity")
    history.add({"database": size["database_bytes"], **tables})
    measured = history.read()
    facts = [f"the database: {shown(size['database_bytes'])}{_monthly(growth_per_day(measured, 'database'))}"]
    facts += [f"{name}: {shown(bytes_)}{_monthly(growth_per_day(measured, name))}" for name, bytes_ in tables.items()]
    tight = False
    free = min((disk.free_bytes for disk in gathered.seen.files.disks), default=None) if gathered.seen.files else None
    growth = growth_per_day(measured, "database")
    if free is not None and growth is not None and growth > 0:
        days = free / growth
        tight = days < _FULL_WITHIN_DAYS
        facts.append(f"at that rate the disk with the least room ({shown(free)} free) lasts {days:.0f} days")
    elif growth is None:
        facts.append("no forecast yet: it needs a measurement of another day")
    if gathered.seen.database is not None and gathered.seen.database.server:
        server = gathered.seen.database.server
        facts.append(f"{server['sessions']} of {server['max_connections']} connections are in use")
    fix = "Enlarge the disk, or archive old rows: docs/howto/care-for-the-database.md" if tight else ""
    return Step(title, State.ATTENTION if tight else State.OK, tuple(facts), fix)


def _monthly(growth: float | None) -> str:
    return "" if growth is None else f", {'+' if growth >= 0 else ''}{shown(growth * _MONTH_DAYS)} a month"


async def _security(gathered: Gathered) -> AsyncIterator[Step]:
    yield of_findings(
        "Security audit: settings, secrets and logins",
        [
            cause
            for cause in gathered.diagnosis.causes
            if cause.finding.name.startswith(("settings.", "files.", "access.", "schema.login"))
        ],
        well="Secrets are closed to others, settings are strong, logins have no more rights than they need.",
    )
    yield _keys(gathered)
    yield await _administrators(gathered)
    yield _audit_log(gathered)


def _keys(gathered: Gathered) -> Step:
    title = "Security audit: API keys"
    if "keys" not in gathered.rows:
        return Step(title, State.NOT_CHECKED, (f"Not asked: {gathered.unasked}.",), fix="analytics-engine doctor")
    rows = gathered.rows["keys"]
    facts = tuple(_of_keys(gathered))
    if not facts:
        return Step(title, State.OK, (f"{len(rows)} keys, each used in the last 90 days and with an end.",))
    return Step(title, State.ATTENTION, facts, fix="analytics-engine keys revoke PREFIX")


def _of_keys(gathered: Gathered) -> Iterator[str]:
    for row in gathered.rows["keys"]:
        if row["expired"]:
            yield f"{row['prefix']} ({row['name']}) has expired, and is not revoked"
        elif row["unused"]:
            yield f"{row['prefix']} ({row['name']}) was not used for 90 days"
        elif row["endless"]:
            yield f"{row['prefix']} ({row['name']}) is valid without end"


async def _administrators(gathered: Gathered) -> Step:
    title = "Security audit: administrators"
    if "administrators" not in gathered.rows:
        return Step(title, State.NOT_CHECKED, (f"Not asked: {gathered.unasked}.",), fix="analytics-engine doctor")
    rows = gathered.rows["administrators"]
    passwords = Passwords()
    for row in rows:
        for password in _KNOWN_PASSWORDS:
            if await passwords.matches(password, row["password_hash"]):
                fact = f"{row['email']} has a password that everybody tries first"
                return Step(title, State.FAILED, (fact,), fix=f"analytics-engine users reset-password {row['email']}")
    named = ", ".join(row["email"] for row in rows)
    many = len(rows) > _MANY_ADMINISTRATORS
    fix = "analytics-engine users disable EMAIL, for whom need not be one" if many else ""
    return Step(title, State.ATTENTION if many else State.OK, (f"{len(rows)} administrators: {named}",), fix)


def _audit_log(gathered: Gathered) -> Step:
    title = "Security audit: the audit log is whole"
    row = gathered.first("audit_log")
    if row is None:
        return Step(title, State.NOT_CHECKED, (f"Not asked: {gathered.unasked}.",), fix="analytics-engine doctor")
    if row["broken_at"] is not None:
        fact = f"Entry {row['broken_at']} of {row['entries']} does not follow from the one before: it was changed."
        return Step(title, State.FAILED, (fact,), fix="Compare with a backup, and find out who writes as the owner.")
    return Step(title, State.OK, (f"All {row['entries']} entries follow from one another.",))
