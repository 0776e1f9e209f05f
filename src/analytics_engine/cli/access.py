"""What the commands on users and keys share: the registers opened, and arguments checked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ValidationError

from analytics_engine.errors import InvalidInput

if TYPE_CHECKING:
    from analytics_engine.bootstrap.access import Access

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)

ACTOR = "command line"
"""Who the audit log says did it."""


def with_access(act: Callable[[Access], Awaitable[T]]) -> T:
    """Return what ``act`` returns, given the registers of users and keys."""
    from analytics_engine.bootstrap.access import open_access
    from analytics_engine.bootstrap.settings import load_settings

    async def run() -> T:
        async with open_access(load_settings()) as access:
            return await act(access)

    return asyncio.run(run())


def checked(model: type[M], **values: object) -> M:
    """Return the model of what was typed.

    Raises:
        InvalidInput: a value is wrong; the detail names it.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        mistake = error.errors()[0]
        raise InvalidInput(
            f"{'.'.join(map(str, mistake['loc']))}: {mistake['msg']}", remedy="Correct it and run the command again."
        ) from error
