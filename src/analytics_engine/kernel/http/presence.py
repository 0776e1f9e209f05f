"""Work for a client that may go away: it is cancelled when nobody waits for its answer any more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

from starlette.requests import ClientDisconnect, Request

T = TypeVar("T")


async def while_connected(request: Request, work: Callable[[AsyncIterator[bytes]], Awaitable[T]]) -> T:
    """Return what ``work`` makes of a request's body; it is cancelled when the client closes its connection before.

    Work that is cancelled ends in its own time, and is waited for. A client that goes in the middle of its body is met
    by who reads it; from the body's end on, the connection is watched here.

    Raises:
        ClientDisconnect: the client has gone.
    """
    is_read = asyncio.Event()

    async def body() -> AsyncIterator[bytes]:
        async for chunk in request.stream():
            yield chunk
        is_read.set()

    async def gone() -> None:
        await is_read.wait()
        while (await request.receive())["type"] != "http.disconnect":
            pass

    working, going = asyncio.ensure_future(work(body())), asyncio.create_task(gone())
    try:
        await asyncio.wait((working, going), return_when=asyncio.FIRST_COMPLETED)
    finally:
        going.cancel()
        if not working.done():
            working.cancel()
            await asyncio.wait([working])
    if working.cancelled():
        raise ClientDisconnect
    return working.result()
