"""The kinds of sources a profile may name: the options and secrets of each."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from pydantic import Field

from analytics_engine.contracts.wire import WireModel
from analytics_engine.kernel.kinds import Kind


class SourceKind(StrEnum):
    FILE = "file"
    POSTGRES = "postgres"


class FileFormat(StrEnum):
    CSV = "csv"
    PARQUET = "parquet"
    JSON = "json"


class Tls(StrEnum):
    DISABLE = "disable"
    PREFER = "prefer"
    REQUIRE = "require"


class FileOptions(WireModel):
    """A file in the client's folder."""

    path: str = Field(min_length=1, max_length=1000, description="inside AE_CONNECTOR_FILES_DIR/<client>/")
    format: FileFormat = Field(description="json is one object a line, or an array of objects")


class PostgresOptions(WireModel):
    """A PostgreSQL database; the password is among the profile's secret references."""

    host: str = Field(min_length=1, max_length=255, pattern=r"^[A-Za-z0-9._:-]+$", description="a name or an address")
    port: int = Field(default=5432, ge=1, le=65_535)
    database: str = Field(min_length=1, max_length=63)
    user: str = Field(min_length=1, max_length=63)
    tls: Tls = Tls.PREFER


KINDS: Mapping[SourceKind, Kind] = {
    SourceKind.FILE: Kind("File", FileOptions),
    SourceKind.POSTGRES: Kind("PostgreSQL", PostgresOptions, secrets=("password",)),
}


def checked_options(kind: SourceKind, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options with the defaults of their kind filled in.

    Raises:
        InvalidInput: one is missing, wrong or unknown; ``errors`` lists place and reason.
    """
    return KINDS[kind].checked_options(
        options, remedy=f"/kinds describes the options of {kind}. Passwords are secret references, never options."
    )


def check_secret_names(kind: SourceKind, secret_refs: Mapping[str, str]) -> None:
    """Return when exactly the secrets of the kind are referred to.

    Raises:
        InvalidInput: one is missing or is not of this kind.
    """
    KINDS[kind].check_secrets(
        secret_refs,
        owner=f"a profile of kind {kind}",
        place="secret_refs",
        remedy="Refer to where the secret is kept: env:NAME or file:NAME.",
    )
