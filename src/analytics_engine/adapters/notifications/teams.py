from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from analytics_engine.adapters.notifications.texts import one_line, shortened
from analytics_engine.kernel.ports.notifier import Message, Severity
from analytics_engine.kernel.ports.outgoing import Outgoing, ReceiverAnswer

_BODY_CHARACTERS = 8000
"""A card of more than 28 KB is refused; a character has up to 3 bytes."""
_COLOURS = {
    Severity.INFO: "Accent",
    Severity.WARNING: "Warning",
    Severity.ERROR: "Attention",
    Severity.CRITICAL: "Attention",
}
_MARKDOWN = re.compile(r"([\\`*_\[\]])")


@dataclass(frozen=True, kw_only=True)
class TeamsNotifier:
    """A workflow of Teams ("when a webhook request is received"), which posts an adaptive card to a channel."""

    http: Outgoing
    url: str = field(repr=False)

    async def check(self) -> None:
        await self.http.check(self.url)

    async def send(self, message: Message) -> ReceiverAnswer:
        colour = "Good" if message.resolved else _COLOURS[message.severity]
        title = {"size": "Large", "weight": "Bolder", "color": colour, "style": "heading"}
        body = [_text(one_line(message.title), **title)]
        body += [_text(line) for line in shortened(message.body, _BODY_CHARACTERS).splitlines() if line.strip()]
        note = f"{message.severity} · {message.client_id} · {message.time:%Y-%m-%d %H:%M:%S} UTC"
        body.append(_text(note, isSubtle=True, size="Small"))
        card: dict[str, Any] = {
            "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
            "type": "AdaptiveCard",
            "version": "1.4",
            "msteams": {"width": "Full"},
            "body": body,
        }
        if message.link:
            card["actions"] = [{"type": "Action.OpenUrl", "title": "Open", "url": message.link}]
        attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
        content = json.dumps({"type": "message", "attachments": [attachment]}, ensure_ascii=False).encode()
        return await self.http.post(self.url, body=content, headers={"Content-Type": "application/json"})


def _text(text: str, **style: object) -> dict[str, Any]:
    return {"type": "TextBlock", "text": _MARKDOWN.sub(r"\\\1", text), "wrap": True, **style}
