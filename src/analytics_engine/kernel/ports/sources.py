"""Where a client's data comes from, as connectors see it: something with tables that can be looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from pydantic import BaseModel, Field


class SourceColumn(BaseModel):
    """A column of a source's table. ``type`` is the attribute type it fits best, empty where none does."""

    name: str
    type: str
    native_type: str
    nullable: bool = True


class SourceTable(BaseModel):
    """A table of a source, by the name a preview is asked for with."""

    name: str
    columns: list[SourceColumn]


class SourcePreview(BaseModel):
    """The first rows of a table; numbers beyond JSON's precision, times and the like are strings."""

    table: str
    columns: list[str]
    rows: list[list[Any]] = Field(description="one list a row, in the order of columns")


class Source(Protocol):
    """A source that was opened for one request.

    Raises (all methods):
        DependencyUnavailable: it cannot be reached, or refuses us.
        DependencyTimeout: it does not answer in time.
        InvalidInput: what is there cannot be read; the detail says where and why.
        NotFound: there is no such file or table.
        Forbidden: its address is one that connectors may not use.
    """

    async def check(self) -> str:
        """Really connect and read, and return what was found, in one sentence."""
        ...

    async def tables(self) -> Sequence[SourceTable]: ...

    async def preview(self, *, table: str | None, limit: int) -> SourcePreview:
        """Return the first rows of a table; None is the only table of a source that has one."""
        ...


OpenSource = Callable[[str, Mapping[str, Any], Mapping[str, str]], Source]
"""Makes the source of one kind from client, options and secrets (their values); nothing is connected yet."""


class SecretStore(Protocol):
    """Turns a reference to a secret into the secret, for the client whose it is."""

    def check(self, reference: str, *, client_id: str) -> None:
        """Return when it is a reference this client may use.

        Raises:
            InvalidInput: it is not; the detail says why.
        """
        ...

    def read(self, reference: str, *, client_id: str) -> str:
        """Return the secret.

        Raises:
            InvalidInput: there is none of this name.
        """
        ...
