"""The client as a process of its own: loads all streams at once, each batch after the one before was acknowledged.

``python -m integration.rollups.kills.client '<JSON of Orders>'``. It goes on from its ledger, wherever it was killed.
"""

from __future__ import annotations

import http.client
import json
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analytics_engine.contracts.services import Service
from analytics_engine.kernel.clock import SystemClock
from analytics_engine.kernel.security.principal import Principal, Role
from analytics_engine.kernel.security.tokens import InternalTokens
from integration.rollups.kills.batches import STREAMS, Stream, csv_of
from integration.rollups.kills.ledger import ACKNOWLEDGED, BEGUN, FAILED, Entry, Ledger

_PATIENCE_S = 60.0
_PAUSE_S = 0.1


@dataclass(frozen=True)
class Orders:
    """What to do.

    Args:
        finish: repeat what was not acknowledged until it is, and nothing else. Otherwise load new batches, and end
            when one is not acknowledged.
    """

    port: int
    secret_key: str
    client_id: str
    seed: int
    ledger: str
    finish: bool


class Client:
    """Sends batches and notes what comes of them."""

    def __init__(self, orders: Orders) -> None:
        self._orders = orders
        self._tokens = InternalTokens(secret_key=orders.secret_key, clock=SystemClock())
        self._principal = Principal(
            subject="user:loader", client_id=orders.client_id, role=Role.OPERATOR, name="Loader"
        )
        ledger = Ledger(Path(orders.ledger))
        self._begun, self._acknowledged = ledger.begun(), ledger.acknowledged()
        self._file = ledger.open()
        self._failed = threading.Event()

    def run(self) -> bool:
        """Return whether all is acknowledged that was to be."""
        work = self._repeat if self._orders.finish else self._go_on
        threads = [threading.Thread(target=work, args=(stream,)) for stream in STREAMS]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return not self._failed.is_set()

    def _go_on(self, stream: Stream) -> None:
        number = sum(name == stream.name for name, _ in self._acknowledged)
        while not self._failed.is_set():
            if not self._send(stream, number):
                self._failed.set()
            number += 1

    def _repeat(self, stream: Stream) -> None:
        deadline = time.monotonic() + _PATIENCE_S
        for name, number in sorted(self._begun - self._acknowledged.keys()):
            while name == stream.name and not self._send(stream, number):
                if time.monotonic() > deadline:
                    self._failed.set()
                    return
                time.sleep(_PAUSE_S)

    def _send(self, stream: Stream, number: int) -> bool:
        """Send a batch under its key, and return whether it was acknowledged."""
        body = csv_of(self._orders.seed, stream, number)
        self._note(BEGUN, stream, number)
        try:
            status, told = self._post(stream, stream.label(number), body)
        except (OSError, http.client.HTTPException) as error:
            status, told = 0, {"type": "no answer", "detail": repr(error)}
        done = status == http.client.CREATED
        self._note(ACKNOWLEDGED if done else FAILED, stream, number, told)
        return done

    def _post(self, stream: Stream, key: str, body: bytes) -> tuple[int, dict[str, Any]]:
        token = self._tokens.mint(self._principal, audience=Service.DATABASE.value)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "text/csv", "Idempotency-Key": key}
        connection = http.client.HTTPConnection("127.0.0.1", self._orders.port, timeout=_PATIENCE_S)
        try:
            connection.request("POST", f"/data/{stream.model}?mode={stream.mode}", body, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def _note(self, what: str, stream: Stream, number: int, told: dict[str, Any] | None = None) -> None:
        Ledger.write(self._file, Entry(what, stream.name, number, told or {}))


if __name__ == "__main__":
    sys.exit(0 if Client(Orders(**json.loads(sys.argv[1]))).run() else 1)
