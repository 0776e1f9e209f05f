"""Something that is asked for before it is needed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import TypeVar

T = TypeVar("T")


@asynccontextmanager
async def meanwhile(work: Awaitable[T]) -> AsyncIterator[Awaitable[T]]:
    """Have something done while the block goes on, which awaits it when it needs it.

    What the block does not need any more at its end is given up, and is no error if it failed.
    """
    working = asyncio.ensure_future(work)
    try:
        yield working
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
