from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from analytics_engine.errors import AnalyticsEngineError, NotFound
from analytics_engine.kernel.ports.database import Connection, Database
from analytics_engine.kernel.ports.notifier import Message, Notifier, OpenNotifier
from analytics_engine.kernel.ports.outgoing import ReceiverAnswer
from analytics_engine.services.messaging_service.delivering.schemas import Attempt, Claimed
from analytics_engine.services.messaging_service.notifications.composing import composed
from analytics_engine.services.messaging_service.notifications.kinds import ChannelKind
from analytics_engine.services.messaging_service.notifications.repository import ChannelRepository, StoredChannel
from analytics_engine.services.messaging_service.notifications.secrets import ChannelSecrets

_HIDDEN = "[secret]"
_SHORTEST_HIDDEN = 4


@dataclass(frozen=True)
class ChannelSender:
    """Sends over a channel as it is at that moment; ``delivering.worker.Target`` for notifications."""

    database: Database
    notifiers: Mapping[ChannelKind, OpenNotifier]
    secrets: ChannelSecrets
    repository: ChannelRepository = field(default_factory=ChannelRepository)

    def opened(self, kind: ChannelKind, options: Mapping[str, Any], secrets: Mapping[str, str]) -> Notifier:
        return self.notifiers[kind](options, secrets)

    async def send_over(self, stored: StoredChannel, message: Message) -> ReceiverAnswer:
        """Send once; what the receiver repeats of the channel's secrets is not in its answer."""
        channel = stored.channel
        secrets = self.secrets.values(stored.secrets, client_id=message.client_id)
        try:
            answer = await self.opened(channel.kind, channel.options, secrets).send(message)
        except AnalyticsEngineError as error:
            error.detail = _without(secrets, error.detail)
            raise
        return replace(answer, text=_without(secrets, answer.text))

    async def send(self, claimed: Claimed) -> ReceiverAnswer:
        async with self.database.transaction(client_id=claimed.client_id, read_only=True) as connection:
            stored = await self.repository.channel(connection, claimed.target_id)
        if stored is None:
            raise NotFound("The channel was deleted.")
        if not stored.channel.enabled:
            return ReceiverAnswer(taken=False, status=None, text="The channel is switched off.", final=True)
        message = composed(
            claimed.content, message_id=claimed.message_id, client_id=claimed.client_id, time=claimed.created_at
        )
        return await self.send_over(stored, message)

    async def settle(self, connection: Connection, claimed: Claimed, attempt: Attempt) -> None:
        """An attempt means nothing for a channel: who runs it sees the log."""


def _without(secrets: Mapping[str, str], text: str) -> str:
    for secret in secrets.values():
        for part in (secret, secret.split("://", 1)[-1].partition("/")[2]):  # of a URL also what comes after the host
            if len(part) >= _SHORTEST_HIDDEN:
                text = text.replace(part, _HIDDEN)
    return text
