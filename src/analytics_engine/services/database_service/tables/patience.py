"""What needs a table for itself for a moment: asked for briefly, again and again, so that nobody queues up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from analytics_engine.errors import Locked

_ATTEMPTS = 4
_PAUSE_S = 0.1

T = TypeVar("T")


async def patiently(do: Callable[[], Awaitable[T]]) -> T:
    """Return what is done, in the first attempt that is not kept waiting too long.

    Raises:
        Locked: none was.
    """
    for attempt in range(_ATTEMPTS):
        try:
            return await do()
        except Locked:
            await asyncio.sleep(_PAUSE_S * 2**attempt)
    return await do()
