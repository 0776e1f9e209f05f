from __future__ import annotations

from analytics_engine.errors import InvalidInput


def checked(name: str) -> str:
    """Return a name if it leads nowhere else.

    Raises:
        InvalidInput: it is absolute, or a part of it is empty or begins with a dot (such files are not ours to see).
    """
    if any(not part or part.startswith(".") for part in name.split("/")) or "\\" in name or not name.isprintable():
        raise InvalidInput(
            f"{name!r} is no name of a stored file.",
            remedy="Name it as parts between single slashes, none of which begins with a dot.",
        )
    return name


def folder_of(prefix: str) -> str:
    """Return the folder that has all names beginning so; empty for that of all.

    Raises:
        InvalidInput: it leads out of the store.
    """
    folder, slash, _ = prefix.rpartition("/")
    return checked(folder) if slash else ""
