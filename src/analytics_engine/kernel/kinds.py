"""Kinds of what users connect the system with, such as sources and channels: which options and secrets each has."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from analytics_engine.errors import InvalidInput


@dataclass(frozen=True)
class Kind:
    """What something of one kind must say, and may."""

    title: str
    options: type[BaseModel]
    secrets: tuple[str, ...] = ()
    optional_secrets: tuple[str, ...] = ()

    def checked_options(self, options: Mapping[str, Any], *, remedy: str) -> dict[str, Any]:
        """Return the options with the defaults of the kind filled in.

        Raises:
            InvalidInput: one is missing, wrong or unknown; ``errors`` lists place and reason.
        """
        try:
            return self.options.model_validate(options).model_dump(mode="json")
        except ValidationError as error:
            mistakes = [
                {"place": ".".join(["options", *map(str, mistake["loc"])]), "reason": mistake["msg"]}
                for mistake in error.errors()
            ]
            raise InvalidInput(
                f"{mistakes[0]['place']}: {mistakes[0]['reason']}",
                remedy=f"Correct the places under errors; {remedy}",
                errors=mistakes,
            ) from error

    def check_secrets(self, names: Collection[str], *, owner: str, place: str, remedy: str) -> None:
        """Return when the secrets of these names are those of the kind.

        Args:
            names: what they are called, whatever they are.
            owner: what they are of, such as ``a channel of kind email``.
            place: where they were given.
            remedy: for one that is missing.

        Raises:
            InvalidInput: one is missing or is not of this kind.
        """
        if missing := sorted(set(self.secrets) - set(names)):
            raise InvalidInput(f"{place}.{missing[0]}: {owner} needs it.", remedy=remedy)
        if unknown := sorted(set(names) - {*self.secrets, *self.optional_secrets}):
            raise InvalidInput(f"{place}.{unknown[0]}: {owner} has no such secret.", remedy="Leave it out.")
