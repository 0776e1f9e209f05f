"""Where the supervisor is asked to upgrade, to go back, and what runs: one way at a time, seen through to its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from analytics_engine.embedded.child import Program
from analytics_engine.embedded.control import Caller, Switchboard
from analytics_engine.embedded.fleet import Addresses, Fleet
from analytics_engine.embedded.home import Home
from analytics_engine.embedded.installation import Installation, Installations
from analytics_engine.embedded.journal import Journal
from analytics_engine.embedded.upgrading import Upgrade
from analytics_engine.errors import AnalyticsEngineError, Conflict, InvalidInput, NotFound, ProgramFailed


class Desk:
    """Answers requests and drives the upgrade that is under way; ``attend`` is called again and again.

    Args:
        own: the installation of the supervisor itself.
        migration: returns what brings the database up to date, of an installation.
        replaced: is called whenever another process serves a service.
    """

    def __init__(
        self,
        home: Home,
        fleet: Fleet,
        *,
        own: Installation,
        migration: Callable[[Addresses, Installation], Program],
        replaced: Callable[[], None],
        journal: Journal,
        say: Callable[[str], None],
    ) -> None:
        self._file: Path = home.path / "installations.json"
        self._fleet = fleet
        self._own = own
        self._migration = migration
        self._replaced = replaced
        self._journal = journal
        self._say = say
        self._switchboard = Switchboard(home)
        self._listeners: list[Caller] = []
        self._upgrade: Upgrade | None = None
        self._steps: Iterator[None] = iter(())
        self._known = Installations(own)

    def open(self) -> None:
        """Take requests from now on, and remember what was started."""
        before = Installations.remembered(self._file)
        if before is not None and before.current != self._own:
            self._say(f"{before.current} ran from here before; this is {self._own}.")
            self._known = Installations(self._own, former=before.current)
        elif before is not None:
            self._known = before
        self._remember()
        if not self._switchboard.open():
            self._journal.record("no_upgrades", level="warning", detail="AE_HOME is too deep for the name of a socket")

    def close(self) -> None:
        self.give_up("The supervisor stops.")
        self._switchboard.close()

    def attend(self, addresses: Addresses) -> None:
        """Answer who asks, and go on with the upgrade."""
        for caller, request in self._switchboard.requests():
            try:
                self._answer(caller, request, addresses)
            except AnalyticsEngineError as error:
                caller.tell(end=True, error=error.detail, remedy=error.remedy)
                caller.hang_up()
        if self._upgrade is not None:
            self._go_on(self._upgrade)

    def give_up(self, why: str) -> None:
        """Leave the upgrade where it is; what runs then may be mixed."""
        if self._upgrade is not None:
            self._end(
                error=f"The upgrade was left where it was: {why}", remedy="Run it again; it finishes what is left."
            )

    def _answer(self, caller: Caller, request: dict[str, Any], addresses: Addresses) -> None:
        match request:
            case {"do": "status"}:
                under_way = str(self._upgrade.to) if self._upgrade else ""
                caller.tell(end=True, **self._known.document(), under_way=under_way)
                caller.hang_up()
            case {"do": "upgrade", "python": str(python), "version": str(version), "restart": bool(restart)}:
                to = Installation(python, version)
                self._begin(caller, to, addresses, migrate=True, restart=restart and self._is_all(to))
            case {"do": "rollback"}:
                self._begin(caller, self._back(), addresses, migrate=False, restart=False)
            case _:
                raise InvalidInput(
                    "The supervisor does not know this request.", remedy="Restart it: `analytics-engine up`."
                )

    def _back(self) -> Installation:
        """Return where a rollback leads: from a mixture to what was before it, else to the former installation."""
        if self._upgrade is not None and self._upgrade.to in {self._known.current, self._known.former}:
            return self._upgrade.to
        if self._upgrade is None and not self._is_all(self._known.current):
            return self._known.current
        if self._known.former is not None:
            return self._known.former
        raise NotFound(
            f"There is nothing to go back to: {self._known.current} was not upgraded to.",
            remedy="`analytics-engine upgrade --to ...` goes to any installation.",
        )

    def _is_all(self, installation: Installation) -> bool:
        return set(self._fleet.installations().values()) == {installation}

    def _begin(self, caller: Caller, to: Installation, addresses: Addresses, *, migrate: bool, restart: bool) -> None:
        if self._upgrade is not None:
            if self._upgrade.to != to:
                raise Conflict(
                    f"An upgrade to {self._upgrade.to} is under way.", remedy="Wait for its end, then run this again."
                )
        elif self._is_all(to) and not restart:
            self._settle(to)
            caller.tell(end=True, step=f"nothing to do: all services are of {to}")
            caller.hang_up()
            return
        else:
            self._journal.record("upgrade_begun", to=to.version, python=to.python, migrate=migrate)
            self._upgrade = Upgrade(
                self._fleet,
                to=to,
                addresses=addresses,
                migration=self._migration(addresses, to) if migrate else None,
                restart=restart,
                tell=self._tell,
                replaced=self._note,
            )
            self._steps = self._upgrade.steps()
        self._listeners.append(caller)

    def _go_on(self, upgrade: Upgrade) -> None:
        try:
            next(self._steps)
        except StopIteration:
            self._settle(upgrade.to)
            self._end(step=f"done: all services are of {upgrade.to}")
        except ProgramFailed as error:
            self._end(error=error.detail, remedy=error.remedy)

    def _settle(self, to: Installation) -> None:
        """Remember that all run one installation: its former is what ran before, and after a rollback none."""
        if to != self._known.current:
            former = None if to == self._known.former else self._known.current
            self._known = Installations(to, former=former)
        self._remember()

    def _note(self) -> None:
        self._replaced()
        self._remember()

    def _remember(self) -> None:
        self._known = replace(self._known, services=self._fleet.installations())
        self._known.remember(self._file)

    def _tell(self, step: str) -> None:
        self._journal.record("upgrade_step", step=step)
        self._say(f"Upgrade: {step}")
        for caller in self._listeners:
            caller.tell(step=step)

    def _end(self, **facts: str) -> None:
        self._journal.record("upgrade_ended", level="error" if "error" in facts else "info", **facts)
        self._say(f"Upgrade: {facts.get('error') or facts.get('step')}")
        self._upgrade, self._steps = None, iter(())
        for caller in self._listeners:
            caller.tell(end=True, **facts)
            caller.hang_up()
        self._listeners.clear()
