"""A checkup: the steps of a checklist, each with what was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """How a step ended."""

    OK = "ok"
    ATTENTION = "attention"
    FAILED = "failed"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True)
class Step:
    """One line of a checklist, and what is to be known of it."""

    title: str
    state: State
    facts: tuple[str, ...] = ()
    fix: str = ""

    def document(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {"step": self.title, "state": self.state.value, "facts": list(self.facts), "fix": self.fix}


@dataclass(frozen=True)
class Checkup:
    """A checklist that was gone through."""

    name: str
    steps: Sequence[Step] = field(default_factory=tuple)

    @property
    def failed(self) -> bool:
        return any(step.state is State.FAILED for step in self.steps)

    def document(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {"checkup": self.name, "failed": self.failed, "steps": [step.document() for step in self.steps]}
