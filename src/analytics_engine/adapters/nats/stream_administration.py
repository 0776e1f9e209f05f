from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from nats.js import JetStreamContext
from nats.js.api import ConsumerInfo, RawStreamMsg, StreamState
from nats.js.errors import APIError, NotFoundError

from analytics_engine.adapters.nats.connection import NatsServer
from analytics_engine.adapters.nats.names import (
    CONTINUITY,
    CONTINUITY_SUBJECT,
    DEAD_LETTERS,
    name_of,
    stream_name,
    subject,
)
from analytics_engine.kernel.ids import new_id
from analytics_engine.kernel.ports.streams import DeadLetter, GroupStatus, StreamStatus

_SHOWN_DEAD_LETTERS = 1000
_AT_ONCE = 50
_MISSING = frozenset({10037, 10043, 10057})
"""What the server calls a message, or its number, that is not in the stream."""


class NatsStreamAdministration:
    """The state of the streams, and the dead letters, in JetStream."""

    def __init__(self, server: NatsServer) -> None:
        self._server = server

    async def continuity(self) -> str:
        # The mark vanishes with the server's store; its id changes when it was started again, which after a failure of
        # power may have cost it what it had not written out.
        with self._server.talking():
            await self._server.need_continuity()
            jetstream = await self._server.jetstream()
            mark = await self._continuity(jetstream)
            if mark is None:
                with_none = {"Nats-Expected-Last-Subject-Sequence": "0"}
                with suppress(APIError):  # another process was first
                    await jetstream.publish(CONTINUITY_SUBJECT, new_id().encode(), headers=with_none)
                mark = await self._continuity(jetstream)
            server = (await self._server.client())._server_info.get("server_id", "")  # noqa: SLF001
        return f"{server}:{mark}"

    async def status(self, types: Sequence[str]) -> list[StreamStatus]:
        with self._server.talking():
            return [await self._status(event_type) for event_type in types]

    async def trim(self, types: Sequence[str], *, older_than: timedelta) -> None:
        oldest_kept = datetime.now(UTC) - older_than
        with self._server.talking():
            jetstream = await self._server.jetstream()
            for event_type in types:
                state, groups = await self._described(event_type)
                if state is None or not state.messages:
                    continue
                first_kept = await self._first_since(event_type, oldest_kept, state)
                first_kept = min([first_kept, *(_first_unacknowledged(group) for group in groups)])
                if first_kept > state.first_seq:
                    await jetstream.purge_stream(stream_name(event_type), seq=first_kept)

    async def dead_letters(self) -> list[DeadLetter]:
        with self._server.talking():
            await self._server.need_dead_letters()
            state = (await (await self._server.jetstream()).stream_info(DEAD_LETTERS)).state
            letters: list[DeadLetter] = []
            newest = state.last_seq
            while newest >= state.first_seq and newest > 0 and len(letters) < _SHOWN_DEAD_LETTERS:
                numbers = range(newest, max(newest - _AT_ONCE, state.first_seq - 1, 0), -1)
                found = await asyncio.gather(*(self._dead_letter(number) for number in numbers))
                letters += [letter for letter in found if letter is not None]
                newest -= _AT_ONCE
        return letters

    async def dead_letter_counts(self) -> Mapping[str, int]:
        with self._server.talking():
            await self._server.need_dead_letters()
            info = await (await self._server.jetstream()).stream_info(DEAD_LETTERS, subjects_filter=">")
            return {name_of(name.rpartition(".")[2]): count for name, count in (info.state.subjects or {}).items()}

    async def replay(self, letter: DeadLetter) -> bool:
        assert letter.event is not None
        with self._server.talking():
            if await self._dead_letter(int(letter.id)) is None:
                return False
            await self._server.need_events(letter.event.type)
            jetstream = await self._server.jetstream()
            await jetstream.publish(subject(letter.event.type), letter.event.model_dump_json().encode())
            await jetstream.delete_msg(DEAD_LETTERS, int(letter.id))
        return True

    async def discard(self, letters: Sequence[DeadLetter]) -> int:
        discarded = 0
        with self._server.talking():
            jetstream = await self._server.jetstream()
            for letter in letters:
                try:
                    discarded += await jetstream.delete_msg(DEAD_LETTERS, int(letter.id))
                except APIError as error:
                    if not _is_missing(error):
                        raise
        return discarded

    async def _continuity(self, jetstream: JetStreamContext) -> str | None:
        found = await _message(jetstream, CONTINUITY, of_subject=CONTINUITY_SUBJECT)
        return (found.data or b"").decode() if found is not None else None

    async def _status(self, event_type: str) -> StreamStatus:
        state, groups = await self._described(event_type)
        if state is None:
            return StreamStatus(type=event_type, length=0, last_event_at=None, groups=[])
        jetstream = await self._server.jetstream()
        last = await _message(jetstream, stream_name(event_type), state.last_seq) if state.messages else None
        return StreamStatus(
            type=event_type,
            length=state.messages,
            last_event_at=last.time if last is not None else None,
            groups=[
                GroupStatus(
                    group=name_of(group.name),
                    consumers=group.num_waiting or 0,
                    pending=group.num_ack_pending or 0,
                    lag=group.num_pending,
                    oldest_waiting_at=await self._oldest_waiting(event_type, group, state),
                )
                for group in groups
            ],
        )

    async def _oldest_waiting(self, event_type: str, group: ConsumerInfo, state: StreamState) -> datetime | None:
        if not (group.num_ack_pending or group.num_pending):
            return None
        number = max(_first_unacknowledged(group), state.first_seq)
        found = await _message(await self._server.jetstream(), stream_name(event_type), number)
        return found.time if found is not None else None

    async def _described(self, event_type: str) -> tuple[StreamState | None, list[ConsumerInfo]]:
        """Return the server's description of a stream and of its groups; None where there is none yet."""
        jetstream, name = await self._server.jetstream(), stream_name(event_type)
        try:
            return (await jetstream.stream_info(name)).state, await jetstream.consumers_info(name)
        except NotFoundError:
            return None, []

    async def _first_since(self, event_type: str, moment: datetime, state: StreamState) -> int:
        """Return the number of the first message that is not older; halving finds it, messages being in order."""
        jetstream = await self._server.jetstream()
        low, high = state.first_seq, state.last_seq + 1
        while low < high:
            middle = (low + high) // 2
            found = await _message(jetstream, stream_name(event_type), middle)
            if found is None or found.time is None or found.time < moment:
                low = middle + 1
            else:
                high = middle
        return low

    async def _dead_letter(self, number: int) -> DeadLetter | None:
        found = await _message(await self._server.jetstream(), DEAD_LETTERS, number)
        if found is None:
            return None
        return DeadLetter.model_validate_json(found.data or b"").model_copy(update={"id": str(number)})


async def _message(
    jetstream: JetStreamContext, stream: str, number: int | None = None, *, of_subject: str | None = None
) -> RawStreamMsg | None:
    try:
        return await jetstream.get_msg(stream, seq=number, subject=of_subject, direct=True)
    except NotFoundError:
        return None


def _is_missing(error: APIError) -> bool:
    return isinstance(error, NotFoundError) or error.err_code in _MISSING


def _first_unacknowledged(group: ConsumerInfo) -> int:
    floor = group.ack_floor
    return (floor.stream_seq if floor is not None else 0) + 1
