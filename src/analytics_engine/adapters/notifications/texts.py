from __future__ import annotations


def shortened(text: str, limit: int) -> str:
    """Return a text of at most so many characters; where it was longer, it says so by its last one."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def one_line(text: str) -> str:
    return " ".join(text.split())
