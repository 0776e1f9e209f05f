"""Messages that somebody sends, and how they are delivered: later, again, once, or not at all."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import asyncpg
import httpx
import pytest
from aiohttp import web

from analytics_engine.adapters.postgres.database import PostgresDatabase
from analytics_engine.contracts.services import Service
from analytics_engine.kernel.security.principal import Role
from analytics_engine.kernel.telemetry import Telemetry
from analytics_engine.services.messaging_service.delivering.housekeeping import DeliveryHousekeeper
from analytics_engine.services.messaging_service.delivering.telemetry import DeliveryTelemetry
from support.outgoing import asks, channel_made, deliveries, finished
from support.servers import TestDatabase
from support.sinks import HttpSink
from support.waiting import eventually

MESSAGE: dict[str, Any] = {
    "title": "Backup failed",
    "body": "The disk is full.",
    "severity": "error",
    "link": "https://wiki.example.com/backup",
    "channels": ["ops"],
}


async def sent(messaging: httpx.AsyncClient, key: str = "", **changes: Any) -> httpx.Response:
    headers = {"Idempotency-Key": key} if key else {}
    return await messaging.post("/notifications", json=MESSAGE | changes, headers=headers)


@pytest.fixture
async def channel(messaging: httpx.AsyncClient, sink: HttpSink) -> str:
    """The path of the channel ops."""
    return await channel_made(messaging, "slack", secrets={"url": f"{sink.url}/hook"})


async def test_a_message_is_accepted_and_delivered(messaging: httpx.AsyncClient, channel: str, sink: HttpSink) -> None:
    """Its delivery is in the log, found by state, channel and message, with what it brought."""
    answer = await sent(messaging)
    (delivery,) = await finished(messaging)

    accepted = answer.json()
    assert (answer.status_code, accepted["deliveries"]) == (202, [delivery["id"]])
    assert (delivery["message_id"], delivery["state"]) == (accepted["id"], "delivered")
    assert (delivery["answer_status"], delivery["answer"], delivery["due_at"]) == (200, "ok", None)
    (request,) = sink.received
    assert request.json["blocks"][2]["elements"][0]["url"] == "https://wiki.example.com/backup"
    for filters, count in (
        ({"state": "delivered", "channel_id": delivery["target_id"], "message_id": accepted["id"]}, 1),
        ({"state": "failed"}, 0),
        ({"message_id": "another"}, 0),
    ):
        assert (await messaging.get("/notifications/deliveries", params=filters)).json()["total"] == count
    read = (await messaging.get(f"/notifications/deliveries/{delivery['id']}")).json()
    assert read["content"]["message"]["title"] == "Backup failed"


async def test_a_message_under_its_key_is_sent_once(messaging: httpx.AsyncClient, channel: str, sink: HttpSink) -> None:
    """The same again is the one there is; another one under the key is refused."""
    first = await sent(messaging, key="backup-7")
    again = await sent(messaging, key="backup-7")
    other = await sent(messaging, key="backup-7", title="Another")
    await finished(messaging)

    assert first.json() == again.json()
    assert other.status_code == 409
    assert other.json()["type"].endswith(":idempotency-conflict")
    assert len(sink.received) == 1


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"channels": ["nowhere"]}, "channels.0: there is no channel 'nowhere'."),
        (
            {"channels": ["ops", "phone"]},
            "channels.1: 'phone' sends text messages, which are for critical ones only; this one is error.",
        ),
        ({"title": "two\nlines"}, "body.title: String should match pattern"),
        ({"channels": []}, "body.channels: List should have at least 1 item"),
        ({"link": "javascript:alert(1)"}, "body.link: String should match pattern"),
    ],
)
async def test_a_message_that_cannot_be_sent_says_why(
    messaging: httpx.AsyncClient, channel: str, sink: HttpSink, *, changes: dict[str, Any], detail: str
) -> None:
    """Nothing of it is kept."""
    await channel_made(messaging, "sms_gateway", name="phone", url=sink.url, to="+15552223333")

    answer = await sent(messaging, **changes)

    assert answer.status_code == 422
    assert answer.json()["detail"].startswith(detail)
    assert answer.json()["remedy"]
    assert await deliveries(messaging) == []


async def test_a_receiver_that_comes_back_gets_what_waited(
    messaging: httpx.AsyncClient, channel: str, sink: HttpSink
) -> None:
    """Down at first: the log says so, and when it is up again the message comes."""
    await sink.stop()
    await sent(messaging)

    async def failed_once() -> dict[str, Any] | None:
        (delivery,) = await deliveries(messaging)
        return delivery if delivery["answer"] else None

    waiting = await eventually(failed_once)
    await sink.start()
    (delivery,) = await finished(messaging)

    assert (waiting["state"], waiting["answer_status"]) == ("waiting", None)
    assert waiting["answer"].startswith("127.0.0.1 cannot be reached: Connection refused.")
    assert waiting["due_at"] is not None
    assert (delivery["state"], delivery["attempts"] > 1, len(sink.received)) == ("delivered", True, 1)


async def test_a_receiver_that_is_killed_midway_gets_it_again(
    messaging: httpx.AsyncClient, channel: str, sink: HttpSink
) -> None:
    """A connection that ends without an answer is an attempt that failed; the next one arrives."""
    sink.cuts = 1
    await sent(messaging)

    (delivery,) = await finished(messaging)

    assert (delivery["state"], delivery["attempts"], len(sink.received)) == ("delivered", 2, 2)


async def test_a_message_is_given_up_after_its_attempts(
    messaging: httpx.AsyncClient, channel: str, sink: HttpSink
) -> None:
    """Four attempts with three pauses; then it has failed, with the last answer, and can be sent anew."""
    sink.answers = [lambda: web.Response(status=500, text="out of order") for _ in range(4)]
    await sent(messaging)

    (failed,) = await finished(messaging)
    again = await messaging.post(f"/notifications/deliveries/{failed['id']}/redeliver")
    (delivery,) = await finished(messaging)

    assert (failed["state"], failed["attempts"]) == ("failed", 4)
    assert (failed["answer_status"], failed["answer"]) == (500, "out of order")
    assert (again.status_code, again.json()["state"], again.json()["attempts"]) == (202, "waiting", 0)
    assert (delivery["state"], delivery["attempts"], len(sink.received)) == ("delivered", 1, 5)


@pytest.mark.parametrize("status", [400, 401, 404])
async def test_what_would_be_refused_again_fails_at_once(
    messaging: httpx.AsyncClient, channel: str, sink: HttpSink, status: int
) -> None:
    """A receiver that says the request is wrong is not asked again."""
    sink.answer = lambda: web.Response(status=status, text="no_service")
    await sent(messaging)

    (delivery,) = await finished(messaging)

    assert (delivery["state"], delivery["attempts"], len(sink.received)) == ("failed", 1, 1)


async def test_a_receiver_that_wants_time_is_given_it(
    messaging: httpx.AsyncClient, channel: str, sink: HttpSink
) -> None:
    """429 with Retry-After: the next attempt is not before that."""
    sink.answers = [lambda: web.Response(status=429, headers={"Retry-After": "2"})]
    await sent(messaging)

    (delivery,) = await finished(messaging)

    first, second = (delivery["created_at"], delivery["last_attempt_at"])
    assert (datetime.fromisoformat(second) - datetime.fromisoformat(first)).total_seconds() >= 2
    assert (delivery["state"], delivery["attempts"]) == ("delivered", 2)


async def test_what_waits_for_a_deleted_channel_fails(
    messaging: httpx.AsyncClient, channel: str, sink: HttpSink
) -> None:
    """The log keeps why."""
    sink.answer = lambda: web.Response(status=503)
    await sent(messaging)
    await sink.got(1)

    assert (await messaging.delete(channel)).status_code == 204
    (delivery,) = await finished(messaging)

    assert (delivery["state"], delivery["answer"].rstrip()) == ("failed", "The channel was deleted.")


async def test_another_client_sees_and_sends_nothing(
    messaging: httpx.AsyncClient, channel: str, sink: HttpSink
) -> None:
    """Neither channels nor deliveries of the client are there for it, by list or by id; its names are its own."""
    await sent(messaging)
    (delivery,) = await finished(messaging)
    other = asks(client_id="another")

    for path in (channel, f"/notifications/deliveries/{delivery['id']}"):
        assert (await messaging.get(path, headers=other)).status_code == 404
    assert (await messaging.delete(channel, headers=other)).status_code == 404
    assert (await messaging.post(f"{channel}/test", headers=other)).status_code == 404
    redeliver = f"/notifications/deliveries/{delivery['id']}/redeliver"
    assert (await messaging.post(redeliver, headers=other)).status_code == 404
    for path in ("/notifications/channels", "/notifications/deliveries"):
        assert (await messaging.get(path, headers=other)).json()["total"] == 0
    assert (await messaging.post("/notifications", json=MESSAGE, headers=other)).status_code == 422
    assert len(sink.received) == 1


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ANALYST, Role.CONSULTANT])
async def test_only_operators_may(messaging: httpx.AsyncClient, role: Role) -> None:
    """Every route asks who it is."""
    for method, path in (
        ("GET", "/notifications/kinds"),
        ("GET", "/notifications/channels"),
        ("GET", "/notifications/deliveries"),
        ("GET", "/subscriptions"),
    ):
        assert (await messaging.request(method, path, headers=asks(role))).status_code == 403
    assert (await messaging.post("/notifications", json=MESSAGE, headers=asks(role))).status_code == 403


async def test_the_log_goes_back_30_days(
    messaging: httpx.AsyncClient, channel: str, module_database: TestDatabase, client_id: str
) -> None:
    """Older ones are forgotten, with the messages they brought."""
    await sent(messaging)
    await finished(messaging)
    await sent(messaging, title="Old")
    (_, old) = await finished(messaging, 2)
    owner = await asyncpg.connect(module_database.owner_url)
    await owner.execute(
        "UPDATE messaging.deliveries SET finished_at = now() - interval '31 days' WHERE id = $1", old["id"]
    )
    await owner.execute(
        "UPDATE messaging.notifications SET created_at = now() - interval '31 days' WHERE id = $1::text::uuid",
        old["message_id"],
    )
    service = PostgresDatabase(module_database.service_url(Service.MESSAGING), application_name="housekeeper")

    await DeliveryHousekeeper(service, DeliveryTelemetry(Telemetry("test"))).clean_once()
    await service.stop()

    assert [one["message_id"] != old["message_id"] for one in await deliveries(messaging)] == [True]
    of_client = "SELECT count(*) FROM messaging.notifications WHERE client_id = $1"
    assert await owner.fetchval(of_client, client_id) == 1
    await owner.close()


async def test_what_waits_is_measured(messaging: httpx.AsyncClient, channel: str) -> None:
    """Attempts are counted by what became of them."""
    await sent(messaging)
    await finished(messaging)

    attempts = 'messaging_delivery_attempts_total{purpose="notification",state="delivered"} '

    async def measured() -> bool:
        lines = (await messaging.get("/metrics")).text.splitlines()
        counted = any(line.startswith(attempts) and float(line.removeprefix(attempts)) >= 1 for line in lines)
        return counted and 'messaging_waiting_deliveries{purpose="webhook"} 0.0' in lines

    await eventually(measured)
