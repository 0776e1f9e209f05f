"""One version after another without a closed door: each service gets a successor, which serves once it is ready."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress

from analytics_engine.embedded.child import Child, Program
from analytics_engine.embedded.fleet import Addresses, Fleet
from analytics_engine.embedded.installation import Installation
from analytics_engine.errors import ProgramFailed

_READY_LIMIT_S = 120.0


class Upgrade:
    """The way of all services to one installation, a step at a time; what fails on the way is taken back.

    Args:
        migration: what brings the database up to date first; None on the way back, as old code runs on a newer schema.
        restart: whether services that are of the installation already are replaced, too.
        tell: is told of each step.
        replaced: is called whenever another process serves a service.
        ready_limit_s: how long a successor may take until it is ready.
    """

    def __init__(
        self,
        fleet: Fleet,
        *,
        to: Installation,
        addresses: Addresses,
        migration: Program | None,
        restart: bool,
        tell: Callable[[str], None],
        replaced: Callable[[], None],
        ready_limit_s: float = _READY_LIMIT_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.to = to
        self._fleet = fleet
        self._addresses = addresses
        self._migration = migration
        self._restart = restart
        self._tell = tell
        self._replaced = replaced
        self._ready_limit_s = ready_limit_s
        self._clock = clock

    def steps(self) -> Iterator[None]:
        """Go on until something is waited for, again and again.

        Raises:
            ProgramFailed: the database or a service did not come along; the services are what they were, or the
                detail says which are not.
        """
        if self._migration is not None:
            self._tell("bringing the database up to date")
            yield from self._migrate(self._migration)
        before = self._fleet.installations()
        pending = [name for name in self._fleet.names if self._restart or before[name] != self.to]
        done: list[str] = []
        try:
            for name in pending:
                yield from self._replace(name, self.to)
                done.append(name)
        except ProgramFailed as error:
            yield from self._take_back(done, before, error)
        yield from self._until_drained()

    def _migrate(self, migration: Program) -> Iterator[None]:
        child = Child(migration)
        try:
            child.start()
            while child.running:
                yield
        finally:
            child.stop()
        if child.exit_code:
            raise child.failure("The database could not be brought up to date, and nothing was replaced")

    def _replace(self, name: str, to: Installation) -> Iterator[None]:
        self._tell(f"{name}: starting {to.version}")
        successor = self._fleet.succeed(self._addresses, name, to)
        deadline = self._clock() + self._ready_limit_s
        try:
            while not successor.is_ready:
                yield
                successor.listen()
                self._see_whether_it_comes(successor.service.child, name, successor.status, deadline)
        except ProgramFailed:
            self._fleet.dismiss(successor)
            raise
        yield from self._until_drained()
        self._fleet.hand_over(successor)
        self._tell(f"{name}: {to.version} serves")
        self._replaced()

    def _see_whether_it_comes(self, child: Child, name: str, status: str, deadline: float) -> None:
        if not child.running:
            raise child.failure(f"{name} ended while it started")
        if self._clock() > deadline:
            raise ProgramFailed(
                f"{name} was not ready within {self._ready_limit_s:g} s: {status}",
                remedy=f"Look into {child.program.log}.",
            )

    def _take_back(self, done: list[str], before: dict[str, Installation], error: ProgramFailed) -> Iterator[None]:
        self._tell(f"{error.detail}")
        left: list[str] = []
        for name in reversed(done):
            with suppress(ProgramFailed):
                left.append(name)
                yield from self._replace(name, before[name])
                left.pop()
        yield from self._until_drained()
        now = f"{', '.join(left)} could not be taken back and run {self.to.version}" if left else "All was taken back"
        raise ProgramFailed(f"{error.detail}\n{now}.", remedy=error.remedy) from error

    def _until_drained(self) -> Iterator[None]:
        while self._fleet.is_draining:
            yield
