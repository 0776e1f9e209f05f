"""The names of events in JetStream: of streams and consumers, which hold no dots, and of subjects."""

from __future__ import annotations

import re

DEAD_LETTERS = "ae-dlq"
CONTINUITY = "ae-continuity"
CONTINUITY_SUBJECT = "ae.continuity"
ATTEMPTS = "ae-attempts"

_UNFIT = re.compile(r"[^A-Za-z0-9_-]")
_FIT = re.compile(r"=([0-9a-f]+)=")


def token(name: str) -> str:
    """Return a name as JetStream takes it anywhere; ``name_of`` is its inverse."""
    return _UNFIT.sub(lambda found: f"={ord(found[0]):x}=", name)


def name_of(token: str) -> str:
    return _FIT.sub(lambda found: chr(int(found[1], 16)), token)


def stream_name(event_type: str) -> str:
    return "ae-events-" + token(event_type)


def subject(event_type: str) -> str:
    return "ae.events." + ".".join(token(part) for part in event_type.split("."))


def dead_letters_subject(group: str) -> str:
    return "ae.dlq." + token(group)
