from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from typing import Any

from analytics_engine.contracts.events import EVENT_DATA, EVENT_VERSIONS, EventType, data_schema
from analytics_engine.errors import InvalidInput, NotFound
from analytics_engine.kernel.paging import Page, PageRequest
from analytics_engine.kernel.ports.database import Database
from analytics_engine.kernel.ports.streams import DeadLetter, StreamAdministration, StreamStatus
from analytics_engine.services.messaging_service.asyncapi import asyncapi_document
from analytics_engine.services.messaging_service.dead_letters import DeadLetterRepository
from analytics_engine.services.messaging_service.repository import OutboxRepository
from analytics_engine.services.messaging_service.schemas import (
    AllReplayed,
    Discarded,
    RecentEvent,
    RegisteredType,
    Replayed,
)


@dataclass
class MessagingService:
    """What events there are, how far their readers are, and what they gave up on."""

    database: Database
    administration: StreamAdministration
    version: str
    repository: OutboxRepository = field(default_factory=OutboxRepository)
    letters: DeadLetterRepository = field(default_factory=DeadLetterRepository)

    def types(self) -> list[RegisteredType]:
        return [
            RegisteredType(
                type=event_type.value,
                version=EVENT_VERSIONS[event_type],
                dataschema=data_schema(event_type),
                description=inspect.getdoc(data) or "",
                data_schema=data.model_json_schema(),
            )
            for event_type, data in EVENT_DATA.items()
        ]

    def asyncapi(self) -> dict[str, Any]:
        return asyncapi_document(self.version)

    async def recent(self, *, client_id: str, event_type: EventType | None, page: PageRequest) -> Page[RecentEvent]:
        async with self.database.transaction(read_only=True) as connection:
            items, total = await self.repository.recent(
                connection, client_id=client_id, event_type=event_type, page=page
            )
        return Page(items=items, total=total, limit=page.limit, offset=page.offset)

    async def streams(self) -> list[StreamStatus]:
        return await self.administration.status([*EventType])

    async def dead_letters(self, *, client_id: str, group: str | None, page: PageRequest) -> Page[DeadLetter]:
        async with self.database.transaction(read_only=True) as connection:
            kept, total = await self.letters.newest(
                connection, client_id=client_id, group=group, limit=page.offset + page.limit
            )
        carried = await self._carried(client_id=client_id, group=group)
        newest = sorted([*kept, *carried], key=lambda letter: letter.failed_at, reverse=True)
        return Page(
            items=newest[page.offset : page.offset + page.limit],
            total=total + len(carried),
            limit=page.limit,
            offset=page.offset,
        )

    async def replay(self, *, client_id: str, group: str, letter_id: str) -> Replayed:
        """Send a dead letter's event once more.

        Raises:
            NotFound: there is no such dead letter, or it is another client's.
            InvalidInput: what it holds is no event.
        """
        async with self.database.transaction() as connection:
            sent = await self.letters.send_again(connection, client_id=client_id, group=group, event_id=letter_id)
        if sent:
            event_id, event_type = sent[0]
            return Replayed(event_id=event_id, type=event_type, group=group)
        letter = await self._one_carried(client_id=client_id, group=group, letter_id=letter_id)
        if letter is not None and letter.event is None:
            raise InvalidInput(
                f"What {group} gave up on as {letter_id} is no event, so it cannot be sent again.",
                remedy="Find who writes to the stream besides the relay; the entry's reason says what is wrong.",
            )
        if letter is None or letter.event is None or not await self.administration.replay(letter):
            raise _not_there(group, letter_id)
        return Replayed(event_id=letter.event.id, type=letter.event.type, group=group)

    async def replay_all(self, *, client_id: str, group: str) -> AllReplayed:
        """Send the events of all dead letters of a group once more, those that failed first before the others."""
        async with self.database.transaction() as connection:
            replayed = len(await self.letters.send_again(connection, client_id=client_id, group=group))
        letters = await self._carried(client_id=client_id, group=group)
        for letter in reversed(letters):
            if letter.event is not None:
                replayed += await self.administration.replay(letter)
        return AllReplayed(group=group, replayed=replayed, left=sum(letter.event is None for letter in letters))

    async def discard(self, *, client_id: str, group: str, letter_id: str) -> None:
        """Forget one dead letter; its event stays given up.

        Raises:
            NotFound: there is no such dead letter, or it is another client's.
        """
        async with self.database.transaction() as connection:
            taken = await self.letters.take(connection, client_id=client_id, group=group, event_id=letter_id)
        if not taken:
            letter = await self._one_carried(client_id=client_id, group=group, letter_id=letter_id)
            if letter is None or not await self.administration.discard([letter]):
                raise _not_there(group, letter_id)

    async def discard_all(self, *, client_id: str, group: str) -> Discarded:
        """Forget all dead letters of a group; their events stay given up."""
        async with self.database.transaction() as connection:
            discarded = len(await self.letters.take(connection, client_id=client_id, group=group))
        while letters := await self._carried(client_id=client_id, group=group):
            discarded += await self.administration.discard(letters)
        return Discarded(group=group, discarded=discarded)

    async def _one_carried(self, *, client_id: str, group: str, letter_id: str) -> DeadLetter | None:
        letters = await self._carried(client_id=client_id, group=group)
        return next((letter for letter in letters if letter.id == letter_id), None)

    async def _carried(self, *, client_id: str, group: str | None) -> list[DeadLetter]:
        """Return those of groups without turns, newest first, that the client may see: they are with the stream."""
        return [
            letter
            for letter in await self.administration.dead_letters()
            if group in {None, letter.group} and (letter.event is None or letter.event.clientid in {"", client_id})
        ]


def _not_there(group: str, letter_id: str) -> NotFound:
    return NotFound(f"The group {group!r} has no dead letter {letter_id!r}.", remedy="List those there are at /dlq.")
