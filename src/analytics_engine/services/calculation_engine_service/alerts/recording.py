"""What a check found, written down: states, history and events of one alert, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from analytics_engine.contracts.events import AlertChanged, EventType
from analytics_engine.contracts.services import Service
from analytics_engine.kernel.http.request_id import current_request_id
from analytics_engine.kernel.ids import new_id
from analytics_engine.kernel.ports.database import Connection
from analytics_engine.kernel.ports.events import Event
from analytics_engine.kernel.ports.outbox import Outbox
from analytics_engine.kpi.alerts.transitions import AlertState, CellState
from analytics_engine.services.calculation_engine_service.alerts.asking import Asked
from analytics_engine.services.calculation_engine_service.alerts.judging import JudgedPeriod, Moved, advance, fail
from analytics_engine.services.calculation_engine_service.alerts.repository import (
    AlertRepository,
    StoredAlert,
    StoredCell,
)
from analytics_engine.services.calculation_engine_service.alerts.schemas import AlertEvaluation, Silence
from analytics_engine.services.calculation_engine_service.alerts.silences import (
    Named,
    silenced_by,
    silences_at,
)
from analytics_engine.services.calculation_engine_service.alerts.wording import explained, summary

_FINE = frozenset({AlertState.OK, AlertState.RESOLVED})
_UNMUTED = "nothing silences it any more"


@dataclass(frozen=True)
class Found:
    """What a check of an alert found: periods with verdicts, or the problem that kept it from judging."""

    at: datetime
    asked: Asked | None = None
    periods: Sequence[JudgedPeriod] = ()
    problem: str = ""


@dataclass
class _Writing:
    """One alert's cells on their way from what was found to what is kept."""

    stored: StoredAlert
    silences: Sequence[Silence]
    now: datetime
    watermark: int | None = None
    kpi_version: int | None = None
    cells: dict[str, StoredCell] = field(default_factory=dict)
    changes: list[dict[str, Any]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.cells = dict(self.stored.cells)

    def changed_cells(self) -> list[StoredCell]:
        return [cell for key, cell in self.cells.items() if cell != self.stored.cells.get(key)]

    def forgotten(self) -> list[str]:
        return [key for key in self.stored.cells if key not in self.cells]

    def move(self, moved: Moved) -> None:
        """Take a cell to where an observation leads it."""
        seen = moved.seen
        before = self.cells.get(moved.key) or StoredCell(moved.key, seen.cell, CellState(), self.now)
        if seen.observation.verdict is None:
            after = replace(before, memory=moved.after, reason=seen.reason)
        else:
            after = replace(
                before, memory=moved.after, period=seen.period, value=seen.value, threshold=seen.threshold,
                reason=seen.reason,
            )  # fmt: skip
        self.cells[moved.key] = self.tell(before, after) if moved.is_change else after
        if moved.is_over:
            del self.cells[moved.key]

    def remind(self) -> None:
        """Tell what was silenced and is so still: that a cell fires, or that what was told of it is over."""
        for key, cell in self.cells.items():
            owed = cell.told if cell.state in _FINE else cell.state is AlertState.FIRING and not cell.told
            if owed and self._channels(cell, cell)[0]:
                self.cells[key] = self.tell(cell, replace(cell, reason=cell.reason or _UNMUTED))

    def close(self, why: str) -> None:
        """Resolve what is open, because of what a person did."""
        for key, cell in self.cells.items():
            if cell.memory.open:
                closed = replace(cell, memory=CellState(state=AlertState.RESOLVED), reason=why)
                self.cells[key] = self.tell(cell, closed)

    def tell(self, before: StoredCell, after: StoredCell) -> StoredCell:
        """Note the change, with its event, and return the cell as it is kept."""
        channels, silence = self._channels(before, after)
        number = before.version + 1
        line = summary(
            self.stored.rule, after.state, after.cell, period=after.period, value=after.value, reason=after.reason
        )
        common = {
            "previous": before.state.value, "state": after.state.value, "cell": after.cell, "period": after.period,
            "value": after.value, "threshold": after.threshold, "reason": after.reason, "summary": line,
        }  # fmt: skip
        record = {
            "id": new_id(), "cell_key": after.key, "number": number, "changed_at": self.now.isoformat(),
            "silence_id": silence.id if silence else None, "notified": bool(channels), "watermark": self.watermark,
            "kpi_version": self.kpi_version, "alert_version": self.stored.alert.version,
        }  # fmt: skip
        self.changes.append(common | record)
        self.events.append(event_of(self.stored, self.now, common, channels))
        told = before.told and silence is not None if after.state in _FINE else before.told or bool(channels)
        since = self.now if after.state is not before.state else before.since
        kept = replace(after, version=number, told=told, since=since)
        return kept if after.state is AlertState.FIRING else kept.unacknowledged()

    def _channels(self, before: StoredCell, after: StoredCell) -> tuple[tuple[str, ...], Silence | None]:
        """Return who is told, and the silence that keeps them from it; that it is over, only who was told of it."""
        rule = self.stored.rule
        silence = silenced_by(
            self.silences,
            Named(rule.name, rule.severity.value, rule.group, rule.kpi, dict(rule.labels), after.cell),
        )
        if after.state in _FINE:
            wanted = before.told and AlertState.RESOLVED in rule.notify_on
        else:
            wanted = after.state in rule.notify_on
        return (rule.channels if wanted and silence is None else ()), silence


def event_of(stored: StoredAlert, now: datetime, said: dict[str, Any], channels: Iterable[str]) -> Event:
    """Return the event that tells of a change; without channels it is recorded, and nobody is told."""
    rule = stored.rule
    changed = AlertChanged(
        alert_id=stored.alert.id, name=rule.name, severity=rule.severity.value, kpi=rule.kpi,
        channels=list(channels), group=rule.group, **said,
    )  # fmt: skip
    return Event(
        type=EventType.ALERT_CHANGED.value,
        source=Service.CALCULATION.value,
        time=now,
        subject=stored.alert.id,
        clientid=stored.client_id,
        correlationid=current_request_id(),
        data=changed.model_dump(mode="json"),
    )


@dataclass
class Recorder:
    """Writes down what checks find. The row of the alert is locked first, so that one writes at a time."""

    outbox: Outbox
    repository: AlertRepository = field(default_factory=AlertRepository)

    async def record(
        self, connection: Connection, judged: StoredAlert, found: Found
    ) -> tuple[StoredAlert, list[dict[str, Any]]] | None:
        """Take an alert to where what was found leads it, and return it with its changes.

        None where the rule has become another meanwhile, or somebody judged a newer state of the data: what was found
        is then about nothing any more.
        """
        stored = await self.locked(connection, UUID(judged.alert.id))
        if stored is None or stored.alert.version != judged.alert.version or _is_overtaken(stored, found):
            return None
        writing = _Writing(stored, await silences_at(connection, found.at), found.at)
        if found.asked is not None and not found.problem:
            writing.watermark, writing.kpi_version = found.asked.watermark, found.asked.kpi.version
            for moved in advance(stored.states, found.periods, stored.rule, found.asked.kpi.version):
                writing.move(moved)
        else:
            writing.move(fail(stored.states, stored.rule, found.at, found.problem))
        writing.remind()
        await self._write(connection, writing)
        evaluation = evaluation_of(stored, found)
        await self.repository.note_evaluation(connection, stored.alert, evaluation)
        alert = stored.alert.model_copy(update={"last_evaluation": evaluation})
        return StoredAlert(stored.client_id, alert, writing.cells), writing.changes

    async def close(self, connection: Connection, stored: StoredAlert, now: datetime, why: str) -> None:
        """Resolve what is open and forget all states: the rule is about to ask something else, or nothing."""
        writing = _Writing(stored, await silences_at(connection, now), now)
        writing.close(why)
        writing.cells = {}
        await self._write(connection, writing)

    async def locked(self, connection: Connection, alert_id: UUID) -> StoredAlert | None:
        """Return an alert with its cells, which nobody else changes until the transaction ends."""
        if await self.repository.alert(connection, alert_id, lock=True) is None:
            return None
        (stored,) = await self.repository.with_cells(connection, [alert_id])
        return stored

    async def _write(self, connection: Connection, writing: _Writing) -> None:
        await self.repository.put_cells(connection, writing.stored, writing.changed_cells())
        await self.repository.forget_cells(connection, writing.stored.alert, writing.forgotten())
        await self.repository.add_changes(connection, writing.stored, writing.changes)
        for event in writing.events:
            await self.outbox.add(connection, event)


def evaluation_of(stored: StoredAlert, found: Found) -> AlertEvaluation:
    """Return what is told of a check: the newest judged period, and why that one."""
    asked = found.asked
    last = stored.alert.last_evaluation
    if asked is None or found.problem:
        known = last or AlertEvaluation(at=found.at)
        return known.model_copy(update={"at": found.at, "problem": found.problem, "explanation": ""})
    newest = found.periods[-1] if found.periods else None
    period = newest.label if newest else (last.period if last else "")
    loaded = {model: asked.loaded[model] for model in asked.expects if model in asked.loaded}
    until = ", ".join(f"{model} until {moment.isoformat()}" for model, moment in sorted(loaded.items()))
    return AlertEvaluation(
        at=found.at,
        period=period,
        watermark=asked.watermark,
        catalog_version=asked.catalog_version,
        kpi_version=asked.kpi.version,
        loaded_until=loaded,
        cells=len(newest.cells) if newest else 0,
        explanation=explained(stored.rule, period=period, loaded_until=until),
    )


def _is_overtaken(stored: StoredAlert, found: Found) -> bool:
    last = stored.alert.last_evaluation
    if last is None or found.at >= last.at:
        return False
    seen = found.asked.watermark if found.asked is not None else None
    return seen is None or last.watermark is None or seen < last.watermark
