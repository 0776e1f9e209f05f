from __future__ import annotations

import json
import os
import re
import time
from collections import deque
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from analytics_engine.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from analytics_engine.embedded.log_entries import LogEntry, Wanted

_POLL_S = 0.2
_AGO = re.compile(r"(?P<number>\d+)(?P<unit>[smhd])")
_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def logs(
    name: Annotated[str, typer.Argument(help="A service, or postgres, valkey, migrate, supervisor.")] = "",
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="How many of the last entries.")] = 50,
    *,
    all_of_them: Annotated[bool, typer.Option("--all", help="All logs together, in the order of time.")] = False,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what is written from now on.")] = False,
    since: Annotated[str, typer.Option(help="Not older: 90s, 15m, 2h, 3d, or a time such as 2026-01-31T10:00Z.")] = "",
    level: Annotated[str, typer.Option(help="Not below: debug, info, warning, error, critical.")] = "debug",
    request_id: Annotated[str, typer.Option(help="Only of the request of this X-Request-ID.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Each entry as a JSON object, whoever wrote it.")] = False,
) -> None:
    """Print the end of a log, or of all, of the system that runs from this AE_HOME."""
    from analytics_engine.bootstrap.settings import load_settings
    from analytics_engine.embedded.log_entries import LEVELS, Wanted, entries_of, names_of

    folder = load_settings().ae_home / "logs"
    if level.lower() not in LEVELS:
        raise InvalidInput(f"There is no level {level!r}.", remedy=f"There are: {', '.join(LEVELS)}.")
    names = _names(names_of(folder), name, all_of_them=all_of_them, folder=folder)
    wanted = Wanted(since=_moment(since), level=level.lower(), request_id=request_id)
    show = _shown(as_json=as_json, many=all_of_them)
    tails = [_Tail(folder / f"{one}.log") for one in names] if follow else []
    for entry in deque(filter(wanted.admits, entries_of(folder, names, rotated=bool(since))), maxlen=lines):
        typer.echo(show(entry))
    if follow:
        _follow(tails, wanted, show)


def _names(known: list[str], name: str, *, all_of_them: bool, folder: Path) -> list[str]:
    if all_of_them or name in known:
        if not known:
            raise NotFound(f"There are no logs in {folder}.", remedy="Start the system first: analytics-engine up")
        return known if all_of_them else [name]
    remedy = f"There are: {', '.join(known)}; or --all." if known else "Start the system first: analytics-engine up"
    raise NotFound(f"There is no log {name!r} in {folder}." if name else "Name a log, or --all.", remedy=remedy)


def _moment(since: str) -> datetime | None:
    if not since:
        return None
    if ago := _AGO.fullmatch(since):
        return datetime.now(UTC) - timedelta(seconds=int(ago["number"]) * _UNITS_S[ago["unit"]])
    try:
        at = datetime.fromisoformat(since)
    except ValueError:
        raise InvalidInput(
            f"--since: {since!r} is no time.", remedy="Write 90s, 15m, 2h, 3d, or a time such as 2026-01-31T10:00Z."
        ) from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _shown(*, as_json: bool, many: bool) -> Callable[[LogEntry], str]:
    if as_json:
        return lambda entry: json.dumps(entry.document(), default=str)
    return lambda entry: f"{entry.source:<27} {entry.text}" if many else entry.text


class _Tail:
    """What is added to a log from now on, also when it is rotated."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = self._opened()
        self._file.seek(0, 2)

    def added(self) -> Iterator[str]:
        """Yield the whole lines that were added since the last call."""
        while True:
            place = self._file.tell()
            line = self._file.readline()
            if not line.endswith("\n"):
                self._file.seek(place)
                break
            yield line
        if self.path.exists() and not os.path.samestat(self.path.stat(), os.fstat(self._file.fileno())):
            self._file.close()
            self._file = self._opened()

    def _opened(self) -> TextIO:
        return self.path.open(encoding="utf-8", errors="replace")


def _follow(tails: list[_Tail], wanted: Wanted, show: Callable[[LogEntry], str]) -> None:
    """Print what is added until interrupted."""
    from analytics_engine.embedded.log_entries import parsed

    try:
        while True:
            for tail in tails:
                for entry in parsed(tail.path.stem, tail.added()):
                    if wanted.admits(entry):
                        typer.echo(show(entry))
            time.sleep(_POLL_S)
    except KeyboardInterrupt:
        return


def register(app: typer.Typer) -> None:
    app.command()(logs)
