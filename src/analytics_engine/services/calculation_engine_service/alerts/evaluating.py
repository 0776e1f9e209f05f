"""Checks of alerts: those that ask the same are answered by one query, and each is judged and written on its own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter

from analytics_engine.errors import AnalyticsEngineError, QueryError
from analytics_engine.kernel.clock import Clock
from analytics_engine.services.calculation_engine_service.alerts.asking import (
    Asked,
    Questions,
    Subject,
    comparisons_of,
    subject_of,
)
from analytics_engine.services.calculation_engine_service.alerts.judging import judge
from analytics_engine.services.calculation_engine_service.alerts.recording import Found
from analytics_engine.services.calculation_engine_service.alerts.repository import StoredAlert
from analytics_engine.services.calculation_engine_service.alerts.telemetry import AlertTelemetry

Checked = tuple[StoredAlert, Found]
"""An alert, and what its check found."""
AT_ONCE = 2
"""How many questions of alerts a process asks at the same time: each takes a connection while it is answered."""


@dataclass
class Evaluator:
    """Finds out how alerts stand. What cannot be answered is a finding too."""

    questions: Questions
    clock: Clock
    telemetry: AlertTelemetry

    def __post_init__(self) -> None:
        self._gate = asyncio.Semaphore(AT_ONCE)

    async def check(self, client_id: str, subject: Subject, alerts: Sequence[StoredAlert]) -> list[Checked]:
        """Return what was found of alerts of one subject."""
        async with self._gate:
            began = perf_counter()
            now = self.clock.now()
            try:
                asked = await self.questions.ask(
                    client_id, subject, comparisons_of([each.rule for each in alerts]), since=_since(alerts)
                )
            except AnalyticsEngineError as error:
                found = [(each, Found(now, problem=error.detail)) for each in alerts]
            else:
                found = [(each, _judged(each, asked)) for each in alerts]
            self.telemetry.seconds.observe(perf_counter() - began)
        for _, each in found:
            self.telemetry.evaluations.labels("failed" if each.problem else "judged").inc()
        return found


def by_subject(alerts: Iterable[StoredAlert]) -> dict[Subject, list[StoredAlert]]:
    """Return alerts by what they ask: those of one subject are answered by one query."""
    found: dict[Subject, list[StoredAlert]] = {}
    for stored in alerts:
        found.setdefault(subject_of(stored.rule), []).append(stored)
    return found


def _judged(stored: StoredAlert, asked: Asked) -> Found:
    """Return what a rule finds in an answer: the periods after the one it judged last, that one, or the newest."""
    try:
        periods = judge(stored.rule, asked)
    except QueryError as error:
        return Found(asked.now, problem=error.detail)
    last = last_judged(stored)
    if last is None:
        periods = periods[-1:]
    return Found(
        asked.now, asked, [each for each in periods if last is None or each.start is None or each.start >= last]
    )


def last_judged(stored: StoredAlert) -> datetime | None:
    """Return the start of the period that was judged last."""
    return max((cell.memory.period for cell in stored.cells.values() if cell.memory.period), default=None)


def _since(alerts: Iterable[StoredAlert]) -> datetime | None:
    """Return from when on periods are asked for; None where nobody judged one yet, and the newest is enough."""
    return min((last for last in map(last_judged, alerts) if last is not None), default=None)
