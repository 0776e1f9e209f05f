"""NATS with JetStream on this machine, for tests: Debian's, unpacked once by ``nats.sh`` and kept.

``python -m support.nats`` fetches it, or says why not. Tests never fetch: they use what is there.
"""

from __future__ import annotations

import os
import secrets
import socket
from pathlib import Path

from analytics_engine.embedded.child import Child, Program
from analytics_engine.embedded.home import Home
from analytics_engine.embedded.ports import LOOPBACK, any_free_port
from support.builds import build, place_of_build
from support.waiting import wait_until

RECIPE = Path(__file__).with_suffix(".sh")
NOT_HERE = "on NATS, which is not fetched here (`make nats`, on Debian)"


def program() -> Path | None:
    """Return the server's program, or None where it is not fetched."""
    path = place_of_build(RECIPE) / "nats-server"
    return path if path.is_file() else None


class Nats:
    """A server of the tests' own on the loopback, with a password and its streams in files; it may be killed."""

    def __init__(self, home: Home) -> None:
        server = program()
        assert server is not None
        self.port = any_free_port()
        self._password = secrets.token_hex(16)
        self._folder = home.server("nats")
        self.streams = self._folder / "streams"
        configuration = self._folder / "nats.conf"
        configuration.write_text(
            f'authorization {{ user: tests, password: "{self._password}" }}\n'
            f'jetstream {{ store_dir: "{self.streams}" }}\n',
            encoding="utf-8",
        )
        configuration.chmod(0o600)
        if home.account:
            os.chown(configuration, home.account.user, home.account.group)
        self.child = Child(
            Program(
                name="nats",
                command=[str(server), "-a", LOOPBACK, "-p", str(self.port), "-c", str(configuration)],
                environment={"PATH": os.defpath},
                home=home,
                directory=self._folder,
                account=home.account,
            )
        )

    def url(self, *, password: str | None = None) -> str:
        return f"nats://tests:{password or self._password}@{LOOPBACK}:{self.port}"

    def start(self) -> None:
        self.child.start()
        wait_until(self._listens, within_s=60)

    def stop(self) -> None:
        self.child.stop()

    def _listens(self) -> bool:
        assert self.child.running, self.child.last_words()
        with socket.socket() as probe:
            return probe.connect_ex((LOOPBACK, self.port)) == 0


if __name__ == "__main__":
    if program() is None:
        print("Fetching NATS for the tests ...", flush=True)
    if reason := build(place_of_build(RECIPE), RECIPE):
        print(f"NOT RUN: tests on NATS ({reason})")
