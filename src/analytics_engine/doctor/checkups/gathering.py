"""What all checkups go by: the diagnosis, and what the database tells beyond it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analytics_engine.adapters.postgres.looking import Look, NotAdmitted, look
from analytics_engine.doctor.checkups.steps import State, Step
from analytics_engine.doctor.diagnosis import Diagnosis, judged, look_around
from analytics_engine.doctor.findings import Cause, Severity
from analytics_engine.doctor.seen import Seen
from analytics_engine.kernel.ports.database import Row
from analytics_engine.kernel.queries import load_queries

_SQL = load_queries(__package__)
_WITHIN_S = 30.0


@dataclass(frozen=True)
class Gathered:
    """What was seen and judged, and the rows of the queries that were asked for besides."""

    seen: Seen
    diagnosis: Diagnosis
    rows: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    unasked: str = ""

    def first(self, query: str) -> Row | None:
        rows = self.rows.get(query, ())
        return rows[0] if rows else None

    def causes_of(self, *areas: str) -> list[Cause]:
        """Return the causes found in some areas."""
        return [cause for cause in self.diagnosis.causes if cause.finding.name.partition(".")[0] in areas]


async def gather(folder: Path, **queries: tuple[Any, ...]) -> Gathered:
    """Look at everything, and ask the database these queries with their arguments."""
    seen = await look_around(folder=folder, environ=os.environ)
    diagnosis = judged(seen)
    if seen.settings is None or seen.settings.database_url is None:
        return Gathered(seen, diagnosis, unasked="there is no database to ask")
    rows: dict[str, Sequence[Row]] = {}
    try:
        async with look(seen.settings.database_url.get_secret_value(), within_s=_WITHIN_S) as database:
            unasked = await _ask(database, queries, rows)
    except NotAdmitted as error:
        unasked = f"the database lets nobody in ({error.refusal.value})"
    return Gathered(seen, diagnosis, rows, unasked)


async def _ask(database: Look, queries: Mapping[str, tuple[Any, ...]], rows: dict[str, Sequence[Row]]) -> str:
    """Fill in the rows of each query that can be asked, and return why one could not."""
    unasked = ""
    for name, args in queries.items():
        try:
            rows[name] = await database.rows(_SQL[name], *args)
        except NotAdmitted as error:
            unasked = error.detail.partition("\n")[0]
    return unasked


def of_findings(title: str, causes: Sequence[Cause], *, well: str) -> Step:
    """Return a step that is as its findings are."""
    if not causes:
        return Step(title, State.OK, (well,))
    failed = any(cause.finding.check.severity is Severity.ERROR for cause in causes)
    facts = tuple(f"{cause.finding.what} [{cause.finding.name}]" for cause in causes)
    return Step(title, State.FAILED if failed else State.ATTENTION, facts, fix=causes[0].finding.fix)
