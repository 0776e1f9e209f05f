"""Rules on the seven services."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from analytics_engine.contracts.services import Service
from analytics_engine.doctor.findings import Check, Finding, Severity
from analytics_engine.doctor.looking.processes import ProgramFacts
from analytics_engine.doctor.looking.services import Contact, ServiceFacts
from analytics_engine.doctor.seen import Seen

_SOON = timedelta(days=14)
_CRASHES = 2
_STARTS_WITHIN_S = 60.0
_OWN_WORDS = re.compile(r"^error: (.+)$", re.MULTILINE)
_HEALTH = ("services.unwell", "services.task-stuck")
_WORKERS = "workers"

SUSPENDED = Check(
    name="services.suspended",
    severity=Severity.ERROR,
    what="{service} (process {pid}) is suspended.",
    why="It answers nobody; what it was doing holds what it holds.",
    fix="kill -CONT {pid}",
    explains=("services.silent", *_HEALTH, "events.*", "jobs.*", "rollups.*"),
)
CRASHES = Check(
    name="services.crashes",
    severity=Severity.ERROR,
    what="{service} does not stay up ({end}, {times} times in a row). It says: {words}",
    why="Its part of the product does not work.",
    fix="Mend what it says; its log: analytics-engine logs {service}",
    explains=("services.down", "services.silent", *_HEALTH, "events.*", "jobs.*"),
)
OTHER_PROGRAM = Check(
    name="services.other-program",
    severity=Severity.ERROR,
    what="What answers at {url} is not {service}.",
    why="Whoever asks it gets that program's answers.",
    fix="Correct {setting}, or stop the program that has the port: ss -ltnp 'sport = :{port}'",
    explains=("services.down", *_HEALTH),
)
UNKNOWN_HOST = Check(
    name="services.unknown-host",
    severity=Severity.ERROR,
    what="{setting} names a host that this machine does not know ({url}).",
    why="No service can ask it.",
    fix="Correct {setting}, or its host's entry in DNS or /etc/hosts.",
    explains=_HEALTH,
)
CERTIFICATE_ENDED = Check(
    name="services.certificate-ended",
    severity=Severity.ERROR,
    what="The certificate of {url} ended on {ended}.",
    why="Browsers and programs refuse it.",
    fix="Renew it where TLS ends (certbot renew, or the ingress's certificate), and have that load it.",
    explains=("services.tls", *_HEALTH),
)
CERTIFICATE_ENDS = Check(
    name="services.certificate-ends",
    severity=Severity.WARNING,
    what="The certificate of {url} ends on {ended}, in {days} days.",
    why="Browsers and programs refuse it then.",
    fix="Renew it where TLS ends (certbot renew, or the ingress's certificate), and have that load it.",
)
TLS = Check(
    name="services.tls",
    severity=Severity.ERROR,
    what="No TLS connection to {url} comes about: {problem}",
    why="No service can ask it.",
    fix="See that TLS is spoken there, by a certificate this machine trusts: openssl s_client -connect {place}",
    explains=_HEALTH,
)
DOWN = Check(
    name="services.down",
    severity=Severity.ERROR,
    what="Nobody answers at {url}: {service} does not run.",
    why="Its part of the product does not work.",
    fix="{start}",
    explains=(*_HEALTH, "events.unread", "jobs.*"),
)
STARTING = Check(
    name="services.starting",
    severity=Severity.WARNING,
    what="{service} (process {pid}) was started {age_s:.0f} s ago, and does not answer yet.",
    why="Whoever asks it waits until it does.",
    fix="analytics-engine health --wait 60; if it stays so: analytics-engine logs {service}",
    explains=_HEALTH,
)
SILENT = Check(
    name="services.silent",
    severity=Severity.ERROR,
    what="{service} at {url} takes connections and does not answer.",
    why="Whoever asks it waits in vain.",
    fix="{restart}",
    explains=_HEALTH,
)
SECRET_DIFFERS = Check(
    name="services.secret-differs",
    severity=Severity.ERROR,
    what="{services} has another SECRET_KEY than {source}.",
    why="Requests between services with different keys are refused.",
    fix="Give it the same SECRET_KEY and start it again{how}.",
    explains=_HEALTH,
)
MIXED_VERSIONS = Check(
    name="services.mixed-versions",
    severity=Severity.WARNING,
    what="Services of different versions run: {versions}.",
    why="An upgrade was not brought to its end, or a service was not started again.",
    fix="Start the services of the older version again: {older}",
)
TASK = Check(
    name="services.task-stuck",
    severity=Severity.ERROR,
    what="A background task of {service} does not do its work: {detail}",
    why="What it should do beside answering, such as relaying events, building rollups or running jobs, is not done.",
    fix="{restart}; before, keep what it says: analytics-engine logs {service} --level warning",
    explains=("events.*", "jobs.*", "rollups.*"),
)
UNWELL = Check(
    name="services.unwell",
    severity=Severity.ERROR,
    what="{service} says that it is {status}: {detail}",
    why="Part of what it does fails.",
    fix="Mend what it says; its log: analytics-engine logs {service}",
)

CHECKS = (
    SUSPENDED,
    CRASHES,
    CERTIFICATE_ENDED,
    OTHER_PROGRAM,
    UNKNOWN_HOST,
    TLS,
    SILENT,
    DOWN,
    STARTING,
    SECRET_DIFFERS,
    MIXED_VERSIONS,
    CERTIFICATE_ENDS,
    TASK,
    UNWELL,
)


def judge(seen: Seen) -> Iterator[Finding]:
    """Yield what is wrong with the services."""
    for service in seen.services:
        yield from _of_process(seen, service)
        yield from _of_contact(seen, service)
        yield from _of_certificate(service)
        if service.contact is Contact.ANSWERS:
            yield from _of_report(seen, service)
    yield from _of_secrets(seen)
    yield from _of_versions(seen)


def _of_report(seen: Seen, service: ServiceFacts) -> Iterator[Finding]:
    name, status = service.service.value, service.report.get("status", "healthy")
    if status == "healthy":
        return
    dependencies = service.report.get("dependencies", {})
    details = {one: told["detail"] for one, told in dependencies.items() if told.get("detail")}
    stuck = details.pop(_WORKERS, "")
    if stuck:
        program = seen.processes.programs.get(name) if _is_its_own(seen, service) else None
        restart = f"kill {program.pid}, which is {name}" if program and program.pid else f"Restart {name}"
        yield TASK.found(service=name, detail=stuck, restart=restart)
    if details or not stuck:
        yield UNWELL.found(service=name, status=status, detail=" ".join(details.values()))


def _is_its_own(seen: Seen, service: ServiceFacts) -> bool:
    """Whether the service is asked for where the system of this machine has it."""
    return service.here and seen.settings is not None and service.port == seen.settings.port(service.service)


def _of_process(seen: Seen, service: ServiceFacts) -> Iterator[Finding]:
    name = service.service.value
    its_own = _is_its_own(seen, service)
    program = seen.processes.programs.get(name)
    if program is None or seen.processes.supervisor is None or not its_own:
        return
    if program.stopped:
        yield SUSPENDED.found(service=name, pid=program.pid)
    death = seen.processes.deaths.get(name)
    if program.pid is None and death and death.in_a_row >= _CRASHES:
        yield CRASHES.found(service=name, end=death.end, times=death.in_a_row, words=_words_of(program))


def _words_of(program: ProgramFacts) -> str:
    """Return the last error that a program told in its own words, else its last line."""
    own = _OWN_WORDS.findall(program.last_words)
    lines = program.last_words.strip().splitlines()
    return own[-1] if own else lines[-1] if lines else ""


def _of_contact(seen: Seen, service: ServiceFacts) -> Iterator[Finding]:
    name = service.service.value
    place = service.url.partition("://")[2]
    facts = {
        "service": name,
        "url": service.url,
        "port": service.port,
        "setting": f"{name.upper()}_URL",
        "place": place,
    }
    its_own = _is_its_own(seen, service)
    program = seen.processes.programs.get(name) if its_own else None
    match service.contact:
        case Contact.OTHER_PROGRAM:
            yield OTHER_PROGRAM.found(**facts)
        case Contact.UNKNOWN_HOST:
            yield UNKNOWN_HOST.found(**facts)
        case Contact.TLS:
            yield TLS.found(**facts, problem=service.problem or "the handshake fails")
        case Contact.SILENT:
            yield _of_silence(seen, program, facts)
        case Contact.REFUSED:
            start = f"Start it there (analytics-engine serve {name}), or correct {facts['setting']}."
            if program and seen.processes.supervisor:
                start = f"See why: analytics-engine logs {name}"
            yield DOWN.found(**facts, start=start)
        case Contact.ANSWERS:
            return


def _of_silence(seen: Seen, program: ProgramFacts | None, facts: Mapping[str, Any]) -> Finding:
    """Return why a connection is taken and nothing is heard: the supervisor holds the port, whether or not it runs."""
    name = facts["service"]
    if program is None or (program.pid is None and not seen.processes.supervisor):
        return SILENT.found(**facts, restart=f"Restart {name}, or correct {facts['setting']}.")
    if program.pid is None:
        return DOWN.found(**facts, start=f"See why: analytics-engine logs {name}")
    if program.age_s < _STARTS_WITHIN_S and not program.stopped:
        return STARTING.found(**facts, pid=program.pid, age_s=program.age_s)
    return SILENT.found(**facts, restart=f"kill -9 {program.pid}, which is {name}; the supervisor starts it again")


def _of_certificate(service: ServiceFacts) -> Iterator[Finding]:
    ends, now = service.certificate_ends, datetime.now(UTC)
    if ends is None:
        return
    if ends < now:
        yield CERTIFICATE_ENDED.found(url=service.url, ended=ends.date().isoformat())
    elif ends - now < _SOON:
        yield CERTIFICATE_ENDS.found(url=service.url, ended=ends.date().isoformat(), days=(ends - now).days)


def _of_secrets(seen: Seen) -> Iterator[Finding]:
    if seen.settings is None or seen.settings.secret_key is None:
        return
    ours = seen.settings.secret_key.get_secret_value()
    programs = seen.processes.programs
    given = {name: program.given.get("SECRET_KEY", ours) for name, program in programs.items() if program.pid}
    differ = [
        service.service.value
        for service in seen.services
        if service.admits is False
        or (
            service.here
            and service.port == seen.settings.port(service.service)
            and given.get(service.service.value, ours) != ours
        )
    ]
    if not differ:
        return
    mine = seen.written.settings is not None and seen.written.settings.secret_key is not None
    source = "the environment of this command" if mine else f"{seen.settings.ae_home}/secrets/secret_key"
    pids = [str(programs[name].pid) for name in differ if name in given]
    many = len(differ) == len(seen.services)
    named = "Every service" if many else ", ".join(differ)
    how = f": kill {' '.join(pids)}" if pids else ""
    if many and mine:
        how = "; or unset SECRET_KEY here, which is wrong if no other place has it"
    yield SECRET_DIFFERS.found(services=named, source=source, how=how)


def _of_versions(seen: Seen) -> Iterator[Finding]:
    versions: dict[str, list[Service]] = {}
    for service in seen.services:
        if version := service.report.get("version"):
            versions.setdefault(version, []).append(service.service)
    if len(versions) > 1:
        said = "; ".join(f"{version}: {', '.join(named)}" for version, named in sorted(versions.items()))
        yield MIXED_VERSIONS.found(versions=said, older=", ".join(versions[min(versions)]))
