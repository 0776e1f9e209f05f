"""Rules on the one-machine stack as a whole: whether it runs, and whether it is the one that was asked about."""

from __future__ import annotations

from collections.abc import Iterator

from analytics_engine.bootstrap.settings import Settings
from analytics_engine.contracts.services import UI_PORT
from analytics_engine.doctor.findings import Check, Finding, Severity
from analytics_engine.doctor.looking.services import Contact
from analytics_engine.doctor.seen import Seen

_EVERYTHING = ("database.*", "redis.*", "services.*", "events.*", "jobs.*", "rollups.*")

NEVER_STARTED = Check(
    name="instance.never-started",
    severity=Severity.ERROR,
    what="There is no system in {home}, and DATABASE_URL names no database.",
    why="There is nothing to look at.",
    fix="analytics-engine up; or set AE_HOME or DATABASE_URL as they were when it was started",
    explains=_EVERYTHING,
)
PORT_TAKEN = Check(
    name="instance.port-taken",
    severity=Severity.ERROR,
    what="The system in {home} does not run, and port {port} of {service} is taken by {holder} (process {pid}).",
    why="The system cannot start, and whoever asks for {service} gets that program's answers.",
    fix="kill {pid}; or move all ports: analytics-engine up --port-offset {other}",
    explains=("instance.not-running", *_EVERYTHING),
)
NOT_RUNNING = Check(
    name="instance.not-running",
    severity=Severity.ERROR,
    what="The system in {home} does not run.",
    why="Nobody is served; the data is kept.",
    fix="analytics-engine up",
    explains=_EVERYTHING,
)
SUSPENDED = Check(
    name="instance.supervisor-suspended",
    severity=Severity.ERROR,
    what="The supervisor (process {pid}) is suspended.",
    why="What dies now is not started again.",
    fix="kill -CONT {pid}",
    explains=("services.down", "services.unwell"),
)
OTHER_PORTS = Check(
    name="instance.other-ports",
    severity=Severity.ERROR,
    what="The system in {home} runs with port offset {running}, and was asked for at {asked}.",
    why="Everything that takes its ports from AE_PORT_OFFSET={asked} finds nobody there.",
    fix="AE_PORT_OFFSET={running}",
    explains=("services.*",),
)

CHECKS = (NEVER_STARTED, PORT_TAKEN, NOT_RUNNING, SUSPENDED, OTHER_PORTS)


def judge(seen: Seen) -> Iterator[Finding]:
    """Yield why nothing runs, or why it is not where it is looked for."""
    settings, processes = seen.settings, seen.processes
    if settings is None or "instance" in seen.unfinished:
        return
    home = str(settings.ae_home)
    supervisor = processes.supervisor
    if supervisor is None:
        nobody = all(service.contact is not Contact.ANSWERS for service in seen.services if service.here)
        if seen.embedded_database and not processes.home:
            yield NEVER_STARTED.found(home=home)
        elif seen.embedded_database and nobody:
            yield from _of_ports(seen, settings)
            yield NOT_RUNNING.found(home=home)
        return
    if supervisor.stopped:
        yield SUSPENDED.found(pid=supervisor.pid)
    offsets = {
        int(program.given["AE_PORT_OFFSET"])
        for program in processes.programs.values()
        if program.given.get("AE_PORT_OFFSET", "").isdecimal()
    }
    if offsets and settings.ae_port_offset not in offsets:
        yield OTHER_PORTS.found(home=home, running=min(offsets), asked=settings.ae_port_offset)


def _of_ports(seen: Seen, settings: Settings) -> Iterator[Finding]:
    wanted = {one.port: one.service.value for one in seen.services if one.here}
    wanted[UI_PORT + settings.ae_port_offset] = "the web application"
    for port, service in wanted.items():
        if port in seen.processes.strangers:
            pid, holder = seen.processes.strangers[port]
            other = settings.ae_port_offset + 100
            yield PORT_TAKEN.found(
                home=str(settings.ae_home), port=port, service=service, holder=holder, pid=pid, other=other
            )
