from __future__ import annotations

from typing import Annotated, Generic, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel

T = TypeVar("T")


class PageRequest(BaseModel):
    """Which slice of a list is wanted."""

    limit: int = 50
    offset: int = 0


def page_request(
    limit: Annotated[int, Query(ge=1, le=500, description="How many items to return at most")] = 50,
    offset: Annotated[int, Query(ge=0, description="How many items to pass over")] = 0,
) -> PageRequest:
    return PageRequest(limit=limit, offset=offset)


PageHere = Annotated[PageRequest, Depends(page_request)]


class Page(BaseModel, Generic[T]):
    """One slice of a list, with the length of the whole."""

    items: list[T]
    total: int
    limit: int
    offset: int
