"""Waiting in tests: ask again until it is so, or fail at a deadline. Never a sleep and a hope."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(condition: Callable[[], T], *, within_s: float = 10.0, every_s: float = 0.05) -> T:
    """Return the condition's first true answer.

    Raises:
        AssertionError: there was none in time.
    """
    deadline = time.monotonic() + within_s
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"not so within {within_s:g} s: {inspect.getsource(condition).strip()}"
        time.sleep(every_s)
    return answer


async def eventually(condition: Callable[[], Awaitable[T]], *, within_s: float = 10.0, every_s: float = 0.05) -> T:
    """Return the first true answer of an asynchronous condition; raises as ``wait_until`` does."""
    deadline = time.monotonic() + within_s
    while not (answer := await condition()):
        assert time.monotonic() < deadline, f"not so within {within_s:g} s: {inspect.getsource(condition).strip()}"
        await asyncio.sleep(every_s)
    return answer
