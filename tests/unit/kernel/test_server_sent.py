"""Server-sent events come out as they went in, however the bytes are cut on the way."""

from __future__ import annotations

from collections.abc import AsyncIterator

from hypothesis import given
from hypothesis import strategies as st

from analytics_engine.kernel.http.server_sent import HEARTBEAT, ServerSentEvent, events_of

LINES = st.text(st.characters(blacklist_characters="\r\n\0", blacklist_categories=("Cs",)), min_size=1)
NAMES = st.from_regex(r"[a-z]{1,12}", fullmatch=True)
EVENTS = st.builds(ServerSentEvent, name=NAMES, data=LINES, id=st.from_regex(r"[0-9a-f]{1,32}", fullmatch=True))


@given(st.lists(EVENTS), st.integers(1, 40))
async def test_events_are_read_as_they_were_written(events: list[ServerSentEvent], size: int) -> None:
    written = b"".join(event.encode() + HEARTBEAT for event in events)

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(written), size):
            yield written[start : start + size]

    assert [event async for event in events_of(chunks())] == events


async def test_lines_of_data_and_other_ends_of_lines() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b": a comment\r\ndata: one\r\ndata:two\r\nretry: 10\r\n\r\nevent: empty\n\ndata: x\n\n"

    assert [event async for event in events_of(chunks())] == [
        ServerSentEvent("message", "one\ntwo"),
        ServerSentEvent("message", "x"),
    ]
