from __future__ import annotations

from typing import Any

from fastapi import Depends, Request


def built(name: str) -> Any:
    """Return the dependency on what the service was built with under a name, for ``Annotated``."""

    async def found(request: Request) -> Any:
        return getattr(request.app.state, name)

    return Depends(found)
