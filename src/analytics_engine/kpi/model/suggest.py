from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(word: str, known: Iterable[str], *, limit: int = 3) -> list[str]:
    """Return the known words most like a mistyped one, the nearest first."""
    candidates = sorted(known)
    folded = {candidate.lower(): candidate for candidate in candidates}
    return [folded[match] for match in difflib.get_close_matches(word.lower(), folded, n=limit, cutoff=0.6)]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a sentence that suggests the nearest known words, or an empty string when none is near."""
    matches = nearest(word, known)
    return f"Did you mean {' or '.join(matches)}?" if matches else ""
