"""How services are replaced, with services of a few lines: real processes, real sockets."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from analytics_engine.embedded.child import Program
from analytics_engine.embedded.control import call
from analytics_engine.embedded.desk import Desk
from analytics_engine.embedded.fleet import Addresses, Fleet, ServiceChild
from analytics_engine.embedded.home import Home
from analytics_engine.embedded.installation import Installation, Installations
from analytics_engine.embedded.journal import Journal
from analytics_engine.embedded.ports import any_free_port
from analytics_engine.embedded.upgrading import Upgrade
from analytics_engine.errors import NotRunning, ProgramFailed

_SERVICE = Path(__file__).parents[2] / "support" / "tiny_service.py"
_ADDRESSES = Addresses(database_url="", redis_url="")
OLD, NEW = Installation("/old/bin/python", "1"), Installation("/new/bin/python", "2")


@dataclass
class Town:
    """Two services that run in version 1, and who may ask for more."""

    home: Home
    ports: dict[str, int]
    migrated: list[Installation] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    sleepy: str = ""

    def __post_init__(self) -> None:
        self.fleet = Fleet(host="127.0.0.1", ports={name: [port] for name, port in self.ports.items()}, make=self._make)

    def program(self, name: str, *command: str) -> Program:
        return Program(name=name, command=command, environment={}, home=self.home, directory=Path("/"), grace_s=10)

    def _make(self, _: Addresses, name: str, installation: Installation) -> ServiceChild:
        version = "sleepy" if name == self.sleepy else installation.version
        program = self.program(name, sys.executable, str(_SERVICE), version)
        return ServiceChild(program, installation=installation, ready_url=f"http://127.0.0.1:{self.ports[name]}/")

    def version(self, name: str) -> str:
        connection = HTTPConnection("127.0.0.1", self.ports[name], timeout=30)
        connection.request("GET", "/")
        answer = connection.getresponse().read().decode()
        connection.close()
        return answer

    def versions(self) -> list[str]:
        return [self.version(name) for name in self.ports]

    def upgrade(self, to: Installation, *, migration: Program | None = None) -> None:
        """Replace all; time stands still until one that comes has said that it is asleep, and is over then."""
        steps = Upgrade(
            self.fleet,
            to=to,
            addresses=_ADDRESSES,
            migration=migration,
            restart=False,
            tell=self.told.append,
            replaced=lambda: None,
            clock=lambda: 1e6 if any(one.status == "it is asleep" for one in self.fleet._successors) else 0.0,
        ).steps()
        for _ in steps:
            self.fleet.tidy()
            time.sleep(0.01)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    one = Town(Home(tmp_path / "home"), {"first": any_free_port(), "second": any_free_port()})
    one.fleet.open()
    one.fleet.start(_ADDRESSES, dict.fromkeys(one.ports, OLD))
    yield one
    one.fleet.stop()
    one.fleet.close()


def test_every_request_is_answered_while_services_are_replaced(town: Town) -> None:
    """Requests that never pause see one version and then the other, and no closed door."""
    answers: list[str] = []
    ended = threading.Event()

    def ask() -> None:
        while not ended.is_set():
            answers.extend(town.versions())

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        town.upgrade(NEW)
    finally:
        ended.set()
        asking.join()
    assert set(answers) <= {"1", "2"}
    assert town.versions() == ["2", "2"]
    assert town.fleet.installations() == {"first": NEW, "second": NEW}
    assert [step for step in town.told if "serves" in step] == ["first: 2 serves", "second: 2 serves"]
    assert sorted(path.name for path in town.home.run.glob("*.lock")) == ["first.1.lock", "second.2.lock"]


def test_a_connection_made_while_nobody_serves_is_answered_by_who_comes_next(town: Town) -> None:
    """The socket is the supervisor's: it stays when a service dies."""
    town.versions()
    (service,) = (one for one in town.fleet.serving if one.name == "first")
    service.child.stop()
    connection = HTTPConnection("127.0.0.1", town.ports["first"], timeout=30)
    connection.request("GET", "/")
    service.launch()
    assert connection.getresponse().read() == b"1"
    connection.close()


def test_a_version_that_ends_at_once_is_not_let_in(town: Town) -> None:
    """The error says so in its own words, and everything runs as before."""
    with pytest.raises(ProgramFailed, match=r"first ended while it started: This version is broken\.") as failed:
        town.upgrade(Installation("/broken", "broken"))
    assert failed.value.remedy == "Take another one."
    assert "All was taken back." in failed.value.detail
    assert town.versions() == ["1", "1"]


def test_a_version_that_does_not_get_ready_is_taken_back(town: Town) -> None:
    """What was replaced before goes back too; the error tells what the service said of itself."""
    town.sleepy = "second"
    with pytest.raises(ProgramFailed, match=r"second was not ready within 120 s: it is asleep\nAll was taken back\."):
        town.upgrade(NEW)
    assert [step for step in town.told if "serves" in step] == ["first: 2 serves", "first: 1 serves"]
    assert town.versions() == ["1", "1"]
    assert town.fleet.installations() == {"first": OLD, "second": OLD}


def test_nothing_is_replaced_when_the_database_does_not_come_along(town: Town) -> None:
    """The migration's own cause and remedy are told."""
    script = "import sys; sys.exit('error: A table is locked.\\nremedy: Wait.')"
    with pytest.raises(ProgramFailed, match="nothing was replaced: A table is locked"):
        town.upgrade(NEW, migration=town.program("migrate", sys.executable, "-c", script))
    assert town.versions() == ["1", "1"]


@dataclass
class Office:
    """A desk that is attended to in a thread, as the supervisor does."""

    town: Town
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.desk = Desk(
            self.town.home,
            self.town.fleet,
            own=OLD,
            migration=self._migration,
            replaced=lambda: None,
            journal=Journal(self.town.home),
            say=self.said.append,
        )
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._attend)

    def open(self) -> None:
        self.desk.open()
        self._thread.start()

    def close(self) -> None:
        self._ended.set()
        self._thread.join()
        self.desk.close()

    def ask(self, **request: Any) -> list[dict[str, Any]]:
        return list(call(self.town.home, request))

    def upgrade(self, to: Installation, *, restart: bool = False) -> list[dict[str, Any]]:
        return self.ask(do="upgrade", python=to.python, version=to.version, restart=restart)

    def remembered(self) -> Installations:
        kept = Installations.remembered(self.town.home.path / "installations.json")
        assert kept is not None
        return kept

    def _migration(self, _: Addresses, installation: Installation) -> Program:
        self.town.migrated.append(installation)
        return self.town.program("migrate", sys.executable, "-c", "")

    def _attend(self) -> None:
        while not self._ended.is_set():
            self.town.fleet.tidy()
            self.desk.attend(_ADDRESSES)
            time.sleep(0.01)


@pytest.fixture
def office(town: Town) -> Iterator[Office]:
    one = Office(town)
    one.open()
    yield one
    one.close()


def test_an_upgrade_migrates_first_and_a_rollback_does_not(office: Office) -> None:
    """The former installation is remembered once, and a second rollback has nothing to go back to."""
    assert office.upgrade(NEW)[-1] == {"end": True, "step": "done: all services are of 2 (/new)"}
    assert (office.remembered().current, office.remembered().former) == (NEW, OLD)
    assert office.ask(do="rollback")[-1] == {"end": True, "step": "done: all services are of 1 (/old)"}
    assert (office.remembered().current, office.remembered().former) == (OLD, None)
    assert office.town.versions() == ["1", "1"]
    assert office.town.migrated == [NEW]
    assert office.ask(do="rollback")[-1]["error"].startswith("There is nothing to go back to: 1 (/old)")


def test_what_runs_already_is_left_alone_or_restarted_one_by_one(office: Office) -> None:
    """By name nothing is to do; without one every service gets a new process."""
    assert office.upgrade(OLD) == [{"end": True, "step": "nothing to do: all services are of 1 (/old)"}]
    before = [one.child.launcher_pid for one in office.town.fleet.serving]
    office.upgrade(OLD, restart=True)
    assert not {one.child.launcher_pid for one in office.town.fleet.serving} & set(before)


def test_an_upgrade_goes_on_when_who_asked_for_it_goes_away(office: Office) -> None:
    """Whoever asks again is told the rest; another way meanwhile is refused."""
    asking = call(office.town.home, {"do": "upgrade", "python": NEW.python, "version": NEW.version, "restart": False})
    assert next(asking)["step"] == "bringing the database up to date"
    asking.close()
    refused = office.upgrade(Installation("/third", "3"))[-1]
    assert refused["error"] == "An upgrade to 2 (/new) is under way."
    assert office.ask(do="status")[-1]["under_way"] == "2 (/new)"
    office.upgrade(NEW)
    assert office.town.versions() == ["2", "2"]


def test_a_failed_upgrade_is_told_to_who_asked_and_remembered_as_none(office: Office) -> None:
    told = office.upgrade(Installation("/broken", "broken"))
    assert "This version is broken." in told[-1]["error"]
    assert told[-1]["remedy"] == "Take another one."
    assert (office.remembered().current, office.remembered().former) == (OLD, None)
    assert office.remembered().services == {"first": OLD, "second": OLD}


def test_who_speaks_no_sense_is_told_so(office: Office) -> None:
    assert office.ask(do="dance")[-1]["error"] == "The supervisor does not know this request."


def test_the_socket_is_for_its_owner_only(office: Office, tmp_path: Path) -> None:
    socket = office.town.home.run / "control.sock"
    assert socket.stat().st_mode & 0o777 == 0o600
    with pytest.raises(NotRunning, match=r"No supervisor takes calls"):
        list(call(Home(tmp_path / "another"), {"do": "status"}))


def test_another_version_that_is_started_can_go_back_to_the_one_before(town: Town) -> None:
    """What ran from this AE_HOME before is what a rollback goes back to."""
    Installations(NEW).remember(town.home.path / "installations.json")
    office = Office(town)
    office.open()
    try:
        assert office.said == ["2 (/new) ran from here before; this is 1 (/old)."]
        assert office.remembered().former == NEW
        office.ask(do="rollback")
        assert town.versions() == ["2", "2"]
    finally:
        office.close()
