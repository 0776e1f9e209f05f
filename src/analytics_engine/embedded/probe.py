"""What a service says of itself, asked over HTTP by a program that has no event loop."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

_TIMEOUT_S = 5.0


@dataclass(frozen=True)
class Reply:
    """A status code (0 when there was no answer) and the JSON that came with it."""

    status: int
    document: dict[str, Any] = field(default_factory=dict)
    problem: str = ""


def ask(
    url: str, *, method: str = "GET", headers: dict[str, str] | None = None, timeout_s: float = _TIMEOUT_S
) -> Reply:
    """Return the answer; one that does not come, or is no JSON object, is an answer too."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=timeout_s)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request(method, path or "/", headers=headers or {})
        response = connection.getresponse()
        status, content = response.status, response.read()
    except (OSError, http.client.HTTPException) as error:
        return Reply(0, problem=str(error) or type(error).__name__)
    finally:
        connection.close()
    try:
        document = json.loads(content)
    except ValueError:
        document = None
    return Reply(status, document if isinstance(document, dict) else {})
