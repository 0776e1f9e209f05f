from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from analytics_engine.adapters.notifications.texts import one_line, shortened
from analytics_engine.kernel.ports.notifier import Message, Severity
from analytics_engine.kernel.ports.outgoing import Outgoing, ReceiverAnswer

_TITLE_CHARACTERS = 150
_BODY_CHARACTERS = 3000
_MARKS = {
    Severity.INFO: ":information_source:",
    Severity.WARNING: ":warning:",
    Severity.ERROR: ":red_circle:",
    Severity.CRITICAL: ":rotating_light:",
}


@dataclass(frozen=True, kw_only=True)
class SlackNotifier:
    """An incoming webhook of Slack: blocks for the channel, and a text for where blocks are not shown."""

    http: Outgoing
    url: str = field(repr=False)

    async def check(self) -> None:
        await self.http.check(self.url)

    async def send(self, message: Message) -> ReceiverAnswer:
        mark = ":white_check_mark:" if message.resolved else _MARKS[message.severity]
        title = shortened(one_line(message.title), _TITLE_CHARACTERS - len(mark) - 1)
        blocks: list[dict[str, Any]] = [
            {"type": "header", "text": {"type": "plain_text", "text": f"{mark} {title}", "emoji": True}}
        ]
        if message.body:
            text = shortened(_escaped(message.body), _BODY_CHARACTERS)
            blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": text}})
        if message.link:
            button = {"type": "button", "text": {"type": "plain_text", "text": "Open"}, "url": message.link}
            blocks.append({"type": "actions", "elements": [button]})
        note = f"{message.severity} · {message.client_id} · {message.time:%Y-%m-%d %H:%M:%S} UTC"
        blocks.append({"type": "context", "elements": [{"type": "plain_text", "text": note}]})
        body = json.dumps({"text": _escaped(one_line(message.title)), "blocks": blocks}).encode()
        return await self.http.post(self.url, body=body, headers={"Content-Type": "application/json"})


def _escaped(text: str) -> str:
    """Return a text in which nothing is a link or a mention."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
