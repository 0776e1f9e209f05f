"""The logs of AE_HOME as entries: of our services, which write JSON, of PostgreSQL and of Valkey."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

LEVELS = ("debug", "info", "warning", "error", "critical")
_POSTGRES = re.compile(
    r"^(?P<at>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+) \w+ \[\d+\] .*?"
    r"(?P<level>DEBUG\d|LOG|INFO|NOTICE|WARNING|ERROR|FATAL|PANIC|DETAIL|HINT|STATEMENT|CONTEXT):\s+(?P<event>.*)$"
)
_VALKEY = re.compile(r"^\d+:\w (?P<at>\d\d? \w{3} \d{4} \d\d:\d\d:\d\d\.\d+) (?P<level>[.\-*#]) (?P<event>.*)$")
_OF_POSTGRES = {"WARNING": "warning", "ERROR": "error", "FATAL": "error", "PANIC": "critical"}
_OF_VALKEY = {".": "debug", "-": "info", "*": "info", "#": "warning"}


@dataclass(frozen=True)
class LogEntry:
    """One entry; ``text`` is as the program wrote it, without its last line break."""

    source: str
    at: datetime | None
    level: str
    event: str
    text: str
    fields: Mapping[str, Any] = field(default_factory=dict)

    @property
    def request_id(self) -> str:
        return str(self.fields.get("request_id", ""))

    def document(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        at = self.at.isoformat() if self.at else None
        return {**self.fields, "source": self.source, "timestamp": at, "level": self.level, "event": self.event}


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which entries are wanted."""

    since: datetime | None = None
    level: str = "debug"
    request_id: str = ""

    def admits(self, entry: LogEntry) -> bool:
        return (
            (self.since is None or (entry.at is not None and entry.at >= self.since))
            and LEVELS.index(entry.level) >= LEVELS.index(self.level)
            and (not self.request_id or entry.request_id == self.request_id)
        )


def names_of(folder: Path) -> list[str]:
    """Return of what there are logs."""
    return sorted(path.stem for path in folder.glob("*.log"))


def entries_of(folder: Path, names: Sequence[str], *, rotated: bool = True) -> list[LogEntry]:
    """Return the entries of some logs in the order of time; with ``rotated``, also of their older files."""
    found: list[LogEntry] = []
    for name in names:
        older = [folder / f"{name}.log.{number}" for number in (2, 1)] if rotated else []
        for file in [*older, folder / f"{name}.log"]:
            if file.exists():
                with file.open(encoding="utf-8", errors="replace") as lines:
                    found.extend(parsed(name, lines))
    first = datetime.min.replace(tzinfo=UTC)
    return sorted(found, key=lambda entry: entry.at or first)


def parsed(source: str, lines: Iterable[str]) -> Iterator[LogEntry]:
    """Yield the entries that lines are; a line that begins none goes on with the one before."""
    held: LogEntry | None = None
    for line in map(str.rstrip, lines):
        entry = _json(source, line) or _of(_POSTGRES, _postgres, source, line) or _of(_VALKEY, _valkey, source, line)
        if entry is None and held is not None:
            held = LogEntry(held.source, held.at, held.level, held.event, f"{held.text}\n{line}", held.fields)
            continue
        if held is not None:
            yield held
        held = entry or LogEntry(source, None, "info", line, line)
    if held is not None:
        yield held


def _json(source: str, line: str) -> LogEntry | None:
    if not line.startswith("{"):
        return None
    try:
        fields = json.loads(line)
        at = datetime.fromisoformat(fields["timestamp"])
    except (ValueError, KeyError, TypeError):
        return None
    level = str(fields.get("level", "info"))
    return LogEntry(source, at, level if level in LEVELS else "info", str(fields.get("event", "")), line, fields)


def _of(
    pattern: re.Pattern[str], made: Callable[[str, re.Match[str], str], LogEntry], source: str, line: str
) -> LogEntry | None:
    match = pattern.match(line)
    return made(source, match, line) if match else None


def _postgres(source: str, match: re.Match[str], line: str) -> LogEntry:
    at = datetime.fromisoformat(match["at"]).replace(tzinfo=UTC)
    return LogEntry(source, at, _OF_POSTGRES.get(match["level"], "info"), match["event"], line)


def _valkey(source: str, match: re.Match[str], line: str) -> LogEntry:
    at = datetime.strptime(match["at"], "%d %b %Y %H:%M:%S.%f").replace(tzinfo=UTC)
    return LogEntry(source, at, _OF_VALKEY[match["level"]], match["event"], line)
