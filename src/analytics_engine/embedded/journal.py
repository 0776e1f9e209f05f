"""What the supervisor did and saw: a line of JSON each, in AE_HOME/logs/supervisor.log."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from analytics_engine.embedded.home import Home
from analytics_engine.embedded.launcher import RotatingLog

_LIMIT_BYTES = 10 * 1024 * 1024


class Journal:
    def __init__(self, home: Home) -> None:
        self._log = RotatingLog(home.logs / "supervisor.log", limit_bytes=_LIMIT_BYTES)

    def record(self, event: str, *, level: str = "info", **facts: Any) -> None:
        line = {"event": event, "service": "supervisor", **facts, "level": level}
        line["timestamp"] = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        self._log.write((json.dumps(line, default=str) + "\n").encode())
