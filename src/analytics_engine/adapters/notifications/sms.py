from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from analytics_engine.adapters.notifications.texts import one_line, shortened
from analytics_engine.kernel.ports.notifier import Message
from analytics_engine.kernel.ports.outgoing import Outgoing, ReceiverAnswer

_CHARACTERS = 480
"""Three parts of a long text message; providers take up to ten."""


@dataclass(frozen=True, kw_only=True)
class TwilioNotifier:
    """A text message by Twilio's API."""

    http: Outgoing
    account_sid: str
    sender: str
    to: str
    base_url: str
    auth_token: str = field(repr=False)

    async def check(self) -> None:
        await self.http.check(self.base_url)

    async def send(self, message: Message) -> ReceiverAnswer:
        form = {
            "To": self.to,
            "MessagingServiceSid" if self.sender.startswith("MG") else "From": self.sender,
            "Body": _text(message),
        }
        credentials = b64encode(f"{self.account_sid}:{self.auth_token}".encode()).decode()
        return await self.http.post(
            f"{self.base_url.rstrip('/')}/2010-04-01/Accounts/{quote(self.account_sid, safe='')}/Messages.json",
            body=urlencode(form).encode(),
            headers={"Content-Type": "application/x-www-form-urlencoded", "Authorization": f"Basic {credentials}"},
        )


@dataclass(frozen=True, kw_only=True)
class SmsGatewayNotifier:
    """A text message by any gateway that takes JSON; how it names its fields is among the channel's options."""

    http: Outgoing
    url: str
    to: str
    to_field: str
    text_field: str
    fields: Mapping[str, str]
    token: str = field(default="", repr=False)

    async def check(self) -> None:
        await self.http.check(self.url)

    async def send(self, message: Message) -> ReceiverAnswer:
        content = {**self.fields, self.to_field: self.to, self.text_field: _text(message)}
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        return await self.http.post(self.url, body=json.dumps(content).encode(), headers=headers)


def _text(message: Message) -> str:
    text = f"{one_line(message.title)}. {one_line(message.body)}" if message.body else one_line(message.title)
    return f"{shortened(text, _CHARACTERS)} {message.link}".strip()
