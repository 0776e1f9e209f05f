"""What the doctor says: findings, each of a check that is known, the cause before what comes of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any


class Severity(StrEnum):
    """Whether something does not work, or will not for long."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, kw_only=True)
class Check:
    """Something that can be wrong, and what is then said of it.

    Args:
        name: ``area.cause``.
        what: the cause in a sentence; facts stand in braces.
        why: what comes of it.
        fix: the command or setting that mends it; facts stand in braces.
        explains: patterns of names of findings that are consequences of this one.
    """

    name: str
    severity: Severity
    what: str
    why: str
    fix: str
    explains: tuple[str, ...] = ()

    def found(self, **facts: Any) -> Finding:
        return Finding(check=self, facts=facts)


@dataclass(frozen=True)
class Finding:
    """A check that found something, with the facts."""

    check: Check
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.check.name

    @property
    def what(self) -> str:
        return self.check.what.format(**self.facts)

    @property
    def why(self) -> str:
        return self.check.why.format(**self.facts)

    @property
    def fix(self) -> str:
        return self.check.fix.format(**self.facts)

    def explains(self, other: Finding) -> bool:
        return any(fnmatchcase(other.name, pattern) for pattern in self.check.explains)


@dataclass(frozen=True)
class Cause:
    """A finding that no other explains, with those it explains."""

    finding: Finding
    consequences: tuple[Finding, ...] = ()

    def document(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        check, finding = self.finding.check, self.finding
        return {
            "check": check.name,
            "severity": check.severity.value,
            "what": finding.what,
            "why": finding.why,
            "fix": finding.fix,
            "evidence": dict(finding.facts),
            "consequences": [{"check": one.name, "what": one.what} for one in self.consequences],
        }


def causes(findings: Iterable[Finding], order: Sequence[str]) -> list[Cause]:
    """Return the findings by cause: errors first, and in the order of the checks; each stands once.

    A finding that another explains stands beneath it. Where two explain each other the earlier check is the cause.
    """
    place = {name: number for number, name in enumerate(order)}
    ranked = sorted(findings, key=lambda one: (one.check.severity is Severity.WARNING, place[one.name]))
    roots: list[tuple[Finding, list[Finding]]] = []
    waiting = sorted(ranked, key=lambda one: place[one.name])
    for finding in waiting:
        cause = next((held for root, held in roots if root.explains(finding)), None)
        if cause is None:
            roots.append((finding, []))
        else:
            cause.append(finding)
    roots = _with_later_causes(roots)
    by_rank = {id(finding): number for number, finding in enumerate(ranked)}
    roots.sort(key=lambda item: by_rank[id(item[0])])
    return [Cause(finding, tuple(held)) for finding, held in roots]


def _with_later_causes(roots: list[tuple[Finding, list[Finding]]]) -> list[tuple[Finding, list[Finding]]]:
    """Return the roots without those that a later one explains, which then hold them."""
    kept: list[tuple[Finding, list[Finding]]] = []
    for finding, held in reversed(roots):
        cause = next((below for root, below in kept if root.explains(finding) and not finding.explains(root)), None)
        if cause is None:
            kept.append((finding, held))
        else:
            cause.extend((finding, *held))
    return kept[::-1]
