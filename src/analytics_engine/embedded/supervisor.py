"""The whole system on one machine: started in order, kept alive, stopped in order."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from analytics_engine.embedded import leftovers
from analytics_engine.embedded.child import Child, Program
from analytics_engine.embedded.desk import Desk
from analytics_engine.embedded.fleet import Addresses, Fleet, ServiceChild
from analytics_engine.embedded.home import Home
from analytics_engine.embedded.installation import Installation
from analytics_engine.embedded.journal import Journal
from analytics_engine.embedded.keeper import Keeper, Kept
from analytics_engine.embedded.ports import require_free
from analytics_engine.embedded.postgres import EmbeddedPostgres
from analytics_engine.embedded.sample import SampleLoad, follow
from analytics_engine.embedded.stopping import StopRequested, ignore_signals, stop_signals
from analytics_engine.embedded.terminal import Terminal
from analytics_engine.embedded.valkey import EmbeddedValkey
from analytics_engine.errors import ProgramFailed
from analytics_engine.kernel.activation import ServiceManager

_POLL_S = 0.1
_READY_LIMIT_S = 120.0
_LEFTOVER_PATIENCE_S = 10.0


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is run.

    Args:
        addresses: where the servers are now; one of our own may move to another port when it is restarted.
        postgres, valkey: None where the operator has a server of his own.
        ports: what listens where, by name; ``offset`` was added to each.
        own: the installation that is started.
        migration: the program of an installation that brings the database up to date.
        services: the ports of each of the seven services, in the order in which they are replaced.
        service: a process of one of them, of an installation, for these addresses.
        sample: None when no sample data is wanted.
        welcome: what to say when all is ready.
    """

    home: Home
    host: str
    offset: int
    ports: Mapping[str, int]
    postgres: EmbeddedPostgres | None
    valkey: EmbeddedValkey | None
    addresses: Callable[[], Addresses]
    own: Installation
    migration: Callable[[Addresses, Installation], Program]
    services: Mapping[str, Sequence[int]]
    service: Callable[[Addresses, str, Installation], ServiceChild]
    sample: SampleLoad | None
    welcome: Callable[[], Sequence[str]]


class Supervisor:
    def __init__(self, plan: Plan, terminal: Terminal) -> None:
        self._plan = plan
        self._terminal = terminal
        self._journal = Journal(plan.home)
        self._keeper = Keeper(self._journal, tell=terminal.warn)
        self._manager = ServiceManager()
        self._fleet = Fleet(host=plan.host, ports=plan.services, make=plan.service)
        self._desk = Desk(
            plan.home,
            self._fleet,
            own=plan.own,
            migration=plan.migration,
            replaced=lambda: self._keeper.look_after(self._kept()),
            journal=self._journal,
            say=terminal.line,
        )

    def run(self) -> None:
        """Run the system until a signal says stop; on return nothing of it runs any more.

        Raises:
            PortTaken: a port it needs is in use.
            ProgramFailed: a part did not start.
        """
        with stop_signals():
            try:
                addresses = self._start()
                self._load_sample()
                self._greet()
                self._keep(addresses)
            except StopRequested:
                self._journal.record("stop_requested")
            finally:
                ignore_signals()
                self._stop()

    def _start(self) -> Addresses:
        plan = self._plan
        self._journal.record("starting", home=str(plan.home.path))
        for lock in plan.home.run.glob("*.lock"):
            leftovers.end(lock, patience_s=_LEFTOVER_PATIENCE_S)
        require_free(plan.ports, host=plan.host, offset=plan.offset)
        self._fleet.open()
        self._start_servers()
        addresses = plan.addresses()
        with self._terminal.step("Database brought up to date"):
            self._migrate(addresses)
        with self._terminal.step("Seven services started"):
            self._start_services(addresses, dict.fromkeys(plan.services, plan.own))
        self._desk.open()
        self._journal.record("started")
        return addresses

    def _start_servers(self) -> None:
        postgres, valkey = self._plan.postgres, self._plan.valkey
        if valkey:
            with self._terminal.step("Valkey started"):
                valkey.start()
        if postgres:
            with self._terminal.step("PostgreSQL started"):
                postgres.start()

    def _migrate(self, addresses: Addresses) -> None:
        migration = Child(self._plan.migration(addresses, self._plan.own))
        try:
            migration.start()
            while migration.running:
                time.sleep(_POLL_S)
        finally:
            migration.stop()
        if migration.exit_code:
            raise migration.failure("The database could not be brought up to date")

    def _start_services(self, addresses: Addresses, installations: Mapping[str, Installation]) -> None:
        self._fleet.start(addresses, installations)
        deadline = time.monotonic() + _READY_LIMIT_S
        while waiting := {one.name: why for one in self._fleet.serving if (why := one.why_not_ready())}:
            if time.monotonic() > deadline:
                named = "; ".join(f"{name}: {why}" for name, why in waiting.items())
                raise ProgramFailed(
                    f"Not ready within {_READY_LIMIT_S:g} s: {named}.", remedy=f"Look into {self._plan.home.logs}."
                )
            time.sleep(_POLL_S)
        self._keeper.look_after(self._kept())

    def _load_sample(self) -> None:
        sample = self._plan.sample
        if sample is None or not sample.needed():
            return
        began = time.monotonic()
        with self._terminal.bar("Loading the sample data") as bar:
            state = follow(sample, show=bar.show, between=self._look_around)
        if state.failure:
            self._journal.record("sample_failed", level="error", detail=state.failure)
            self._terminal.warn(f"The sample data was not loaded: {state.failure}")
            self._terminal.warn(f"{state.remedy or 'It is tried again at the next start.'}")
        else:
            self._journal.record("sample_loaded")
            self._terminal.line(f"Sample data loaded ({time.monotonic() - began:.1f} s)")

    def _greet(self) -> None:
        self._manager.tell(READY="1")
        self._terminal.line()
        for line in self._plan.welcome():
            self._terminal.line(line)

    def _keep(self, addresses: Addresses) -> None:
        while True:
            self._look_around()
            if self._plan.addresses() != addresses:
                addresses = self._plan.addresses()
                self._journal.record("server_moved", level="warning")
                self._desk.give_up("a server has another address now.")
                self._fleet.stop()
                self._start_services(addresses, self._fleet.installations())
            self._desk.attend(addresses)

    def _look_around(self) -> None:
        self._keeper.check()
        self._fleet.tidy()
        time.sleep(_POLL_S)

    def _kept(self) -> list[Kept]:
        return [one for one in (self._plan.postgres, self._plan.valkey, *self._fleet.serving) if one is not None]

    def _stop(self) -> None:
        servers = [one for one in (self._plan.valkey, self._plan.postgres) if one is not None]
        self._desk.close()
        started = bool(self._fleet.serving)
        if started:
            self._terminal.line()
            with self._terminal.step("Services stopped"):
                self._fleet.stop()
        self._fleet.close()
        for server in servers:
            server.stop()
        if servers and started:
            self._terminal.line("Servers stopped; the data stays.")
        self._journal.record("stopped")
