"""The keys of events in Redis."""

from __future__ import annotations

STREAM_PREFIX = "ae:events:"
DEAD_LETTERS_PREFIX = "ae:dlq:"
DEAD_LETTER_GROUPS = "ae:dlq-groups"
CONTINUITY = "ae:events-continuity"


def stream_key(event_type: str) -> str:
    return STREAM_PREFIX + event_type


def dead_letters_key(group: str) -> str:
    return DEAD_LETTERS_PREFIX + group
