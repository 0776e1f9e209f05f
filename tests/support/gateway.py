"""Callers of a gateway, as a signed-in person or program is one."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Reply:
    """What the gateway answered: the status and the JSON document."""

    status: int
    document: Any


class GatewayCaller:
    """Whoever signed in at a gateway with an email address and a password, at the first request."""

    def __init__(self, *, email: str, password: str) -> None:
        self.email = email
        self.password = password
        self._token = ""

    @property
    def gateway_url(self) -> str:
        raise NotImplementedError

    @property
    def token(self) -> str:
        """An access token of theirs."""
        if not self._token:
            reply = self.send("POST", "/api/v1/auth/login", {"email": self.email, "password": self.password}, token="")
            assert reply.status == 200, reply
            self._token = reply.document["access_token"]
        return self._token

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """POST and return the answer, which must be a good one."""
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
        """Send a request (with another token, or none, where it is given) and return what comes."""
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
