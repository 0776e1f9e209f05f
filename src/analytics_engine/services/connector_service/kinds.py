"""The kinds of sources a profile may name: the options and secrets of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import Field, ValidationError

from analytics_engine.contracts.wire import WireModel
from analytics_engine.errors import InvalidInput


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


@dataclass(frozen=True)
class Kind:
    """What a profile of one kind must say."""

    title: str
    options: type[WireModel]
    secrets: tuple[str, ...] = ()


KINDS: Mapping[SourceKind, Kind] = {
    SourceKind.FILE: Kind("File", FileOptions),
    SourceKind.POSTGRES: Kind("PostgreSQL", PostgresOptions, secrets=("password",)),
}


def checked_options(kind: SourceKind, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options with the defaults of their kind filled in.

    Raises:
        InvalidInput: one is missing, wrong or unknown; ``errors`` lists place and reason.
    """
    try:
        return KINDS[kind].options.model_validate(options).model_dump(mode="json")
    except ValidationError as error:
        mistakes = [
            {"place": ".".join(["options", *map(str, mistake["loc"])]), "reason": mistake["msg"]}
            for mistake in error.errors()
        ]
        raise InvalidInput(
            f"{mistakes[0]['place']}: {mistakes[0]['reason']}",
            remedy=f"Correct the places under errors; /kinds describes the options of {kind}. "
            "Passwords are secret references, never options.",
            errors=mistakes,
        ) from error


def check_secret_names(kind: SourceKind, secret_refs: Mapping[str, str]) -> None:
    """Return when exactly the secrets of the kind are referred to.

    Raises:
        InvalidInput: one is missing or is not of this kind.
    """
    wanted = set(KINDS[kind].secrets)
    if missing := sorted(wanted - secret_refs.keys()):
        raise InvalidInput(
            f"secret_refs.{missing[0]}: a profile of kind {kind} needs it.",
            remedy="Refer to where the secret is kept: env:NAME or file:NAME.",
        )
    if unknown := sorted(secret_refs.keys() - wanted):
        raise InvalidInput(
            f"secret_refs.{unknown[0]}: a profile of kind {kind} has no such secret.", remedy="Leave it out."
        )
