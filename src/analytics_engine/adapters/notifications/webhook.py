from __future__ import annotations

import json
import time
from dataclasses import dataclass, field

from analytics_engine.kernel.ports.notifier import Message
from analytics_engine.kernel.ports.outgoing import Outgoing, ReceiverAnswer
from analytics_engine.kernel.security.webhook_signatures import check_secret, signed_headers


@dataclass(frozen=True, kw_only=True)
class WebhookNotifier:
    """A message as JSON, signed as Standard Webhooks describes, for programs of one's own."""

    http: Outgoing
    url: str
    signing_secret: str = field(repr=False)

    async def check(self) -> None:
        check_secret(self.signing_secret)
        await self.http.check(self.url)

    async def send(self, message: Message) -> ReceiverAnswer:
        check_secret(self.signing_secret)
        content = {
            "type": "notification",
            "timestamp": message.time.isoformat(),
            "data": message.model_dump(mode="json", exclude={"time"}),
        }
        body = json.dumps(content).encode()
        signed = signed_headers([self.signing_secret], message_id=message.id, timestamp_s=int(time.time()), body=body)
        return await self.http.post(self.url, body=body, headers={"Content-Type": "application/json", **signed})
