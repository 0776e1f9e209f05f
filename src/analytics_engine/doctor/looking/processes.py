"""The processes of the one-machine stack, and who listens on which port."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psutil

from analytics_engine.embedded.leftovers import is_held

_LAST_BYTES = 4096
_JOURNAL_BYTES = 65_536
_OURS = ("AE_PORT_OFFSET", "SECRET_KEY", "DATABASE_URL", "REDIS_URL")


@dataclass(frozen=True, kw_only=True)
class ProgramFacts:
    """A program that ``up`` keeps; ``pid`` is None while it does not run.

    Args:
        stopped: it was suspended from outside, or is held by a debugger.
        last_words: the end of its log.
        age_s: how long it has run.
        given: what it was started with, of what the parts of the system must agree on.
    """

    name: str
    pid: int | None = None
    stopped: bool = False
    age_s: float = 0.0
    last_words: str = ""
    given: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, kw_only=True)
class Death:
    """How a program ended, how often in a row, and how long ago."""

    end: str
    in_a_row: int
    ago_s: float


@dataclass(frozen=True, kw_only=True)
class ProcessFacts:
    """What runs from AE_HOME.

    Args:
        home: whether there is a system there at all.
        supervisor: the process of ``up``, None where there is none.
        deaths: the last death of each program that died since the last start.
        strangers: process and name of who listens, by port, where nobody of the system does, as far as that is ours
            to see.
    """

    home: bool
    supervisor: ProgramFacts | None = None
    programs: Mapping[str, ProgramFacts] = field(default_factory=dict)
    deaths: Mapping[str, Death] = field(default_factory=dict)
    strangers: Mapping[int, tuple[int, str]] = field(default_factory=dict)


def look_at_processes(home: Path) -> ProcessFacts:
    """Return what runs from AE_HOME, without holding or changing any of it."""
    if not (home / "run").is_dir():
        return ProcessFacts(home=(home / "secrets").is_dir(), strangers=_strangers(ours=set()))
    lock = home / "supervisor.lock"
    supervisor = _program("supervisor", lock, home) if is_held(lock) else None
    programs = _programs(home)
    ours = {program.pid for program in programs.values() if program.pid}
    if supervisor and supervisor.pid:
        ours |= _family(supervisor.pid)
    return ProcessFacts(
        home=True,
        supervisor=supervisor,
        programs=programs,
        deaths=_deaths(home / "logs" / "supervisor.log"),
        strangers=_strangers(ours=ours),
    )


def _programs(home: Path) -> dict[str, ProgramFacts]:
    """Return each program by its name: of several processes of one, that which was started last and runs."""
    found: dict[str, ProgramFacts] = {}
    locks = [path for path in (home / "run").glob("*.lock") if path.stem not in {"migrate", "initdb"}]
    for path in sorted(locks, key=_generation):
        name = path.stem.partition(".")[0]
        program = _program(name, path, home)
        if program.pid or name not in found:
            found[name] = program
    return found


def _generation(lock: Path) -> tuple[str, int]:
    name, _, generation = lock.stem.partition(".")
    return name, int(generation) if generation.isdecimal() else 0


def _family(pid: int) -> set[int]:
    """Return a process and all that it started: the ports of services are held by the supervisor."""
    try:
        return {pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))}
    except psutil.Error:
        return {pid}


def _program(name: str, lock: Path, home: Path) -> ProgramFacts:
    words = _end_of(home / "logs" / f"{name}.log")
    try:
        process = psutil.Process(int(lock.read_text(encoding="ascii")))
        status = process.status()
        alive = status != psutil.STATUS_ZOMBIE and process.create_time() <= lock.stat().st_mtime + 1
    except (OSError, ValueError, psutil.Error):
        return ProgramFacts(name=name, last_words=words)
    if not alive:
        return ProgramFacts(name=name, last_words=words)
    try:
        environment = process.environ()
    except psutil.Error:
        environment = {}
    stopped = status in {psutil.STATUS_STOPPED, psutil.STATUS_TRACING_STOP}
    given = {key: value for key, value in environment.items() if key in _OURS}
    age_s = time.time() - process.create_time()
    return ProgramFacts(name=name, pid=process.pid, stopped=stopped, age_s=age_s, last_words=words, given=given)


def _strangers(*, ours: set[int]) -> dict[int, tuple[int, str]]:
    try:
        connections = psutil.net_connections(kind="tcp")
    except psutil.AccessDenied:
        return {}
    holders: dict[int, set[int]] = {}
    for connection in connections:
        if connection.status == psutil.CONN_LISTEN and connection.laddr and connection.pid:
            holders.setdefault(connection.laddr[1], set()).add(connection.pid)
    found: dict[int, tuple[int, str]] = {}
    for port, pids in holders.items():
        if not pids & ours:
            with suppress(psutil.Error):
                found[port] = (min(pids), psutil.Process(min(pids)).name())
    return found


def _deaths(log: Path) -> dict[str, Death]:
    """Return how each program died since the supervisor's last start, as its journal tells."""
    deaths: dict[str, Death] = {}
    for line in _end_of(log, size_bytes=_JOURNAL_BYTES).splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if entry.get("event") == "starting":
            deaths.clear()
        elif entry.get("event") == "program_died":
            ago = datetime.now(UTC) - datetime.fromisoformat(entry["timestamp"])
            deaths[entry["program"]] = Death(end=entry["end"], in_a_row=entry["deaths"], ago_s=ago.total_seconds())
    return deaths


def _end_of(log: Path, size_bytes: int = _LAST_BYTES) -> str:
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - size_bytes))
            return file.read().decode(errors="replace")
    except OSError:
        return ""
