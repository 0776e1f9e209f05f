"""Bundles: definitions as YAML or JSON text, read with every mistake named by file and place, and written back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from analytics_engine.errors import InvalidDefinition, InvalidSetting
from analytics_engine.services.business_metadata.definitions import (
    TRAITS,
    TRAITS_OF_SECTION,
    AnyDefinition,
    Key,
    KindTraits,
    body_of,
    kind_of,
)
from analytics_engine.services.business_metadata.yaml_places import (
    Document,
    Position,
    YamlMistake,
    read_yaml,
)

_MOST_MISTAKES = 100
_SUFFIXES = {".yaml", ".yml", ".json"}


@dataclass(frozen=True)
class Source:
    """A text that holds definitions, and the name a mistake in it is reported under."""

    name: str
    text: str


@dataclass(frozen=True)
class Place:
    """Where something stands in a source."""

    file: str
    position: Position

    def __str__(self) -> str:
        return f"{self.file}, line {self.position.line}, column {self.position.column}"


@dataclass(frozen=True)
class Mistake:
    place: Place
    reason: str
    path: str = ""

    def as_fact(self) -> dict[str, Any]:
        return {
            "file": self.place.file,
            "line": self.place.position.line,
            "column": self.place.position.column,
            "path": self.path,
            "reason": self.reason,
        }


@dataclass(frozen=True)
class Entry:
    """A definition that was read, and where it stands."""

    definition: AnyDefinition
    place: Place

    @property
    def key(self) -> Key:
        return kind_of(self.definition), self.definition.code


def read_directory(directory: Path) -> list[Source]:
    """Return every definition file below a directory, by path.

    Raises:
        InvalidSetting: the directory cannot be read, or holds no definition file.
    """
    try:
        files = sorted(path for path in directory.rglob("*") if path.suffix in _SUFFIXES and path.is_file())
        sources = [Source(path.relative_to(directory).as_posix(), path.read_text("utf-8")) for path in files]
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidSetting(
            f"The catalog in {directory} cannot be read: {error}.",
            remedy="Correct the file's permissions or encoding (UTF-8), or set AE_CATALOG_DIR to another directory.",
            setting="AE_CATALOG_DIR",
        ) from error
    if not sources:
        raise InvalidSetting(
            f"The catalog directory {directory} holds no definition files.",
            remedy="Set AE_CATALOG_DIR to a directory with .yaml files, or leave it unset to take the shipped ones.",
            setting="AE_CATALOG_DIR",
        )
    return sources


def read_bundle(sources: Iterable[Source]) -> tuple[Entry, ...]:
    """Return the definitions of all sources.

    Raises:
        InvalidDefinition: anything in them is wrong; ``errors`` lists every mistake with file, line and column.
    """
    entries: dict[Key, Entry] = {}
    mistakes: list[Mistake] = []
    for source in sources:
        for found in _read_source(source):
            if isinstance(found, Mistake):
                mistakes.append(found)
            elif found.key in entries:
                traits = TRAITS[found.key[0]]
                reason = f"the {traits.noun} {found.key[1]} is defined twice; first at {entries[found.key].place}"
                mistakes.append(Mistake(found.place, reason))
            else:
                entries[found.key] = found
    if mistakes:
        raise rejected(mistakes)
    return tuple(entries.values())


def rejected(mistakes: list[Mistake]) -> InvalidDefinition:
    """Return the error that names the first mistake and lists them all."""
    first, more = mistakes[0], len(mistakes) - 1
    detail = f"{first.place}: {f'{first.path}: ' if first.path else ''}{first.reason}"
    return InvalidDefinition(
        f"{detail} (and {more} more)" if more else detail,
        remedy="Correct the places listed under errors and import again; nothing was changed.",
        errors=[mistake.as_fact() for mistake in mistakes[:_MOST_MISTAKES]],
    )


def write_bundle(definitions: Iterable[AnyDefinition]) -> dict[str, list[dict[str, Any]]]:
    """Return definitions as the sections of a bundle."""
    sections: dict[str, list[dict[str, Any]]] = {section: [] for section in TRAITS_OF_SECTION}
    for definition in definitions:
        sections[TRAITS[kind_of(definition)].section].append(body_of(definition))
    return {section: items for section, items in sections.items() if items}


def as_yaml(bundle: dict[str, list[dict[str, Any]]]) -> str:
    return yaml.safe_dump(bundle, sort_keys=False, allow_unicode=True, width=118)


def _read_source(source: Source) -> Iterator[Entry | Mistake]:
    try:
        document = _read_json(source.text) if source.name.endswith(".json") else read_yaml(source.text)
    except YamlMistake as mistake:
        yield Mistake(Place(source.name, mistake.position), mistake.reason)
        return
    if not isinstance(document.data, dict):
        reason = f"a bundle is a mapping with some of the keys {', '.join(TRAITS_OF_SECTION)}"
        yield Mistake(Place(source.name, Position(1, 1)), reason)
        return
    for section, items in document.data.items():
        yield from _read_section(source, document, section, items)


def _read_section(source: Source, document: Document, section: str, items: Any) -> Iterator[Entry | Mistake]:
    place = Place(source.name, document.position((section,)))
    traits = TRAITS_OF_SECTION.get(section)
    if traits is None:
        yield Mistake(place, f"{section!r} is not a section; there are: {', '.join(TRAITS_OF_SECTION)}")
    elif not isinstance(items, list):
        yield Mistake(place, f"{section} must be a list of definitions", section)
    else:
        for number, item in enumerate(items):
            yield from _read_definition(source, document, traits, (number, item))


def _read_definition(
    source: Source, document: Document, traits: KindTraits, numbered: tuple[int, Any]
) -> Iterator[Entry | Mistake]:
    number, item = numbered
    root = (traits.section, number)
    try:
        yield Entry(traits.model.model_validate(item), Place(source.name, document.position(root)))
    except ValidationError as error:
        name = item.get("code", "") if isinstance(item, dict) else ""
        for mistake in error.errors(include_url=False):
            location = tuple(part for part in mistake["loc"] if part != "[key]")
            path = ".".join(str(part) for part in (f"{traits.section}[{number}]", *location))
            reason = mistake["msg"].removeprefix("Value error, ")
            reason = f"{traits.noun} {name}: {reason}" if name else reason
            yield Mistake(Place(source.name, document.position((*root, *location))), reason, path)


def _read_json(text: str) -> Document:
    try:
        return Document(json.loads(text), {})
    except json.JSONDecodeError as error:
        raise YamlMistake(f"this is not JSON: {error.msg}", Position(error.lineno, error.colno)) from error
    except RecursionError as error:
        raise YamlMistake("this is nested too deeply", Position(1, 1)) from error
