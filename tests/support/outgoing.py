"""What tests of messages that leave the house share: who asks, alerts that change, channels and their log."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx

from analytics_engine.adapters.postgres.database import PostgresDatabase
from analytics_engine.adapters.postgres.outbox import PostgresOutbox
from analytics_engine.contracts.events import AlertChanged, EventType
from analytics_engine.contracts.services import Service
from analytics_engine.contracts.wire import WireModel
from analytics_engine.kernel.ports.events import Event
from analytics_engine.kernel.security.principal import Role
from support.services import internal_headers
from support.waiting import eventually

ALERT = AlertChanged(
    alert_id="late-flights",
    name="Late flights",
    severity="critical",
    state="firing",
    previous="pending",
    kpi="DEP_DELAY",
    period="2026-11-26",
    cell={"origin": "JFK"},
    value="31.5",
    threshold="30",
    summary="Mean delay at JFK is 31.5 minutes, above 30.",
    channels=["ops"],
    group="flights",
)


def asks(role: Role = Role.OPERATOR, client_id: str = "acme") -> dict[str, str]:
    """Return the headers of somebody of a role and a client."""
    return internal_headers(Service.MESSAGING, client_id, role)


class Teller:
    """Who watches the KPIs of a client, and tells of its alerts through the outbox."""

    def __init__(self, url: str, client_id: str) -> None:
        self.database = PostgresDatabase(url, application_name="teller")
        self._client_id = client_id
        self._outbox = PostgresOutbox()

    async def alert(self, *, client_id: str = "", **changes: Any) -> Event:
        changed = ALERT.model_copy(update=changes)
        return await self.tell(EventType.ALERT_CHANGED, changed, subject=changed.alert_id, client_id=client_id)

    async def tell(self, event_type: EventType, data: WireModel, *, subject: str, client_id: str = "") -> Event:
        event = Event(
            type=event_type.value,
            source=Service.CALCULATION.value,
            time=datetime.now(UTC),
            subject=subject,
            clientid=client_id or self._client_id,
            data=data.model_dump(mode="json"),
        )
        async with self.database.transaction() as connection:
            await self._outbox.add(connection, event)
        return event


async def channel_made(
    messaging: httpx.AsyncClient,
    kind: str,
    *,
    name: str = "ops",
    secrets: dict[str, str] | None = None,
    **options: Any,
) -> str:
    """Return the path of a new channel."""
    body = {"name": name, "kind": kind, "options": options, "secrets": secrets or {}}
    answer = await messaging.post("/notifications/channels", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.headers["Location"])


async def trial_of(messaging: httpx.AsyncClient, channel: str) -> dict[str, Any]:
    answer = await messaging.post(f"{channel}/test")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def deliveries(messaging: httpx.AsyncClient, where: str = "/notifications/deliveries") -> list[dict[str, Any]]:
    """Return the log, oldest first."""
    answer = await messaging.get(where)
    assert answer.status_code == 200, answer.text
    return list(reversed(answer.json()["items"]))


async def finished(
    messaging: httpx.AsyncClient, count: int = 1, where: str = "/notifications/deliveries", *, within_s: float = 15.0
) -> list[dict[str, Any]]:
    """Return the log once so many deliveries are finished, and none waits."""

    async def settled() -> list[dict[str, Any]]:
        found = await deliveries(messaging, where)
        done = [one for one in found if one["state"] != "waiting"]
        return done if len(done) >= count and len(done) == len(found) else []

    return await eventually(settled, within_s=within_s)
