"""Keeps programs alive: whatever dies is started again, sooner the rarer it dies."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from analytics_engine.embedded.child import Child
from analytics_engine.embedded.journal import Journal
from analytics_engine.errors import ProgramFailed

_BACK_OFF_S = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
_STABLE_S = 60.0
_SIGNALLED = 128


class Kept(Protocol):
    """A program that can be started again."""

    @property
    def name(self) -> str: ...

    @property
    def child(self) -> Child: ...

    def launch(self) -> None:
        """Start it, without waiting until it is ready."""
        ...


@dataclass
class _Watch:
    kept: Kept
    started_at: float
    deaths: int = 0
    restart_at: float | None = None


class Keeper:
    """Looks after programs that run; ``check`` is called again and again."""

    def __init__(
        self, journal: Journal, *, tell: Callable[[str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._journal = journal
        self._tell = tell
        self._clock = clock
        self._watches: list[_Watch] = []

    def look_after(self, kept: Sequence[Kept]) -> None:
        """Look after these programs from now on, and no others; what is known of their deaths stays known."""
        known = {id(watch.kept): watch for watch in self._watches}
        self._watches = [known.get(id(one)) or _Watch(one, started_at=self._clock()) for one in kept]

    def check(self) -> None:
        for watch in self._watches:
            now = self._clock()
            if watch.restart_at is not None:
                if now >= watch.restart_at:
                    self._restart(watch)
            elif not watch.kept.child.running:
                self._mourn(watch, now)
            elif watch.deaths and now - watch.started_at >= _STABLE_S:
                watch.deaths = 0

    def _mourn(self, watch: _Watch, now: float) -> None:
        delay_s = _BACK_OFF_S[min(watch.deaths, len(_BACK_OFF_S) - 1)]
        watch.deaths += 1
        watch.restart_at = now + delay_s
        end = _how_it_ended(watch.kept.child.exit_code)
        self._journal.record(
            "program_died", level="error", program=watch.kept.name, end=end, deaths=watch.deaths, restart_in_s=delay_s
        )
        self._tell(f"{watch.kept.name} {end}; it is started again in {delay_s:g} s.")

    def _restart(self, watch: _Watch) -> None:
        watch.restart_at = None
        watch.started_at = self._clock()
        try:
            watch.kept.launch()
        except ProgramFailed as error:
            self._journal.record("restart_failed", level="error", program=watch.kept.name, detail=error.detail)
        else:
            self._journal.record("program_restarted", program=watch.kept.name)


def _how_it_ended(code: int | None) -> str:
    if code is None:
        return "is gone"
    number = -code if code < 0 else code - _SIGNALLED if code > _SIGNALLED else 0
    return f"was killed by signal {number}" if number else f"ended with exit code {code}"
