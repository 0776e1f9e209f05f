"""Migrations that are still to be applied, and what each keeps waiting meanwhile."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_REVISION = re.compile(r'^revision = "(?P<revision>[^"]+)"', re.MULTILINE)
_TITLE = re.compile(r'^"""(?P<title>[^\n"]+)')
_NEW = re.compile(r"\bCREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(?P<table>[a-z_.\"]+)", re.IGNORECASE)
_CLASSES = (
    ("keeps readers and writers waiting while it rewrites or moves a table",
     re.compile(r"\bALTER\s+(?:COLUMN\s+\w+\s+)?TYPE\b|\bVACUUM\s+FULL\b|\bCLUSTER\b", re.IGNORECASE)),
    ("keeps writers waiting while it goes through rows",
     re.compile(r"(?<!CONCURRENTLY )\bCREATE\s+(?:UNIQUE\s+)?INDEX\s+(?!CONCURRENTLY)|\bADD\s+(?:CONSTRAINT|FOREIGN)",
                re.IGNORECASE)),
    ("changes rows that are there",
     re.compile(r"^\s*[\"']*\s*(?:UPDATE|DELETE\s+FROM)\s", re.IGNORECASE | re.MULTILINE)),
    ("keeps readers and writers of a table waiting for a moment",
     re.compile(r"\bALTER\s+TABLE\b|\bDROP\s+(?:TABLE|COLUMN|INDEX)\b", re.IGNORECASE)),
)  # fmt: skip
_NOTHING = "keeps nobody waiting: it only makes what is new"


@dataclass(frozen=True)
class PendingMigration:
    """A migration to come, and the strongest of what it does to those at work."""

    revision: str
    title: str
    effect: str

    @property
    def heavy(self) -> bool:
        """Whether it takes longer the more rows there are."""
        return self.effect in {_CLASSES[0][0], _CLASSES[1][0], _CLASSES[2][0]}


def pending(folder: Path, present: str, known: Sequence[str]) -> list[PendingMigration]:
    """Return the migrations after the present revision, oldest first, as their text tells."""
    todo = set(known[known.index(present) + 1 :] if present in known else known)
    found: list[PendingMigration] = []
    for file in sorted((folder / "versions").glob("*.py")):
        text = file.read_text(encoding="utf-8")
        match = _REVISION.search(text)
        if match and match["revision"] in todo:
            title = _TITLE.search(text)
            found.append(PendingMigration(match["revision"], title["title"] if title else file.stem, effect_of(text)))
    return found


def effect_of(text: str) -> str:
    """Return what a migration's statements do to those at work; on tables that it makes itself, nothing."""
    made = {match["table"].strip('"') for match in _NEW.finditer(text)}
    statements = [line for line in re.split(r'"""|"\s*,|;', text) if not any(f"ON {table}" in line for table in made)]
    return next((effect for effect, pattern in _CLASSES if any(pattern.search(one) for one in statements)), _NOTHING)
