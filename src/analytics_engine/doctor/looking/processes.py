"""The processes of the one-machine stack, and who listens on which port."""

from __future__ import annotations

import json
from collections.abc import Mapping
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
        given: what it was started with, of what the parts of the system must agree on.
    """

    name: str
    pid: int | None = None
    stopped: bool = False
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
        listeners: process and name of who listens, by port, as far as that is ours to see.
    """

    home: bool
    supervisor: ProgramFacts | None = None
    programs: Mapping[str, ProgramFacts] = field(default_factory=dict)
    deaths: Mapping[str, Death] = field(default_factory=dict)
    listeners: Mapping[int, tuple[int, str]] = field(default_factory=dict)


def look_at_processes(home: Path) -> ProcessFacts:
    """Return what runs from AE_HOME, without holding or changing any of it."""
    if not (home / "run").is_dir():
        return ProcessFacts(home=(home / "secrets").is_dir(), listeners=_listeners())
    lock = home / "supervisor.lock"
    supervisor = _program("supervisor", lock, home) if is_held(lock) else None
    programs = {path.stem: _program(path.stem, path, home) for path in sorted((home / "run").glob("*.lock"))}
    return ProcessFacts(
        home=True,
        supervisor=supervisor,
        programs={name: program for name, program in programs.items() if name not in {"migrate", "initdb"}},
        deaths=_deaths(home / "logs" / "supervisor.log"),
        listeners=_listeners(),
    )


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
    return ProgramFacts(name=name, pid=process.pid, stopped=stopped, last_words=words, given=given)


def _listeners() -> dict[int, tuple[int, str]]:
    try:
        connections = psutil.net_connections(kind="tcp")
    except psutil.AccessDenied:
        return {}
    found: dict[int, tuple[int, str]] = {}
    for connection in connections:
        if connection.status == psutil.CONN_LISTEN and connection.laddr and connection.pid:
            try:
                found[connection.laddr[1]] = (connection.pid, psutil.Process(connection.pid).name())
            except psutil.Error:
                continue
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
