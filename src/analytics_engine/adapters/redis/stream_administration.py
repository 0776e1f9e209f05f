from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from redis.exceptions import ResponseError

from analytics_engine.adapters.redis import dead_letters
from analytics_engine.adapters.redis.connection import RedisServer
from analytics_engine.adapters.redis.names import CONTINUITY, DEAD_LETTER_GROUPS, dead_letters_key, stream_key
from analytics_engine.kernel.ids import new_id
from analytics_engine.kernel.ports.streams import DeadLetter, GroupStatus, StreamStatus

_SHOWN_DEAD_LETTERS = 1000


class RedisStreamAdministration:
    """The state of the streams, and the dead letters, in Redis.

    Args:
        forget_consumers_after: how long a consumer that holds nothing may be silent before its name is forgotten;
            each start of a process brings a new name.
    """

    def __init__(self, server: RedisServer, *, forget_consumers_after: timedelta = timedelta(hours=1)) -> None:
        self._server = server
        self._redis = server.client
        self._forget_consumers_after = forget_consumers_after

    async def continuity(self) -> str:
        # The marker vanishes when the server's memory is emptied; the run id changes when it was started again,
        # which may have cost it the last moments.
        with self._server.talking():
            async with self._redis.pipeline(transaction=False) as pipeline:
                pipeline.set(CONTINUITY, new_id(), nx=True)
                pipeline.get(CONTINUITY)
                pipeline.info("server")
                _, marker, server = await pipeline.execute()
        return f"{server.get('run_id', '')}:{marker.decode()}"

    async def status(self, types: Sequence[str]) -> list[StreamStatus]:
        return [await self._status(event_type) for event_type in types]

    async def trim(self, types: Sequence[str], *, older_than: timedelta) -> None:
        oldest_kept = (int((datetime.now(UTC) - older_than).timestamp() * 1000), 0)
        for event_type in types:
            _, groups = await self._described(event_type)
            for group in groups:
                await self._forget_silent_consumers(event_type, group["name"])
            positions = [await self._acknowledged_until(event_type, group) for group in groups]
            milliseconds, counter = min([oldest_kept, *positions])
            with self._server.talking():
                await self._redis.xtrim(stream_key(event_type), minid=f"{milliseconds}-{counter}", approximate=True)

    async def dead_letters(self) -> list[DeadLetter]:
        letters: list[DeadLetter] = []
        with self._server.talking():
            for group in await self._groups():
                entries: Any = await self._redis.xrevrange(dead_letters_key(group), count=_SHOWN_DEAD_LETTERS)
                letters += [dead_letters.read(group, identity, fields) for identity, fields in entries]
        return sorted(letters, key=lambda letter: letter.failed_at, reverse=True)

    async def dead_letter_counts(self) -> Mapping[str, int]:
        with self._server.talking():
            return {group: await self._redis.xlen(dead_letters_key(group)) for group in await self._groups()}

    async def replay(self, letter: DeadLetter) -> bool:
        assert letter.event is not None
        key = dead_letters_key(letter.group)
        with self._server.talking():
            if not await self._redis.xrange(key, letter.id, letter.id):
                return False
            async with self._redis.pipeline(transaction=True) as pipeline:
                pipeline.xadd(stream_key(letter.event.type), {"event": letter.event.model_dump_json()})
                pipeline.xdel(key, letter.id)
                await pipeline.execute()
        return True

    async def discard(self, letters: Sequence[DeadLetter]) -> int:
        with self._server.talking():
            async with self._redis.pipeline(transaction=False) as pipeline:
                for letter in letters:
                    pipeline.xdel(dead_letters_key(letter.group), letter.id)
                return sum(await pipeline.execute()) if letters else 0

    async def _groups(self) -> list[str]:
        groups: Any = await self._redis.smembers(DEAD_LETTER_GROUPS)
        return sorted(group.decode() for group in groups)

    async def _status(self, event_type: str) -> StreamStatus:
        stream, groups = await self._described(event_type)
        last = stream.get("last-entry")
        return StreamStatus(
            type=event_type,
            length=stream.get("length", 0),
            last_event_at=dead_letters.moment_of(last[0]) if last else None,
            groups=[
                GroupStatus(
                    group=group["name"].decode(),
                    consumers=group["consumers"],
                    pending=group["pending"],
                    lag=group.get("lag"),
                    oldest_waiting_at=await self._oldest_waiting(event_type, group),
                )
                for group in groups
            ],
        )

    async def _described(self, event_type: str) -> tuple[Mapping[str, Any], list[dict[str, Any]]]:
        """Return the server's description of a stream and of its groups; empty where there is none yet."""
        key = stream_key(event_type)
        with self._server.talking():
            try:
                return await self._redis.xinfo_stream(key), await self._redis.xinfo_groups(key)
            except ResponseError as error:
                if "no such key" not in str(error).lower():
                    raise
        return {}, []

    async def _forget_silent_consumers(self, event_type: str, group: bytes) -> None:
        # A living consumer asks for events every second, so that a long silent one cannot be about to take some.
        key, silent_ms = stream_key(event_type), self._forget_consumers_after.total_seconds() * 1000
        with self._server.talking():
            for consumer in await self._redis.xinfo_consumers(key, group):
                if consumer["pending"] == 0 and consumer["idle"] >= silent_ms:
                    await self._redis.xgroup_delconsumer(key, group, consumer["name"])

    async def _oldest_waiting(self, event_type: str, group: Mapping[str, Any]) -> datetime | None:
        """Return when the oldest entry was written that a group has not acknowledged."""
        key = stream_key(event_type)
        with self._server.talking():
            if group["pending"]:
                pending = await self._redis.xpending(key, group["name"])
                return dead_letters.moment_of(pending["min"]) if pending["min"] else None
            unread = b"(" + group["last-delivered-id"]
            entries: Any = await self._redis.xrange(key, min=unread.decode(), count=1)
        return dead_letters.moment_of(entries[0][0]) if entries else None

    async def _acknowledged_until(self, event_type: str, group: Mapping[str, Any]) -> tuple[int, int]:
        """Return the entry before which a group has acknowledged everything."""
        with self._server.talking():
            pending = await self._redis.xpending(stream_key(event_type), group["name"])
        return _position(pending["min"] if pending["pending"] else group["last-delivered-id"])


def _position(entry_id: bytes) -> tuple[int, int]:
    milliseconds, _, counter = entry_id.decode().partition("-")
    return (int(milliseconds), int(counter or 0))
