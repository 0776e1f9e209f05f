from __future__ import annotations

from analytics_engine.errors import InvalidInput


def checked(name: str) -> str:
    """Return a name if it leads nowhere else.

    Raises:
        InvalidInput: it is absolute, has an empty part, or one of dots alone.
    """
    if any(part in {"", ".", ".."} for part in name.split("/")) or "\\" in name or "\0" in name:
        raise InvalidInput(f"{name!r} is no name of a stored file.", remedy="Name it as parts between single slashes.")
    return name
