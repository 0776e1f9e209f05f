"""The whole product with its sample data, and callers of its gateway."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analytics_engine.contracts.services import Service
from support.system import SystemUnderTest

EMAIL = "analyst@example.com"
PASSWORD = "correct horse battery staple"


@dataclass(frozen=True)
class Reply:
    """What the gateway answered: the status and the JSON document."""

    status: int
    document: Any


class Product:
    """A running ``analytics-engine up``, as a signed-in person or program meets it."""

    def __init__(self, *, sample: bool = True, settings: Mapping[str, str] | None = None) -> None:
        self.system = SystemUnderTest(sample=sample)
        self.system.settings = {"AE_ADMIN_EMAIL": EMAIL, "AE_ADMIN_PASSWORD": PASSWORD, **(settings or {})}
        self.email = EMAIL
        self.password = PASSWORD
        self._token = ""

    @property
    def gateway_url(self) -> str:
        return self.system.url(Service.GATEWAY)

    @property
    def ui_url(self) -> str:
        return self.system.web_url

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
