from __future__ import annotations


def dimension_label(name: str) -> str:
    """Return a dimension's name for people: ``flight.origin_airport.name`` becomes ``Origin airport name``."""
    parts = name.split(".")
    words = " ".join(parts[1:] if len(parts) > 1 else parts).replace("_", " ")
    return words[:1].upper() + words[1:]
