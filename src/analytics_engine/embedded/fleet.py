"""The seven services of one machine: the sockets they listen on, and the processes that serve them now."""

from __future__ import annotations

import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from analytics_engine.embedded.child import Child, Program
from analytics_engine.embedded.installation import Installation
from analytics_engine.embedded.probe import ask
from analytics_engine.kernel.activation import listen

_OK = 200
DRAIN_LIMIT_S = 60.0
_LARGEST_NOTICE = 4096


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """Where the two servers are: the owner's database URL, and Redis."""

    database_url: str
    redis_url: str


class ServiceChild:
    """One process of one of the seven services."""

    def __init__(self, program: Program, *, installation: Installation, ready_url: str) -> None:
        self.child = Child(program)
        self.installation = installation
        self._ready_url = ready_url

    @property
    def name(self) -> str:
        return self.child.program.name

    def launch(self) -> None:
        self.child.start()

    def why_not_ready(self) -> str:
        """Return what the service lacks; empty when it can take requests.

        Raises:
            ProgramFailed: it has ended.
        """
        if not self.child.running:
            raise self.child.failure(f"{self.name} ended while it started")
        reply = ask(self._ready_url, timeout_s=2.0)
        if reply.status == _OK:
            return ""
        dependencies = reply.document.get("dependencies", {})
        return "; ".join(one["detail"] for one in dependencies.values() if one.get("detail")) or reply.problem


class Successor:
    """A process that is to serve a service, and says when it can; until then it takes no connection."""

    def __init__(self, service: ServiceChild) -> None:
        self.service = service
        self.is_ready = False
        self.status = "it has said nothing yet"
        self._folder = Path(tempfile.mkdtemp(prefix="ae-"))
        self._ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._ear.settimeout(0)
        self._ear.bind(str(self._folder / "notify"))
        self._settled = service.child.program
        service.child.program = replace(
            self._settled, environment={**self._settled.environment, "NOTIFY_SOCKET": str(self._folder / "notify")}
        )
        service.launch()

    def listen(self) -> None:
        """Hear what it has said since."""
        with suppress(BlockingIOError):
            while True:
                facts = dict(line.partition("=")[::2] for line in self._ear.recv(_LARGEST_NOTICE).decode().splitlines())
                self.status = facts.get("STATUS", self.status)
                self.is_ready = self.is_ready or facts.get("READY") == "1"

    def settle(self) -> None:
        """Stop listening; should it be started again, it is a process like any other."""
        self.service.child.program = self._settled
        self._ear.close()
        shutil.rmtree(self._folder, ignore_errors=True)


@dataclass(frozen=True)
class _Draining:
    child: Child
    until: float


class Fleet:
    """The services by name, in the order in which they are replaced.

    Args:
        host: the address they listen on.
        ports: those of each service.
        make: returns one process of a service, not started yet.
    """

    def __init__(
        self,
        *,
        host: str,
        ports: Mapping[str, Sequence[int]],
        make: Callable[[Addresses, str, Installation], ServiceChild],
    ) -> None:
        self._host = host
        self._ports = ports
        self._make = make
        self._sockets: dict[str, list[socket.socket]] = {}
        self._serving: dict[str, ServiceChild] = {}
        self._successors: list[Successor] = []
        self._draining: list[_Draining] = []
        self._generation = 0

    @property
    def names(self) -> list[str]:
        return [*self._ports]

    @property
    def serving(self) -> list[ServiceChild]:
        return [*self._serving.values()]

    @property
    def is_draining(self) -> bool:
        return bool(self._draining)

    def installations(self) -> dict[str, Installation]:
        return {name: service.installation for name, service in self._serving.items()}

    def open(self) -> None:
        """Listen on every port; nothing that stops or dies closes it until ``close``.

        Raises:
            PortTaken: another process has one.
        """
        for name, ports in self._ports.items():
            self._sockets[name] = [listen(self._host, port) for port in ports]

    def close(self) -> None:
        for sockets in self._sockets.values():
            for one in sockets:
                one.close()
        self._sockets.clear()

    def start(self, addresses: Addresses, installations: Mapping[str, Installation]) -> None:
        """Start every service, each as its installation has it; none may run."""
        for name in self.names:
            self._serving[name] = self._made(addresses, name, installations[name])
        for service in self._serving.values():
            service.launch()

    def succeed(self, addresses: Addresses, name: str, installation: Installation) -> Successor:
        """Start another process of a service beside the one that serves it."""
        self._generation += 1
        successor = Successor(self._made(addresses, name, installation))
        self._successors.append(successor)
        return successor

    def hand_over(self, successor: Successor) -> None:
        """Have it serve from now on; its predecessor takes nothing new, and ends when it is done."""
        name = successor.service.name
        former = self._serving[name]
        self._successors.remove(successor)
        successor.settle()
        self._serving[name] = successor.service
        former.child.drain()
        self._draining.append(_Draining(former.child, time.monotonic() + DRAIN_LIMIT_S))

    def dismiss(self, successor: Successor) -> None:
        """Have it end: its predecessor goes on."""
        self._successors.remove(successor)
        successor.settle()
        successor.service.child.ask_to_stop()
        self._draining.append(_Draining(successor.service.child, time.monotonic() + DRAIN_LIMIT_S))

    def tidy(self) -> None:
        """Look who of those that are to end has ended; whoever takes too long is told to hurry."""
        for draining in [*self._draining]:
            if not draining.child.running:
                draining.child.stop()
                draining.child.program.lock.unlink(missing_ok=True)
                self._draining.remove(draining)
            elif time.monotonic() > draining.until:
                draining.child.ask_to_stop()

    def stop(self) -> None:
        """Stop all at once: each finishes what it is doing."""
        for successor in [*self._successors]:
            self.dismiss(successor)
        children = [*(service.child for service in self.serving), *(one.child for one in self._draining)]
        for child in children:
            child.ask_to_stop()
        for child in children:
            child.stop()
        self._draining.clear()

    def _made(self, addresses: Addresses, name: str, installation: Installation) -> ServiceChild:
        service = self._make(addresses, name, installation)
        service.child.program = replace(
            service.child.program, sockets=tuple(self._sockets[name]), generation=self._generation
        )
        return service
