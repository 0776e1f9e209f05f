"""Dead letters in Redis: one stream a group, each entry with the event's JSON and why it was given up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError
from redis.asyncio import Redis

from analytics_engine.adapters.redis.names import DEAD_LETTER_GROUPS, dead_letters_key, stream_key
from analytics_engine.kernel.ports.events import Event
from analytics_engine.kernel.ports.streams import DeadLetter

_MOST_DEAD_LETTERS = 100_000


async def bury(client: Redis, letter: DeadLetter, *, content: bytes, entry_id: str) -> None:
    """Write the dead letter and acknowledge its entry in one transaction of the server."""
    fields: dict[Any, Any] = {
        "type": letter.type,
        "reason": letter.reason,
        "attempts": letter.attempts,
        "event": content,
    }
    async with client.pipeline(transaction=True) as pipeline:
        pipeline.sadd(DEAD_LETTER_GROUPS, letter.group)
        pipeline.xadd(dead_letters_key(letter.group), fields, maxlen=_MOST_DEAD_LETTERS)
        pipeline.xack(stream_key(letter.type), letter.group, entry_id)
        await pipeline.execute()


def read(group: str, entry_id: bytes, fields: Mapping[bytes, bytes]) -> DeadLetter:
    return DeadLetter(
        group=group,
        id=entry_id.decode(),
        type=fields[b"type"].decode(),
        reason=fields[b"reason"].decode(),
        attempts=int(fields[b"attempts"]),
        failed_at=moment_of(entry_id),
        event=_event(fields[b"event"]),
    )


def moment_of(entry_id: bytes) -> datetime:
    """Return when an entry was written: its id begins with the server's milliseconds."""
    return datetime.fromtimestamp(int(entry_id.split(b"-")[0]) / 1000, UTC)


def _event(content: bytes) -> Event | None:
    try:
        return Event.model_validate_json(content)
    except ValidationError:
        return None
