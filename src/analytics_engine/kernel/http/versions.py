"""Optimistic concurrency over HTTP: who edits says which version was read."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header

from analytics_engine.errors import InvalidInput


def expected_version(
    if_match: Annotated[str | None, Header(description="the ETag of the version that was read")] = None,
) -> int | None:
    """Return the version that ``If-Match`` names, or None where any will do.

    Raises:
        InvalidInput: the header names no version.
    """
    if if_match is None or if_match == "*":
        return None
    number = if_match.removeprefix("W/").strip('"')
    if not number.isascii() or not number.isdigit():
        raise InvalidInput(
            f"If-Match is {if_match!r}, which is no version.", remedy='Send the ETag you read, such as "3".'
        )
    return int(number)


ExpectedVersion = Annotated[int | None, Depends(expected_version)]
