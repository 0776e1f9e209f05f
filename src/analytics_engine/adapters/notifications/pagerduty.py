from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from analytics_engine.adapters.notifications.texts import one_line, shortened
from analytics_engine.kernel.ports.notifier import Message
from analytics_engine.kernel.ports.outgoing import Outgoing, ReceiverAnswer

_SUMMARY_CHARACTERS = 1024
_BODY_CHARACTERS = 20_000


@dataclass(frozen=True, kw_only=True)
class PagerDutyNotifier:
    """PagerDuty's Events API v2: a message opens an incident, and the one that resolves it closes it.

    Both have the incident's name as ``dedup_key``, so a message that is sent twice opens one incident.
    """

    http: Outgoing
    base_url: str
    routing_key: str = field(repr=False)

    async def check(self) -> None:
        await self.http.check(self.base_url)

    async def send(self, message: Message) -> ReceiverAnswer:
        closes = message.resolved and bool(message.incident)
        event: dict[str, Any] = {
            "routing_key": self.routing_key,
            "event_action": "resolve" if closes else "trigger",
            "dedup_key": message.incident or message.id,
        }
        if not closes:
            event |= _opened(message)
        return await self.http.post(
            f"{self.base_url.rstrip('/')}/v2/enqueue",
            body=json.dumps(event).encode(),
            headers={"Content-Type": "application/json"},
        )


def _opened(message: Message) -> dict[str, Any]:
    links = [{"href": message.link, "text": "Open"}] if message.link else []
    return {
        "client": "Analytics Engine",
        "links": links,
        "payload": {
            "summary": shortened(one_line(message.title), _SUMMARY_CHARACTERS),
            "source": message.client_id,
            "severity": message.severity.value,
            "timestamp": message.time.isoformat(),
            "custom_details": {"text": shortened(message.body, _BODY_CHARACTERS), "alerts": message.details},
        },
    }
