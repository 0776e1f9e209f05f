"""What somebody who helps from afar needs, in one file: no secret, and no row of a client."""

from __future__ import annotations

import io
import json
import os
import platform
import re
import tarfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from analytics_engine.adapters.postgres.looking import Look, NotAdmitted, look
from analytics_engine.bootstrap.settings import Settings
from analytics_engine.doctor.checkups.metrics import text_of
from analytics_engine.doctor.diagnosis import judged, look_around
from analytics_engine.doctor.seen import Seen
from analytics_engine.embedded.log_entries import LogEntry, entries_of, names_of
from analytics_engine.kernel.queries import load_queries
from analytics_engine.kernel.redaction import REDACTED

_SQL = load_queries(__package__, "support_bundle.sql")
_LINES_A_LOG = 500
_SHORTEST_SECRET = 6
_SPEAKS_OF_ROWS = ("DETAIL:", "STATEMENT:", "CONTEXT:", "QUERY:")
_LITERAL = re.compile(r"'(?:[^']|'')*'")
_CREDENTIALS = re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]+@")
_TOKEN = re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]+|\bae_[A-Za-z0-9]{4,}[._][\w-]{16,}")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


async def write_bundle(path: Path, *, folder: Path) -> list[str]:
    """Write the bundle, for its owner's eyes only, and return the names of what is in it."""
    seen = await look_around(folder=folder, environ=os.environ)
    hidden = _Hiding(seen)
    texts = {
        name: hidden.of(text if isinstance(text, str) else json.dumps(text, indent=2, default=str) + "\n")
        for name, text in [*_parts(seen), *[part async for part in _database(seen)]]
    }
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    top = path.name.partition(".")[0]
    with os.fdopen(descriptor, "wb") as file, tarfile.open(fileobj=file, mode="w:gz") as bundle:
        for name, text in texts.items():
            content = text.encode()
            entry = tarfile.TarInfo(f"{top}/{name}")
            entry.size, entry.mtime, entry.mode = len(content), int(datetime.now(UTC).timestamp()), 0o600
            bundle.addfile(entry, io.BytesIO(content))
    return list(texts)


class _Hiding:
    """Replaces every secret that is known here, and whatever looks like one."""

    def __init__(self, seen: Seen) -> None:
        self._known = sorted(_secrets(seen), key=len, reverse=True)

    def of(self, text: str) -> str:
        for secret in self._known:
            text = text.replace(secret, REDACTED).replace(json.dumps(secret)[1:-1], REDACTED)
        text = _CREDENTIALS.sub(f"{REDACTED}@", text)
        text = _TOKEN.sub(REDACTED, text)
        return _EMAIL.sub(REDACTED, text)


def _secrets(seen: Seen) -> Iterator[str]:
    settings = seen.settings
    if settings is None:
        return
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if hasattr(value, "get_secret_value"):
            text = value.get_secret_value()
            yield from (part for part in (text, urlsplit(text).password or "") if len(part) >= _SHORTEST_SECRET)
    for parent in ("secrets", "channel-secrets", "connector-secrets"):
        for file in (settings.ae_home / parent).rglob("*"):
            if (
                file.is_file()
                and len(text := file.read_text(encoding="utf-8", errors="replace").strip()) >= _SHORTEST_SECRET
            ):
                yield text


def _parts(seen: Seen) -> Iterator[tuple[str, Any]]:
    yield "doctor.json", judged(seen).document()
    yield "health.json", [{"service": one.service, "contact": one.contact, **one.report} for one in seen.services]
    yield "settings.json", _shown(seen.settings) if seen.settings else {"invalid": seen.written.invalid}
    yield "versions.json", _versions()
    yield "machine.json", _machine(seen)
    for service in seen.services:
        if text := text_of(service):
            yield f"metrics/{service.service.value}.txt", text
    logs = seen.settings.ae_home / "logs" if seen.settings else Path("/nonexistent")
    for name in names_of(logs):
        entries = entries_of(logs, [name])[-_LINES_A_LOG:]
        yield f"logs/{name}.log", "".join(f"{_without_rows(entry)}\n" for entry in entries)


def _without_rows(entry: LogEntry) -> str:
    """Return an entry without what a server quotes of statements and of rows."""
    lines = (line for line in entry.text.splitlines() if not any(mark in line for mark in _SPEAKS_OF_ROWS))
    return _LITERAL.sub("'...'", "\n".join(lines)) if entry.source == "postgres" else entry.text


def _shown(settings: Settings) -> dict[str, Any]:
    return {name.upper(): value for name, value in settings.model_dump(mode="json").items()}


def _versions() -> dict[str, str]:
    return {one.metadata["Name"]: one.version for one in sorted(distributions(), key=lambda one: one.metadata["Name"])}


def _machine(seen: Seen) -> Mapping[str, Any]:
    machine = seen.machine
    return {
        "system": platform.platform(),
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "memory_bytes": machine.memory_bytes if machine else None,
        "free_memory_bytes": machine.free_memory_bytes if machine else None,
        "open_files_limit": machine.open_files_limit if machine else None,
        "disks": [vars(disk) for disk in seen.files.disks] if seen.files else [],
        "deaths": {name: vars(death) for name, death in seen.processes.deaths.items()},
    }


async def _database(seen: Seen) -> Any:
    if seen.settings is None or seen.settings.database_url is None:
        return
    try:
        async with look(seen.settings.database_url.get_secret_value(), within_s=10.0) as database:
            for name, query in _SQL.items():
                yield f"database/{name}.json", await _rows(database, query)
    except NotAdmitted as error:
        yield "database/refusal.json", {"refusal": error.refusal}


async def _rows(database: Look, query: str) -> Any:
    try:
        return [dict(row) for row in await database.rows(query)]
    except NotAdmitted as error:
        return {"refusal": error.refusal}
