"""Alerts in PostgreSQL; every method works in the caller's transaction, which says whose client it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from analytics_engine.kernel.paging import PageRequest
from analytics_engine.kernel.ports.database import Connection, Row
from analytics_engine.kernel.queries import load_queries
from analytics_engine.kpi.alerts.transitions import AlertState, CellState
from analytics_engine.services.calculation_engine_service.alerts.schemas import (
    ActiveCell,
    Alert,
    AlertChange,
    AlertEvaluation,
    AlertRule,
    CellView,
    Members,
)

SQL = load_queries(__package__)


@dataclass(frozen=True)
class StoredCell:
    """A cell's state as it is kept; ``told`` means that its firing was told to channels."""

    key: str
    cell: Members
    memory: CellState
    since: datetime
    version: int = 0
    told: bool = False
    period: str = ""
    value: str | None = None
    threshold: str | None = None
    reason: str = ""
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    note: str = ""

    @property
    def state(self) -> AlertState:
        return self.memory.state

    def record(self) -> dict[str, Any]:
        """Return it as ``put_states`` takes it."""
        return {
            "cell_key": self.key, "cell": self.cell, "state": self.state.value, "since": self.since.isoformat(),
            "memory": self.memory.model_dump(mode="json", exclude_defaults=True), "version": self.version,
            "told": self.told, "period": self.period, "value": self.value, "threshold": self.threshold,
            "reason": self.reason, "acknowledged_by": self.acknowledged_by,
            "acknowledged_at": self.acknowledged_at.isoformat() if self.acknowledged_at else None, "note": self.note,
        }  # fmt: skip

    def unacknowledged(self) -> StoredCell:
        return replace(self, acknowledged_by=None, acknowledged_at=None, note="")

    def view(self) -> CellView:
        return CellView(**_view(self))


@dataclass(frozen=True)
class StoredAlert:
    """An alert with the client it is of."""

    client_id: str
    alert: Alert
    cells: Mapping[str, StoredCell] = field(default_factory=dict)

    @property
    def rule(self) -> AlertRule:
        return self.alert.rule

    @property
    def states(self) -> dict[str, tuple[Members, CellState]]:
        """The cells as the pure layer takes them."""
        return {key: (cell.cell, cell.memory) for key, cell in self.cells.items()}


class AlertRepository:
    """Rules and the states of their cells."""

    async def page(self, connection: Connection, page: PageRequest) -> tuple[list[Alert], int]:
        rows = await connection.fetch(SQL["alerts"], page.limit, page.offset)
        return [alert_of(row) for row in rows], await self.count(connection)

    async def count(self, connection: Connection) -> int:
        return int(await connection.fetch_value(SQL["count_alerts"]))

    async def alert(self, connection: Connection, alert_id: UUID, *, lock: bool = False) -> Alert | None:
        row = await connection.fetch_one(SQL["lock_alert" if lock else "alert"], alert_id)
        return alert_of(row) if row else None

    async def of_name(self, connection: Connection, name: str) -> Alert | None:
        row = await connection.fetch_one(SQL["alert_of_name"], name)
        return alert_of(row) if row else None

    async def with_cells(self, connection: Connection, ids: Sequence[UUID]) -> list[StoredAlert]:
        """Return alerts with the states of their cells."""
        cells: dict[str, dict[str, StoredCell]] = {}
        for row in await connection.fetch(SQL["states"], ids):
            cells.setdefault(str(row["alert_id"]), {})[row["cell_key"]] = cell_of(row)
        rows = await connection.fetch(SQL["alerts_of"], ids)
        return [StoredAlert(row["client_id"], alert_of(row), cells.get(str(row["id"]), {})) for row in rows]

    async def add(
        self, connection: Connection, rule: AlertRule, *, alert_id: str, client_id: str, author: str, now: datetime
    ) -> Alert | None:
        """Return the new alert; None where the client has one of this name."""
        row = await connection.fetch_one(
            SQL["add_alert"], alert_id, client_id, rule.name, rule.model_dump(mode="json", by_alias=True), author, now
        )
        return alert_of(row) if row else None

    async def change(self, connection: Connection, present: Alert, rule: AlertRule, *, now: datetime) -> Alert:
        """Return the changed alert.

        Raises:
            Conflict: another one has the name.
        """
        row = await connection.fetch_one(
            SQL["change_alert"],
            present.id,
            rule.name,
            rule.model_dump(mode="json", by_alias=True),
            now,
            present.version,
        )
        assert row is not None  # it is locked
        return alert_of(row)

    async def delete(self, connection: Connection, present: Alert) -> None:
        await connection.execute(SQL["delete_alert"], present.id, present.version)

    async def note_evaluation(self, connection: Connection, alert: Alert, evaluation: AlertEvaluation) -> None:
        await connection.execute(SQL["note_evaluation"], alert.id, evaluation.model_dump(mode="json"), alert.version)

    async def put_cells(self, connection: Connection, of: StoredAlert, cells: Sequence[StoredCell]) -> None:
        if cells:
            await connection.execute(SQL["put_states"], of.alert.id, of.client_id, [cell.record() for cell in cells])

    async def forget_cells(self, connection: Connection, alert: Alert, keys: Sequence[str]) -> None:
        if keys:
            await connection.execute(SQL["forget_states"], alert.id, keys)

    async def acknowledge(
        self, connection: Connection, alert: Alert, cell: Members, *, by: str, at: datetime, note: str
    ) -> list[StoredCell]:
        """Return the cells that are acknowledged now: those of these members that fire."""
        rows = await connection.fetch(SQL["acknowledge"], alert.id, cell, by, at, note)
        return [cell_of(row) for row in rows]

    async def active(self, connection: Connection, page: PageRequest, *, no_data: bool) -> tuple[list[ActiveCell], int]:
        """Return the cells that are not fine, without their silences."""
        rows = await connection.fetch(SQL["active"], no_data, page.limit, page.offset)
        total = await connection.fetch_value(SQL["count_active"], no_data)
        return [_active(row) for row in rows], int(total)

    async def add_changes(self, connection: Connection, of: StoredAlert, changes: Sequence[Mapping[str, Any]]) -> None:
        if changes:
            await connection.execute(SQL["add_changes"], of.alert.id, of.client_id, list(changes))

    async def changes(self, connection: Connection, alert_id: UUID, page: PageRequest) -> tuple[list[AlertChange], int]:
        rows = await connection.fetch(SQL["changes"], alert_id, page.limit, page.offset)
        return [_change(row) for row in rows], int(await connection.fetch_value(SQL["count_changes"], alert_id))


def alert_of(row: Row) -> Alert:
    return Alert(
        id=str(row["id"]),
        rule=AlertRule.model_validate(row["rule"]),
        version=row["version"],
        created_by=row["created_by"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        last_evaluation=AlertEvaluation.model_validate(row["last_evaluation"]) if row["last_evaluation"] else None,
    )


def cell_of(row: Row) -> StoredCell:
    return StoredCell(
        key=row["cell_key"], cell=row["cell"], memory=CellState.model_validate(row["memory"]), since=row["since"],
        version=row["version"], told=row["told"], period=row["period"], value=row["value"],
        threshold=row["threshold"], reason=row["reason"], acknowledged_by=row["acknowledged_by"],
        acknowledged_at=row["acknowledged_at"], note=row["note"],
    )  # fmt: skip


def _view(cell: StoredCell) -> dict[str, Any]:
    return {
        "cell": cell.cell, "state": cell.state, "since": cell.since, "period": cell.period, "value": cell.value,
        "threshold": cell.threshold, "reason": cell.reason, "failing_since": cell.memory.failing_since,
        "acknowledged_by": cell.acknowledged_by, "acknowledged_at": cell.acknowledged_at, "note": cell.note,
    }  # fmt: skip


def _active(row: Row) -> ActiveCell:
    rule = AlertRule.model_validate(row["rule"])
    return ActiveCell(
        **_view(cell_of(row)), alert_id=str(row["alert_id"]), name=rule.name, kpi=rule.kpi, severity=rule.severity,
        group=rule.group, labels=rule.labels, silenced_by=None,
    )  # fmt: skip


def _change(row: Row) -> AlertChange:
    fields = {name: row[name] for name in AlertChange.model_fields}
    silence = row["silence_id"]
    return AlertChange(**fields | {"id": str(row["id"]), "silence_id": str(silence) if silence else None})
