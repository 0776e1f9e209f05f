"""The checklist before a deployment or an upgrade."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from analytics_engine.bootstrap.schema import migrations_folder
from analytics_engine.bootstrap.settings import Environment
from analytics_engine.contracts.services import UI_PORT
from analytics_engine.doctor.checkups.backups import backups_step
from analytics_engine.doctor.checkups.gathering import Gathered, gather, of_findings
from analytics_engine.doctor.checkups.metrics import text_of
from analytics_engine.doctor.checkups.migrations import pending
from analytics_engine.doctor.checkups.sizes import shown
from analytics_engine.doctor.checkups.steps import Checkup, State, Step
from analytics_engine.doctor.looking.services import Contact

_LEAST_BYTES = 2**30


async def preflight(folder: Path) -> Checkup:
    """Go through the checklist before a deployment."""
    gathered = await gather(folder, largest_tables=(1,))
    return Checkup(
        "preflight",
        (
            _settings(gathered),
            _certificates(gathered),
            backups_step(gathered),
            _migrations(gathered),
            _rollback(gathered),
            _monitoring(gathered),
            _versions(gathered),
            _database(gathered),
            _room(gathered),
            _ports(gathered),
        ),
    )


def _settings(gathered: Gathered) -> Step:
    step = of_findings(
        "Environment variables configured", gathered.causes_of("settings", "files"), well="All settings are valid."
    )
    settings = gathered.seen.settings
    if settings is None:
        return step
    kind = f"ENVIRONMENT={settings.environment.value}"
    if settings.environment is not Environment.PRODUCTION and step.state is State.OK:
        kind += ": weak secrets would be let through; production refuses them"
    return Step(step.title, step.state, (*step.facts, kind), step.fix)


def _certificates(gathered: Gathered) -> Step:
    title = "SSL certificates in place"
    with_tls = [one for one in gathered.seen.services if one.certificate_ends]
    causes = [
        cause
        for cause in gathered.diagnosis.causes
        if cause.finding.name.startswith(("services.certificate", "services.tls"))
    ]
    if causes or with_tls:
        ends = ", ".join(f"{one.url} until {one.certificate_ends:%Y-%m-%d}" for one in with_tls)
        return of_findings(title, causes, well=f"Certificates: {ends}.")
    return Step(
        title,
        State.NOT_CHECKED,
        ("No service's address is https here: TLS ends before the gateway, in a proxy or ingress.",),
        fix="openssl s_client -connect HOST:443 </dev/null | openssl x509 -noout -enddate",
    )


def _migrations(gathered: Gathered) -> Step:
    title = "Migration plan reviewed"
    database = gathered.seen.database
    if database is None or database.refusal is not None:
        return Step(
            title, State.FAILED, ("The database cannot be asked.",), fix="analytics-engine doctor --only database"
        )
    if database.revision and database.revision not in database.revisions:
        return of_findings(title, gathered.causes_of("schema"), well="")
    todo = pending(migrations_folder(), database.revision, database.revisions)
    if not todo:
        return Step(title, State.OK, (f"Nothing to do: the schema is at {database.revision}.",))
    facts = tuple(f"{one.revision} {one.title} It {one.effect}." for one in todo)
    heavy = any(one.heavy for one in todo)
    return Step(
        title, State.ATTENTION if heavy else State.OK, facts, fix="analytics-engine migrate, before the new version"
    )


def _rollback(gathered: Gathered) -> Step:
    title = "Rollback plan prepared"
    database = gathered.seen.database
    if database is None or database.refusal is not None:
        return Step(title, State.NOT_CHECKED, ("The database cannot be asked.",))
    todo = len(database.revisions) - 1 - database.revisions.index(database.revision) if (
        database.revision in database.revisions
    ) else 0  # fmt: skip
    if not todo:
        return Step(title, State.OK, ("The schema stays as it is: the version before runs on it again.",))
    fact = f"{todo} migration(s) will be applied; the way back is the backup from before, with the version before."
    return Step(
        title, State.ATTENTION, (fact,), fix="Make a backup now, and keep the image or package of this version."
    )


def _monitoring(gathered: Gathered) -> Step:
    title = "Monitoring configured"
    answering = [one for one in gathered.seen.services if one.contact is Contact.ANSWERS]
    silent = [one.service.value for one in answering if not text_of(one)]
    if not answering:
        return Step(title, State.NOT_CHECKED, ("No service runs yet that could show its metrics.",))
    if silent:
        return Step(title, State.FAILED, (f"No metrics from {', '.join(silent)}.",), fix="analytics-engine doctor")
    fact = f"{len(answering)} services show /metrics; whether Prometheus collects them is not visible from here."
    return Step(title, State.OK, (fact,), fix="See the targets page of Prometheus: all seven are up.")


def _versions(gathered: Gathered) -> Step:
    title = "Versions"
    running = {one.report["version"] for one in gathered.seen.services if one.report.get("version")}
    own = version("analytics-engine")
    facts = [f"this version: {own}", f"running: {', '.join(sorted(running)) or 'nothing'}"]
    database = gathered.seen.database
    if database is not None and database.server:
        facts.append(f"PostgreSQL {database.server['version']}")
    mixed = [cause for cause in gathered.causes_of("services") if cause.finding.name == "services.mixed-versions"]
    return Step(title, State.ATTENTION if mixed else State.OK, tuple(facts), mixed[0].finding.fix if mixed else "")


def _database(gathered: Gathered) -> Step:
    database = gathered.seen.database
    ahead = f"; its clock is {database.clock_ahead_s:+.1f} s from ours" if database and database.server else ""
    return of_findings(
        "Database, its connections, rights and clock",
        gathered.causes_of("database", "schema", "redis"),
        well=f"It is reached, admits as many connections as the services may open, and has all rights{ahead}.",
    )


def _room(gathered: Gathered) -> Step:
    title = "Disk for the migration"
    disks = gathered.seen.files.disks if gathered.seen.files else ()
    largest = gathered.first("largest_tables")
    if not disks or largest is None:
        return Step(title, State.NOT_CHECKED, ("The disk of the database is not this machine's.",), fix="df -h there")
    needed = max(_LEAST_BYTES, 2 * largest["size_bytes"])
    free = min(disk.free_bytes for disk in disks)
    fact = f"{shown(free)} free; {shown(needed)} are enough to write the largest table anew ({largest['name']})."
    return Step(
        title, State.OK if free >= needed else State.FAILED, (fact,), "" if free >= needed else "Enlarge the disk."
    )


def _ports(gathered: Gathered) -> Step:
    title = "Ports"
    settings, strangers = gathered.seen.settings, gathered.seen.processes.strangers
    if settings is None:
        return Step(title, State.NOT_CHECKED, ("Settings are not valid.",))
    wanted = {one.port: one.service.value for one in gathered.seen.services if one.here}
    wanted[UI_PORT + settings.ae_port_offset] = "web application"
    answering = {one.port for one in gathered.seen.services if one.contact is Contact.ANSWERS}
    taken = [
        f"port {port} ({name}) is taken by {strangers[port][1]} (process {strangers[port][0]})"
        for port, name in wanted.items()
        if port in strangers and port not in answering
    ]
    if taken:
        return Step(title, State.FAILED, tuple(taken), fix="Stop what has them, or set AE_PORT_OFFSET.")
    return Step(title, State.OK, ("All ports are free, or taken by the system itself.",))
