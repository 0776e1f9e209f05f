"""Drivers that block, run in threads with a time limit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from analytics_engine.errors import DependencyTimeout

_GRACE_S = 5.0

T = TypeVar("T")


async def bounded(run: Callable[[], T], *, timeout_s: float, stop: Callable[[], object], engine: str) -> T:
    """Return what a blocking call returns; one that takes too long, or that nobody waits for any more, is stopped.

    Raises:
        DependencyTimeout: the call took longer than ``timeout_s``.
    """
    work = asyncio.ensure_future(asyncio.to_thread(run))
    try:
        return await asyncio.wait_for(asyncio.shield(work), timeout_s)
    except TimeoutError as error:
        await _ended(work, stop)
        raise too_slow(engine, timeout_s) from error
    except asyncio.CancelledError:
        await _ended(work, stop)
        raise


def too_slow(engine: str, timeout_s: float) -> DependencyTimeout:
    return DependencyTimeout(
        f"{engine} did not answer within {timeout_s:g} s.",
        remedy="Ask a shorter range or fewer dimensions, or try again when it has less to do.",
    )


async def _ended(work: asyncio.Future[T], stop: Callable[[], object]) -> None:
    """Stop a call, and wait a little for its thread to notice."""
    work.add_done_callback(_looked_at)
    await asyncio.to_thread(stop)
    await asyncio.wait({work}, timeout=_GRACE_S)


def _looked_at(work: asyncio.Future[T]) -> None:
    """Take note of how a stopped call ended: it was asked to fail, so that it did is no news."""
    if not work.cancelled():
        work.exception()
