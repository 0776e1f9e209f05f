from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from analytics_engine.errors import AnalyticsEngineError, Conflict, NotFound
from analytics_engine.kernel.ids import new_id
from analytics_engine.kernel.paging import Page, PageRequest
from analytics_engine.kernel.ports.database import Connection, Database
from analytics_engine.kernel.ports.notifier import Message, Severity
from analytics_engine.kernel.ports.outgoing import ReceiverAnswer
from analytics_engine.services.messaging_service.delivering.repository import DeliveryRepository
from analytics_engine.services.messaging_service.notifications.kinds import (
    ChannelKind,
    check_secret_names,
    checked_options,
)
from analytics_engine.services.messaging_service.notifications.repository import ChannelRepository, StoredChannel
from analytics_engine.services.messaging_service.notifications.schemas import Channel, ChannelSettings, ChannelTrial
from analytics_engine.services.messaging_service.notifications.secrets import ChannelSecrets
from analytics_engine.services.messaging_service.notifications.sending import ChannelSender


@dataclass
class ChannelService:
    """The channels of a client."""

    database: Database
    sender: ChannelSender
    secrets: ChannelSecrets
    repository: ChannelRepository = field(default_factory=ChannelRepository)
    deliveries: DeliveryRepository = field(default_factory=DeliveryRepository)

    async def channels(self, *, client_id: str, kind: ChannelKind | None, page: PageRequest) -> Page[Channel]:
        async with self.database.transaction(client_id=client_id, read_only=True) as connection:
            items, total = await self.repository.page(connection, kind=kind, page=page)
        return Page(items=items, total=total, limit=page.limit, offset=page.offset)

    async def channel(self, channel_id: UUID, *, client_id: str) -> Channel:
        return (await self._stored(channel_id, client_id=client_id)).channel

    async def create(self, settings: ChannelSettings, *, client_id: str, author: str) -> Channel:
        """Return the new channel; nothing was sent over it yet.

        Raises:
            InvalidInput: options or secrets are not such as its kind has.
            Forbidden: it leads to an address that messages may not use.
            Conflict: there is another channel of this name.
            DependencyUnavailable, DependencyTimeout: where it leads to cannot be found out.
        """
        settings = await self._checked(settings, None, client_id=client_id)
        async with self.database.transaction(client_id=client_id) as connection:
            channel = await self.repository.add(connection, settings, client_id=client_id, author=author)
        if channel is None:
            raise _name_taken(settings.name)
        return channel

    async def change(
        self, channel_id: UUID, settings: ChannelSettings, *, client_id: str, expected: int | None
    ) -> Channel:
        """Give a channel other settings and a new version; what waits is sent with these.

        Raises:
            NotFound: there is no such channel.
            InvalidInput, Forbidden, DependencyUnavailable, DependencyTimeout: as ``create``.
            Conflict: it is not at the expected version, or another channel has the name.
        """
        stored = await self._stored(channel_id, client_id=client_id)
        _check_version(stored.channel, expected)
        settings = await self._checked(settings, stored, client_id=client_id)
        async with self.database.transaction(client_id=client_id) as connection:
            other = (await self.repository.of_names(connection, [settings.name])).get(settings.name)
            if other is not None and other.id != channel_id:
                raise _name_taken(settings.name)
            changed = await self.repository.change(connection, channel_id, settings, expected=stored.channel.version)
        if changed is None:
            raise Conflict("Another change came in between.", remedy="Read the channel again and redo your change.")
        return changed

    async def delete(self, channel_id: UUID, *, client_id: str, expected: int | None) -> None:
        """Delete a channel; what waits for it fails.

        Raises:
            NotFound: there is no such channel.
            Conflict: it is not at the expected version.
        """
        async with self.database.transaction(client_id=client_id) as connection:
            present = (await self._present(connection, channel_id)).channel
            _check_version(present, expected)
            if not await self.repository.delete(connection, channel_id, expected=present.version):
                raise Conflict("Another change came in between.", remedy="Read the channel again, then decide.")
            await self.deliveries.give_up(connection, channel_id, reason="The channel was deleted.")

    async def test(self, channel_id: UUID, *, client_id: str) -> ChannelTrial:
        """Send a test message at once and return what the receiver said; PagerDuty's incident is closed again.

        Raises:
            NotFound: there is no such channel.
        """
        stored = await self._stored(channel_id, client_id=client_id)
        message = _test_message(stored.channel, client_id)
        began = time.perf_counter()
        try:
            answer = await self.sender.send_over(stored, message)
            if answer.taken and stored.channel.kind is ChannelKind.PAGERDUTY:
                answer = await self.sender.send_over(stored, message.model_copy(update={"resolved": True}))
            status, works, detail, remedy = answer.status, answer.taken, _said(answer), _remedy(answer)
        except AnalyticsEngineError as error:
            status, works, detail, remedy = None, False, error.detail, error.remedy
        duration_ms = round((time.perf_counter() - began) * 1000, 1)
        return ChannelTrial(works=works, status=status, detail=detail, remedy=remedy, duration_ms=duration_ms)

    async def _stored(self, channel_id: UUID, *, client_id: str) -> StoredChannel:
        async with self.database.transaction(client_id=client_id, read_only=True) as connection:
            return await self._present(connection, channel_id)

    async def _present(self, connection: Connection, channel_id: UUID) -> StoredChannel:
        stored = await self.repository.channel(connection, channel_id)
        if stored is None:
            raise NotFound(
                f"There is no channel {channel_id}.", remedy="List those there are at /notifications/channels."
            )
        return stored

    async def _checked(
        self, settings: ChannelSettings, present: StoredChannel | None, *, client_id: str
    ) -> ChannelSettings:
        """Return the settings as they are stored, having seen that they may lead where they do."""
        options = checked_options(settings.kind, settings.options)
        check_secret_names(settings.kind, settings.secrets)
        kept = present.secrets if present is not None and present.channel.kind is settings.kind else {}
        stored = self.secrets.stored(settings.secrets, kept, client_id=client_id)
        values = self.secrets.values(stored, client_id=client_id)
        await self.sender.opened(settings.kind, options, values).check()
        return settings.model_copy(update={"options": options, "secrets": stored})


def _test_message(channel: Channel, client_id: str) -> Message:
    return Message(
        id=new_id(),
        time=datetime.now(UTC),
        client_id=client_id,
        title="Test message of Analytics Engine",
        body=f"The channel {channel.name} works.",
        severity=Severity.INFO,
        incident=f"test:{channel.id}",
    )


def _said(answer: ReceiverAnswer) -> str:
    verdict = "The receiver took the message" if answer.taken else "The receiver refused the message"
    return f"{verdict} ({answer.status}): {answer.text}" if answer.text else f"{verdict} ({answer.status})."


def _remedy(answer: ReceiverAnswer) -> str:
    return "" if answer.taken else "Correct the channel as the receiver's answer says, or see its own log."


def _check_version(present: Channel, expected: int | None) -> None:
    if expected is not None and expected != present.version:
        raise Conflict(
            f"The channel {present.name!r} is at version {present.version}; "
            f"your change was made to version {expected}.",
            remedy="Read it again, redo your change on what you find, and send its ETag in If-Match.",
            present_version=present.version,
        )


def _name_taken(name: str) -> Conflict:
    return Conflict(f"There is a channel {name!r} already.", remedy="Change that one, or take another name.")
