"""Server-sent events, as https://html.spec.whatwg.org/multipage/server-sent-events.html has them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass

from starlette.responses import StreamingResponse

MEDIA_TYPE = "text/event-stream"
HEARTBEAT = b": still here\n\n"
HEARTBEAT_S = 10.0


@dataclass(frozen=True)
class ServerSentEvent:
    """An event: its name, its data on one line, and the id from which a reader may go on."""

    name: str
    data: str
    id: str = ""

    def encode(self) -> bytes:
        identity = f"id: {self.id}\n" if self.id else ""
        return f"event: {self.name}\n{identity}data: {self.data}\n\n".encode()


class EventStreamResponse(StreamingResponse):
    """A response that goes on for as long as there are events."""

    media_type = MEDIA_TYPE


def event_stream(events: AsyncIterator[bytes]) -> EventStreamResponse:
    """Return events as a response that nothing on the way may keep, or keep back."""
    return EventStreamResponse(events, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})


async def events_of(chunks: AsyncIterator[bytes]) -> AsyncGenerator[ServerSentEvent, None]:
    """Yield the events of a stream; comments are passed over."""
    name, data, identity = "message", list[str](), ""
    async for line in _lines(chunks):
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        match field:
            case "" if not line:
                if data:
                    yield ServerSentEvent(name, "\n".join(data), identity)
                name, data = "message", []
            case "event":
                name = value
            case "data":
                data.append(value)
            case "id":
                identity = value
            case _:
                continue


async def _lines(chunks: AsyncIterator[bytes]) -> AsyncGenerator[str, None]:
    rest = b""
    async for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield line.rstrip(b"\r").decode()
