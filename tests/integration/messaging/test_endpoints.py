"""What the messaging service answers."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from analytics_engine.adapters.postgres.database import PostgresDatabase
from analytics_engine.contracts.services import Service
from analytics_engine.kernel.ports.events import Event
from analytics_engine.kernel.security.principal import Role
from analytics_engine.kernel.telemetry import Telemetry
from analytics_engine.services.messaging_service.housekeeping import SENT_KEPT, Housekeeper
from analytics_engine.services.messaging_service.telemetry import MessagingTelemetry
from support.events import Reader, Writer, consuming
from support.servers import TestDatabase
from support.services import internal_headers
from support.waiting import eventually


def asks(role: Role, client_id: str = "acme") -> dict[str, str]:
    return internal_headers(Service.MESSAGING, client_id, role)


async def test_event_types_have_schemas(messaging: httpx.AsyncClient) -> None:
    """Every registered type is listed with the JSON schema of its data."""
    types = {entry["type"]: entry for entry in (await messaging.get("/events/types")).json()}

    assert set(types) == {"data.ingested", "catalog.changed", "client.changed", "rollup.corrupted", "alert.changed"}
    assert types["data.ingested"]["data_schema"]["required"] == ["object_model"]
    assert types["data.ingested"]["description"].startswith("Rows of an object model were committed")


async def test_a_client_sees_its_own_events_only(messaging: httpx.AsyncClient, writer: Writer) -> None:
    """Events are listed newest first, page by page; another client's are not among them."""
    await writer.commit("a", "b", "c")
    await writer.commit("secret", client="another")

    page = (await messaging.get("/events", params={"limit": 2})).json()
    rest = (await messaging.get("/events", params={"limit": 2, "offset": 2})).json()

    assert [item["event"]["data"]["object_model"] for item in page["items"]] == ["c", "b"]
    assert [item["event"]["data"]["object_model"] for item in rest["items"]] == ["a"]
    assert page["total"] == 3
    assert (await messaging.get("/events", params={"type": "client.changed"})).json()["total"] == 0


async def test_sent_events_say_when(messaging: httpx.AsyncClient, writer: Writer, reader: Reader) -> None:
    """An event that was sent has the time of it."""
    await writer.commit("a")
    await eventually(lambda: reader.has("a"))

    async def sent() -> bool:
        return (await messaging.get("/events")).json()["items"][0]["sent_at"] is not None

    await eventually(sent)


async def test_an_unknown_type_is_refused(messaging: httpx.AsyncClient) -> None:
    """A filter by a type nobody registered is an error that names the parameter."""
    answer = await messaging.get("/events", params={"type": "no.such"})

    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("query.type")


async def test_streams_show_their_groups(messaging: httpx.AsyncClient, writer: Writer, reader: Reader) -> None:
    """The state of each type's stream tells its length and what each group has before it."""
    await writer.commit("a", "b")
    await eventually(lambda: reader.has("a", "b"))

    async def caught_up() -> bool:
        streams = {stream["type"]: stream for stream in (await messaging.get("/streams")).json()}
        groups = {group["group"]: group for group in streams["data.ingested"]["groups"]}
        done = {"consumers": 1, "pending": 0, "lag": 0, "oldest_waiting_at": None}
        return bool(
            streams["data.ingested"]["length"] == 2
            and groups == {name: {"group": name, **done} for name in ("readers", "webhooks")}
        )

    await eventually(caught_up)


async def test_a_dead_letter_is_listed_with_its_reason_and_can_be_replayed(
    messaging: httpx.AsyncClient, writer: Writer, redis_url: str
) -> None:
    """What a group gave up on is shown to its client's operators, sent again on demand, and gone from the list."""
    broken, handled = True, list[str]()

    async def handle(event: Event) -> None:
        if broken:
            raise ValueError("no such object model")
        handled.append(event.id)

    async def listed() -> list[dict[str, object]]:
        return list((await messaging.get("/dlq", params={"group": "picky"})).json()["items"])

    async def handled_again() -> bool:
        return bool(handled)

    own = Reader(redis_url)
    await writer.commit("a")
    async with consuming(own.stream, handle, group="picky"):
        (letter,) = await eventually(listed)
        assert letter["reason"] == "ValueError: no such object model"
        assert letter["attempts"] == 3
        path = f"/dlq/picky/{letter['id']}/replay"

        stranger = await messaging.get("/dlq", headers=asks(Role.OPERATOR, "another"))
        assert stranger.json()["total"] == 0
        assert (await messaging.post(path, headers=asks(Role.OPERATOR, "another"))).status_code == 404
        assert (await messaging.post(path, headers=asks(Role.VIEWER))).status_code == 403

        broken = False
        answer = await messaging.post(path, headers=asks(Role.OPERATOR))
        assert answer.status_code == 200
        assert answer.json()["type"] == "data.ingested"
        await eventually(handled_again)
    await own.stream.stop()

    assert await listed() == []
    assert (await messaging.post(path)).status_code == 404


@pytest.mark.parametrize("path", ["/streams", "/dlq"])
async def test_the_state_of_the_streams_is_for_operators(messaging: httpx.AsyncClient, path: str) -> None:
    """A viewer is refused and told which role it takes."""
    answer = await messaging.get(path, headers=asks(Role.VIEWER))

    assert answer.status_code == 403
    assert "operator" in answer.json()["remedy"]


@pytest.mark.parametrize("path", ["/events/types", "/events", "/streams", "/dlq"])
async def test_nobody_is_answered_without_a_token(messaging: httpx.AsyncClient, path: str) -> None:
    """Every route asks who it is."""
    assert (await messaging.get(path, headers={"Authorization": ""})).status_code == 401


async def test_what_waits_is_measured(messaging: httpx.AsyncClient, writer: Writer, reader: Reader) -> None:
    """The metrics count what was sent by type, and what waits."""
    await writer.commit("a", "b")
    await eventually(lambda: reader.has("a", "b"))

    async def counted() -> bool:
        text = (await messaging.get("/metrics")).text
        return (
            'messaging_events_relayed_total{type="data.ingested"} 2.0' in text and "messaging_unsent_events 0" in text
        )

    await eventually(counted)


async def test_sent_events_are_forgotten_after_a_day(
    database: TestDatabase, messaging: httpx.AsyncClient, writer: Writer, reader: Reader
) -> None:
    """History is bounded: what was sent longer ago is deleted, what waits never is."""
    await writer.commit("old", "new")
    await eventually(lambda: reader.has("old", "new"))

    async def sent() -> bool:
        return all(item["sent_at"] for item in (await messaging.get("/events")).json()["items"])

    await eventually(sent)
    owner = PostgresDatabase(database.owner_url)
    async with owner.transaction() as connection:
        await connection.execute(
            "UPDATE messaging.outbox SET sent_at = sent_at - $1::interval WHERE event->'data'->>'object_model' = 'old'",
            SENT_KEPT + timedelta(minutes=1),
        )
    await owner.stop()
    own_login = PostgresDatabase(database.service_url(Service.MESSAGING))
    housekeeper = Housekeeper(
        database=own_login,
        administration=reader.stream.administration,
        telemetry=MessagingTelemetry(Telemetry("test")),
    )

    await housekeeper.clean_once()
    await own_login.stop()

    left = (await messaging.get("/events")).json()["items"]
    assert [item["event"]["data"]["object_model"] for item in left] == ["new"]
