"""What differs between two versions of a definition, place by place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from analytics_engine.contracts.metadata import Change

_ABSENT = None


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    """Return every place that differs, in order; lists of named things are compared by name."""
    return tuple(_compare("", before, after))


def _compare(path: str, before: Any, after: Any) -> Iterator[Change]:
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _compare_members(path, before, after)
    elif _are_named(before) and _are_named(after):
        was, now = _by_name(before), _by_name(after)
        yield from _compare_members(path, was, now)
        if was == now:
            yield Change(place=path, before=list(was), after=list(now))
    else:
        yield Change(place=path, before=before, after=after)


def _compare_members(path: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    for name in dict.fromkeys((*before, *after)):
        yield from _compare(f"{path}.{name}" if path else name, before.get(name, _ABSENT), after.get(name, _ABSENT))


def _are_named(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) and "name" in item for item in value)


def _by_name(items: list[dict[str, Any]]) -> dict[str, Any]:
    return {item["name"]: item for item in items}
