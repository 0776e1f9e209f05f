"""Named SQL: a room's ``queries.sql`` read once, each statement under its name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import resources

_NAMES: dict[str, str] = {}
_NAME = re.compile(r"^-- name: (?P<name>[a-z][a-z0-9_]*)\s*$", re.MULTILINE)


def load_queries(package: str, file: str = "queries.sql") -> Mapping[str, str]:
    """Return the statements of a package's SQL file by name.

    A statement starts at a line ``-- name: the_name`` and ends at the next one; other comment lines are kept.

    Raises:
        ValueError: two statements have one name.
    """
    text = resources.files(package).joinpath(file).read_text(encoding="utf-8")
    queries: dict[str, str] = {}
    marks = list(_NAME.finditer(text))
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        name = mark["name"]
        if name in queries:
            raise ValueError(f"{package}/{file} names {name!r} twice")
        statement = text[mark.end() : following.start() if following else None].strip().rstrip(";")
        queries[name] = statement
        _NAMES[statement] = name
    return queries


def name_of(statement: str) -> str:
    """Return what a statement of some package's SQL file is called there; empty for any other."""
    return _NAMES.get(statement, "")
