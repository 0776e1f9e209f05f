from __future__ import annotations

import inspect
from dataclasses import dataclass, field

from analytics_engine.contracts.events import EVENT_DATA, EventType
from analytics_engine.errors import InvalidInput, NotFound
from analytics_engine.kernel.paging import Page, PageRequest
from analytics_engine.kernel.ports.database import Database
from analytics_engine.kernel.ports.streams import DeadLetter, StreamAdministration, StreamStatus
from analytics_engine.services.messaging_service.repository import OutboxRepository
from analytics_engine.services.messaging_service.schemas import RecentEvent, RegisteredType, Replayed


@dataclass
class MessagingService:
    """What events there are, how far their readers are, and what they gave up on."""

    database: Database
    administration: StreamAdministration
    repository: OutboxRepository = field(default_factory=OutboxRepository)

    def types(self) -> list[RegisteredType]:
        return [
            RegisteredType(
                type=event_type.value,
                description=inspect.getdoc(data) or "",
                data_schema=data.model_json_schema(),
            )
            for event_type, data in EVENT_DATA.items()
        ]

    async def recent(self, *, client_id: str, event_type: EventType | None, page: PageRequest) -> Page[RecentEvent]:
        async with self.database.transaction(read_only=True) as connection:
            items, total = await self.repository.recent(
                connection, client_id=client_id, event_type=event_type, page=page
            )
        return Page(items=items, total=total, limit=page.limit, offset=page.offset)

    async def streams(self) -> list[StreamStatus]:
        return await self.administration.status([*EventType])

    async def dead_letters(self, *, client_id: str, group: str | None, page: PageRequest) -> Page[DeadLetter]:
        letters = await self._visible(client_id=client_id, group=group)
        items = letters[page.offset : page.offset + page.limit]
        return Page(items=items, total=len(letters), limit=page.limit, offset=page.offset)

    async def replay(self, *, client_id: str, group: str, letter_id: str) -> Replayed:
        """Send a dead letter's event once more.

        Raises:
            NotFound: there is no such dead letter, or it is another client's.
            InvalidInput: what it holds is no event.
        """
        letters = await self._visible(client_id=client_id, group=group)
        letter = next((one for one in letters if one.id == letter_id), None)
        if letter is not None and letter.event is None:
            raise InvalidInput(
                f"What {group} gave up on as {letter_id} is no event, so it cannot be sent again.",
                remedy="Find who writes to the stream besides the relay; the entry's reason says what is wrong.",
            )
        if letter is None or letter.event is None or not await self.administration.replay(letter):
            raise NotFound(
                f"The group {group!r} has no dead letter {letter_id!r}.", remedy="List those there are at /dlq."
            )
        return Replayed(event_id=letter.event.id, type=letter.event.type, group=group)

    async def _visible(self, *, client_id: str, group: str | None) -> list[DeadLetter]:
        """Return the client's own dead letters and those that belong to no client, newest first."""
        return [
            letter
            for letter in await self.administration.dead_letters()
            if group in {None, letter.group} and (letter.event is None or letter.event.clientid in {"", client_id})
        ]
