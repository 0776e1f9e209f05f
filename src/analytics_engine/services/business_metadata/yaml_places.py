"""YAML read into plain data, with the line and column of every place in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

Path = tuple[str | int, ...]

_DEEPEST = 40
_DROPPED_TAGS = {"bool", "timestamp", "value", "merge"}


@dataclass(frozen=True)
class Position:
    """A place in a text, counted from 1."""

    line: int
    column: int

    @classmethod
    def of(cls, mark: Any) -> Position:
        return cls(mark.line + 1, mark.column + 1) if mark else cls(1, 1)


@dataclass(frozen=True)
class Document:
    """The data of a text, and where each part of it stands."""

    data: Any
    positions: dict[Path, Position] = field(repr=False)

    def position(self, path: Path) -> Position:
        """Return where a path stands, or the nearest thing around it that is in the text."""
        while path and path not in self.positions:
            path = path[:-1]
        return self.positions.get(path, Position(1, 1))


class YamlMistake(Exception):
    """The text is not YAML as definitions use it."""

    def __init__(self, reason: str, position: Position) -> None:
        super().__init__(reason)
        self.reason = reason
        self.position = position


class _Loader(yaml.SafeLoader):
    """YAML 1.2's core types: ``on``, ``yes`` and dates are words; no aliases, which could grow without bound."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise YamlMistake("aliases (*name) are not used in definitions", self._here())
        if self.depth >= _DEEPEST:
            raise YamlMistake("this is nested too deeply", self._here())
        self.depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1

    def _here(self) -> Position:
        event: yaml.Event = self.peek_event()  # type: ignore[no-untyped-call] # PyYAML's stubs leave it untyped
        return Position.of(event.start_mark)


_Loader.yaml_implicit_resolvers = {
    first: kept
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    if (kept := [(tag, regexp) for tag, regexp in resolvers if tag.rpartition(":")[2] not in _DROPPED_TAGS])
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


def read_yaml(text: str) -> Document:
    """Return the data of a YAML text.

    Raises:
        YamlMistake: it is not YAML, names a key twice, or uses what definitions do without.
    """
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        positions: dict[Path, Position] = {}
        data = None if node is None else _plain(loader, node, (), positions)
    except yaml.MarkedYAMLError as error:
        raise YamlMistake(error.problem or "this is not YAML", Position.of(error.problem_mark)) from error
    except yaml.YAMLError as error:
        raise YamlMistake(str(error).splitlines()[0], Position(1, 1)) from error
    finally:
        loader.dispose()
    return Document(data, positions)


def _plain(loader: _Loader, node: yaml.Node, path: Path, positions: dict[Path, Position]) -> Any:
    positions[path] = Position.of(node.start_mark)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(loader, item, (*path, number), positions) for number, item in enumerate(node.value)]
    if not isinstance(node, yaml.MappingNode):
        return loader.construct_object(node)
    members: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        if key in members:
            raise YamlMistake(f"{key!r} is given twice", Position.of(key_node.start_mark))
        members[key] = _plain(loader, value_node, (*path, key), positions)
    return members
