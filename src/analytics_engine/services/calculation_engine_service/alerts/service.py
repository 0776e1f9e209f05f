"""The alerts of a client: made, changed, read, checked on demand, acknowledged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from analytics_engine.errors import Conflict, InvalidInput, NotFound
from analytics_engine.kernel.clock import Clock
from analytics_engine.kernel.ids import new_id
from analytics_engine.kernel.paging import Page, PageRequest
from analytics_engine.kernel.ports.database import Connection, Database
from analytics_engine.kpi.alerts.transitions import AlertState
from analytics_engine.services.calculation_engine_service.alerts.asking import subject_of
from analytics_engine.services.calculation_engine_service.alerts.checking import RuleChecker
from analytics_engine.services.calculation_engine_service.alerts.evaluating import Evaluator
from analytics_engine.services.calculation_engine_service.alerts.recording import Recorder, event_of
from analytics_engine.services.calculation_engine_service.alerts.replaying import Replayer
from analytics_engine.services.calculation_engine_service.alerts.repository import (
    SQL,
    AlertRepository,
    StoredAlert,
    StoredCell,
)
from analytics_engine.services.calculation_engine_service.alerts.schemas import (
    TEST_STATE,
    Acknowledgement,
    ActiveCell,
    Alert,
    AlertChange,
    AlertDetail,
    AlertRule,
    Replay,
    ReplayRequest,
)
from analytics_engine.services.calculation_engine_service.alerts.silences import Named, silenced_by, silences_at

MOST_ALERTS = 500
"""The most alerts of a client."""
_FIRST = (AlertState.FIRING, AlertState.ERROR, AlertState.PENDING, AlertState.NO_DATA, AlertState.RESOLVED)


@dataclass
class Alerts:
    """What people do with alerts."""

    database: Database
    clock: Clock
    checker: RuleChecker
    evaluator: Evaluator
    recorder: Recorder
    replayer: Replayer
    repository: AlertRepository = field(default_factory=AlertRepository)

    async def page(self, client_id: str, page: PageRequest) -> Page[Alert]:
        async with self.database.transaction(client_id=client_id, read_only=True) as connection:
            items, total = await self.repository.page(connection, page)
        return Page(items=items, total=total, limit=page.limit, offset=page.offset)

    async def alert(self, client_id: str, alert_id: UUID) -> AlertDetail:
        """Return an alert with its cells.

        Raises:
            NotFound: there is no such alert.
        """
        async with self.database.transaction(client_id=client_id, read_only=True) as connection:
            stored = await self._stored(connection, alert_id)
        return detail_of(stored)

    async def create(self, client_id: str, rule: AlertRule, *, author: str) -> tuple[Alert, bool]:
        """Return the alert and whether it is new: the same rule again finds the one there is.

        Raises:
            InvalidInput: the rule could never be judged.
            Conflict: there is another alert of this name, or there are as many as a client may have.
        """
        reads = await self.checker.check(client_id, rule)
        now = self.clock.now()
        async with self.database.transaction(client_id=client_id) as connection:
            alert = await self.repository.add(
                connection, rule, alert_id=new_id(), client_id=client_id, author=author, now=now
            )
            if alert is not None:
                await self._check_count(connection)
                await self._schedule(connection, client_id, alert, reads)
                return alert, True
            present = await self.repository.of_name(connection, rule.name)
        if present is None or present.rule != rule:
            raise _name_taken(rule.name)
        return present, False

    async def change(self, client_id: str, alert_id: UUID, rule: AlertRule, *, expected: int | None) -> Alert:
        """Give an alert another rule and a new version; the same one changes nothing.

        Where the rule asks something else, or nothing any more, what fires is resolved, and its cells begin anew.

        Raises:
            NotFound: there is no such alert.
            InvalidInput: the rule could never be judged.
            Conflict: it is not at the expected version, or another alert has the name.
        """
        reads = await self.checker.check(client_id, rule)
        now = self.clock.now()
        async with self.database.transaction(client_id=client_id) as connection:
            stored = await self._locked(connection, alert_id, expected)
            if stored.rule == rule:
                return stored.alert
            other = await self.repository.of_name(connection, rule.name)
            if other is not None and other.id != stored.alert.id:
                raise _name_taken(rule.name)
            if not rule.enabled or _judges_otherwise(stored.rule, rule):
                why = "the alert was changed" if rule.enabled else "the alert was disabled"
                await self.recorder.close(connection, stored, now, why)
            changed = await self.repository.change(connection, stored.alert, rule, now=now)
            await self._schedule(connection, client_id, changed, reads)
        return changed

    async def delete(self, client_id: str, alert_id: UUID, *, expected: int | None) -> None:
        """Delete an alert with its history; what fires is told to be resolved.

        Raises:
            NotFound: there is no such alert.
            Conflict: it is not at the expected version.
        """
        async with self.database.transaction(client_id=client_id) as connection:
            stored = await self._locked(connection, alert_id, expected)
            await self.recorder.close(connection, stored, self.clock.now(), "the alert was deleted")
            await self.repository.delete(connection, stored.alert)

    async def history(self, client_id: str, alert_id: UUID, page: PageRequest) -> Page[AlertChange]:
        """Return the changes of an alert's cells, the newest first.

        Raises:
            NotFound: there is no such alert.
        """
        async with self.database.transaction(client_id=client_id, read_only=True) as connection:
            if await self.repository.alert(connection, alert_id) is None:
                raise _no_alert(alert_id)
            items, total = await self.repository.changes(connection, alert_id, page)
        return Page(items=items, total=total, limit=page.limit, offset=page.offset)

    async def active(self, client_id: str, page: PageRequest, *, no_data: bool) -> Page[ActiveCell]:
        """Return the cells that are not fine: those that fire first."""
        async with self.database.transaction(client_id=client_id, read_only=True) as connection:
            items, total = await self.repository.active(connection, page, no_data=no_data)
            silences = await silences_at(connection, self.clock.now())
        for item in items:
            named = Named(item.name, item.severity.value, item.group, item.kpi, item.labels, item.cell)
            silence = silenced_by(silences, named)
            item.silenced_by = silence.id if silence else None
        return Page(items=items, total=total, limit=page.limit, offset=page.offset)

    async def evaluate(self, client_id: str, alert_id: UUID) -> AlertDetail:
        """Check an alert now, and return how it stands.

        Raises:
            NotFound: there is no such alert.
            Conflict: it is disabled, or was changed meanwhile.
        """
        async with self.database.transaction(client_id=client_id, read_only=True) as connection:
            stored = await self._stored(connection, alert_id)
        if not stored.rule.enabled:
            raise Conflict(
                f"The alert {stored.rule.name!r} is disabled, so it has no state.",
                remedy="Enable it, or replay its rule at /alerts/replay.",
            )
        ((_, found),) = await self.evaluator.check(client_id, subject_of(stored.rule), [stored])
        async with self.database.transaction(client_id=client_id) as connection:
            recorded = await self.recorder.record(connection, stored, found)
            if recorded is None:
                present = await self._stored(connection, alert_id)
                if present.alert.version != stored.alert.version:
                    raise Conflict("The alert was changed meanwhile.", remedy="Evaluate it again.")
                return detail_of(present)
        return detail_of(recorded[0])

    async def acknowledge(
        self, client_id: str, alert_id: UUID, given: Acknowledgement, *, author: str
    ) -> Sequence[StoredCell]:
        """Return the cells that somebody sees to now.

        Raises:
            NotFound: there is no such alert.
            Conflict: the cell does not fire.
        """
        async with self.database.transaction(client_id=client_id) as connection:
            stored = await self._locked(connection, alert_id, None)
            cells = await self.repository.acknowledge(
                connection, stored.alert, given.cell, by=author, at=self.clock.now(), note=given.note
            )
        if not cells:
            raise Conflict(
                f"The cell {given.cell or 'without members'} of {stored.rule.name!r} does not fire.",
                remedy="List the cells that do at /alerts/active.",
            )
        return cells

    async def test(self, client_id: str, alert_id: UUID) -> None:
        """Tell the alert's channels something that is marked as a test.

        Raises:
            NotFound: there is no such alert.
            Conflict: it has no channels.
        """
        async with self.database.transaction(client_id=client_id) as connection:
            stored = await self._stored(connection, alert_id)
            if not stored.rule.channels:
                raise Conflict(
                    f"The alert {stored.rule.name!r} has no channels.", remedy="Name some in its rule, then try again."
                )
            said: dict[str, Any] = {
                "state": TEST_STATE, "previous": TEST_STATE, "cell": {}, "period": "", "value": None,
                "threshold": None, "reason": "a test of its channels",
                "summary": f"{stored.rule.name}: this is a test.",
            }  # fmt: skip
            await self.recorder.outbox.add(connection, event_of(stored, self.clock.now(), said, stored.rule.channels))

    async def replay(self, client_id: str, request: ReplayRequest) -> Replay:
        """Return what a rule would have done.

        Raises:
            NotFound: there is no such alert.
            InvalidInput: the rule could never be judged, or not over this span.
        """
        rule = request.rule
        if rule is None:
            async with self.database.transaction(client_id=client_id, read_only=True) as connection:
                rule = (await self._stored(connection, _uuid(request.alert_id or ""))).rule
        try:
            await self.checker.check(client_id, rule)
        except InvalidInput as error:
            raise InvalidInput(
                error.detail, remedy=error.remedy, **error.facts | {"place": f"rule.{error.facts['place']}"}
            ) from error
        return await self.replayer.replay(client_id, rule, request.range)

    async def _schedule(self, connection: Connection, client_id: str, alert: Alert, reads: Sequence[str]) -> None:
        if alert.rule.enabled:
            await connection.execute(
                SQL["schedule"], alert.id, client_id, alert.rule.every_s, list(reads), self.clock.now()
            )
        else:
            await connection.execute(SQL["unschedule"], alert.id)

    async def _check_count(self, connection: Connection) -> None:
        if await self.repository.count(connection) > MOST_ALERTS:
            raise Conflict(
                f"There are {MOST_ALERTS} alerts, the most of a client.",
                remedy="Delete those that nobody needs; one alert with dimensions may stand for many.",
            )

    async def _stored(self, connection: Connection, alert_id: UUID) -> StoredAlert:
        found = await self.repository.with_cells(connection, [alert_id])
        if not found:
            raise _no_alert(alert_id)
        return found[0]

    async def _locked(self, connection: Connection, alert_id: UUID, expected: int | None) -> StoredAlert:
        stored = await self.recorder.locked(connection, alert_id)
        if stored is None:
            raise _no_alert(alert_id)
        if expected is not None and expected != stored.alert.version:
            raise Conflict(
                f"The alert {stored.rule.name!r} is at version {stored.alert.version}; "
                f"your change was made to version {expected}.",
                remedy="Read it again, redo your change on what you find, and send its ETag in If-Match.",
                present_version=stored.alert.version,
            )
        return stored


def detail_of(stored: StoredAlert) -> AlertDetail:
    """Return an alert with its cells, those that matter first."""

    def rank(cell: StoredCell) -> tuple[int, str]:
        return (_FIRST.index(cell.state) if cell.state in _FIRST else len(_FIRST), cell.key)

    cells = [cell.view() for cell in sorted(stored.cells.values(), key=rank)]
    return AlertDetail(**dict(stored.alert), cells=cells)


def _judges_otherwise(before: AlertRule, after: AlertRule) -> bool:
    """Return whether what was seen by one rule says nothing by the other."""
    return before.condition != after.condition or subject_of(before) != subject_of(after)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidInput(f"{text!r} is no alert's id.", remedy="Take one from /alerts.", place="alert_id") from error


def _no_alert(alert_id: UUID) -> NotFound:
    return NotFound(f"There is no alert {alert_id}.", remedy="List those there are at /alerts.")


def _name_taken(name: str) -> Conflict:
    return Conflict(
        f"There is an alert {name!r} already, and it is another one.", remedy="Change that one, or take another name."
    )
