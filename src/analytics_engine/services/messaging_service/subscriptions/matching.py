"""Which events a subscription wants."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from analytics_engine.contracts.events import EventType
from analytics_engine.errors import InvalidInput
from analytics_engine.kernel.ports.events import Event
from analytics_engine.services.messaging_service.subscriptions.schemas import EventFilters


def check_types(patterns: Sequence[str]) -> None:
    """Return when each pattern is of some registered event type.

    Raises:
        InvalidInput: one is of none, so that it would wait for ever.
    """
    for place, pattern in enumerate(patterns):
        if not any(fnmatchcase(event_type.value, pattern) for event_type in EventType):
            raise InvalidInput(
                f"types.{place}: no event is called {pattern!r}.",
                remedy=f"Take one of these, or a pattern such as data.*: {', '.join(EventType)}.",
            )


def wants(patterns: Sequence[str], filters: EventFilters, event: Event) -> bool:
    """Return whether an event is of one of the types and meets every filter."""
    if not any(fnmatchcase(event.type, pattern) for pattern in patterns):
        return False
    if filters.subjects and not any(_like(event.subject, subject) for subject in filters.subjects):
        return False
    return all(_is_one_of(event.data.get(field), values) for field, values in filters.data.items())


def _like(text: str, pattern: str) -> bool:
    """Return whether a text is like a pattern; only ``*`` means something, brackets and question marks are text."""
    return fnmatchcase(text, pattern.replace("[", "[[]").replace("?", "[?]"))


def _is_one_of(value: object, values: Sequence[str | int | bool | None]) -> bool:
    return any(value == one and isinstance(value, bool) == isinstance(one, bool) for one in values)
