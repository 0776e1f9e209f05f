"""The whole product as a child process, as a person starts it, and callers of its gateway."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

EMAIL = "analyst@example.com"
PASSWORD = "correct horse battery staple"


@dataclass(frozen=True)
class Reply:
    """What the gateway answered: the status and the JSON document."""

    status: int
    document: Any


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

    @property
    def token(self) -> str:
        """An access token of the first administrator."""
        if not self._token:
            reply = self.send("POST", "/api/v1/auth/login", {"email": self.email, "password": self.password}, token="")
            assert reply.status == 200, reply
            self._token = reply.document["access_token"]
        return self._token

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """POST as the first administrator and return the answer, which must be a good one."""
        reply = self.send("POST", path, body)
        assert reply.status == 200, reply
        document: dict[str, Any] = reply.document
        return document

    def send(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | bytes | None = None,
        *,
        token: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        """Send a request as the first administrator (or with another token, or none) and return what comes."""
        sent = {"Content-Type": "application/json", **(headers or {})}
        token = self.token if token is None else token
        if token:
            sent["Authorization"] = f"Bearer {token}"
        data = json.dumps(body).encode() if isinstance(body, dict) else body
        request = urllib.request.Request(self.gateway_url + path, data=data, headers=sent, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return Reply(response.status, json.loads(response.read() or b"null"))
        except urllib.error.HTTPError as error:
            with error:
                return Reply(error.code, json.loads(error.read() or b"null"))

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)


def clean_environment(**settings: str) -> dict[str, str]:
    """Return this process's environment without any setting of the product but these."""
    ours = ("AE_", "DATABASE_", "REDIS_", "SECRET_KEY", "API_KEY", "ENVIRONMENT", "LOG_LEVEL")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)} | settings


def command(*arguments: str) -> list[str]:
    """Return one of the product's own commands."""
    return [sys.executable, "-m", "analytics_engine.cli", *arguments]


def start_product(home: Path, *, port_offset: int, arguments: tuple[str, ...] = ()) -> Product:
    """Start the product and return at once."""
    log = home.parent / f"{home.name}.log"
    environment = clean_environment(
        AE_HOME=str(home), AE_PORT_OFFSET=str(port_offset), AE_ADMIN_EMAIL=EMAIL, AE_ADMIN_PASSWORD=PASSWORD
    )
    with log.open("ab") as output:
        process = subprocess.Popen(
            command("up", *arguments),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    return Product(home=home, port_offset=port_offset, process=process, log=log)
