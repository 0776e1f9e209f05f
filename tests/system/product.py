"""The whole product as a child process, as a person starts it, and a signed-in caller of its gateway."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

EMAIL = "analyst@example.com"
PASSWORD = "correct horse battery staple"


@dataclass
class Product:
    """A running ``analytics-engine up``."""

    home: Path
    port_offset: int
    process: subprocess.Popen[bytes]
    log: Path
    email: str = EMAIL
    password: str = PASSWORD
    _token: str = field(default="", repr=False)

    @property
    def gateway_url(self) -> str:
        return f"http://127.0.0.1:{8090 + self.port_offset}"

    @property
    def ui_url(self) -> str:
        return f"http://127.0.0.1:{3000 + self.port_offset}"

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """POST as the first administrator and return the answer."""
        if not self._token:
            login = self._send("/api/v1/auth/login", {"email": self.email, "password": self.password}, {})
            self._token = login["access_token"]
        return self._send(path, body, {"Authorization": f"Bearer {self._token}"})

    def _send(self, path: str, body: dict[str, Any], headers: dict[str, str]) -> dict[str, Any]:
        request = urllib.request.Request(
            self.gateway_url + path,
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json", **headers},
        )
        with urllib.request.urlopen(request, timeout=60) as response:
            answer: dict[str, Any] = json.load(response)
        return answer

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)


def start_product(home: Path, *, port_offset: int, arguments: tuple[str, ...] = ()) -> Product:
    """Start the product and return at once."""
    log = home.parent / f"{home.name}.log"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("AE_", "DATABASE_", "REDIS_"))},
        "AE_HOME": str(home),
        "AE_PORT_OFFSET": str(port_offset),
        "AE_ADMIN_EMAIL": EMAIL,
        "AE_ADMIN_PASSWORD": PASSWORD,
    }
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "analytics_engine.cli", "up", *arguments],
            env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
    return Product(home=home, port_offset=port_offset, process=process, log=log)
