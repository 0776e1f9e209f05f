"""Webhooks out: who subscribes, what is sent, how it is signed, and when it ends."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp import web
from fastapi import FastAPI
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from analytics_engine.contracts.events import DataIngested, EventType
from analytics_engine.kernel.ports.events import Event
from support.outgoing import Teller, asks, finished
from support.services import asgi_client
from support.sinks import HttpSink
from support.waiting import eventually

Build = Callable[..., FastAPI]


async def subscribed(
    messaging: httpx.AsyncClient, url: str, *types: str, headers: dict[str, str] | None = None, **settings: Any
) -> tuple[str, str]:
    """Return the path of a new subscription, and its secret."""
    body = {"url": url, "types": list(types) or ["*"], **settings}
    answer = await messaging.post("/subscriptions", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    return str(answer.headers["Location"]), str(answer.json()["secret"])


def as_told(sent: dict[str, Any]) -> Event:
    """Return an event as it was told of, without what its sending added."""
    return Event.model_validate({name: value for name, value in sent.items() if name not in {"sequence", "dataschema"}})


async def test_an_event_is_sent_signed(messaging: httpx.AsyncClient, teller: Teller, sink: HttpSink) -> None:
    """The whole event comes as CloudEvents JSON; the independent library of Standard Webhooks verifies it."""
    path, secret = await subscribed(messaging, f"{sink.url}/hook?from=ae", "alert.changed")
    event = await teller.alert()

    (delivery,) = await finished(messaging, 1, f"{path}/deliveries")

    (request,) = sink.received
    assert (request.method, request.path) == ("POST", "/hook?from=ae")
    assert request.headers["Content-Type"] == "application/cloudevents+json; charset=utf-8"
    assert request.headers["webhook-id"] == event.id
    assert as_told(Webhook(secret).verify(request.body, dict(request.headers))) == event
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(request.body + b" ", dict(request.headers))
    assert (delivery["state"], delivery["target"], delivery["message_id"]) == ("delivered", "127.0.0.1", event.id)
    read = (await messaging.get(f"{path}/deliveries/{delivery['id']}")).json()
    assert as_told(read["content"]["event"]) == event


async def test_only_what_is_wanted_is_sent(
    messaging: httpx.AsyncClient, teller: Teller, sink: HttpSink, client_id: str
) -> None:
    """Patterns of types, filters on subject and data; those of another client are nobody's here."""
    await subscribed(messaging, f"{sink.url}/data", "data.*")
    await subscribed(messaging, f"{sink.url}/late", "alert.*", filters={"subjects": ["late-*"]})
    severe = {"data": {"severity": ["critical", "error"], "state": ["firing"]}}
    await subscribed(messaging, f"{sink.url}/severe", "*", filters=severe)
    await subscribed(messaging, f"{sink.url}/off", "*", enabled=False)
    await teller.alert(client_id="another", summary="secret")
    await teller.alert(alert_id="late-x", severity="warning")
    await teller.alert(alert_id="early", severity="error")
    await teller.alert(alert_id="early", severity="error", state="resolved")
    await teller.tell(EventType.DATA_INGESTED, DataIngested(object_model="flight", rows=1), subject="flight")

    await sink.got(3)
    last = await teller.alert(alert_id="late-y")
    await sink.got(5)

    got = sorted((request.path, request.json["subject"]) for request in sink.received)
    assert got == [
        ("/data", "flight"),
        ("/late", "late-x"),
        ("/late", "late-y"),
        ("/severe", "early"),
        ("/severe", "late-y"),
    ]
    assert {request.json["clientid"] for request in sink.received} == {client_id}
    assert last.subject == "late-y"


@pytest.mark.parametrize(
    ("wrong", "status", "detail"),
    [
        ({"types": ["kpi.*"]}, 422, "types.0: no event is called 'kpi.*'."),
        ({"types": ["data.[a-z]*"]}, 422, "body.types.0: String should match pattern"),
        ({"types": []}, 422, "body.types: List should have at least 1 item"),
        ({"url": "ftp://example.com/x"}, 422, "body.url: String should match pattern"),
        ({"url": "https://user:password@127.0.0.1/x"}, 422, "The URL is none that a message can be sent to."),
        ({"url": "http://10.0.0.1/x"}, 403, "10.0.0.1 leads to 10.0.0.1, which messages may not use."),
        ({"url": "http://93.184.215.14/x"}, 422, "The URL is http, which anybody on the way can read and change."),
        ({"url": "https://no-such-host.invalid/x"}, 503, "There is no host no-such-host.invalid."),
    ],
)
async def test_a_subscription_that_cannot_be_says_why(
    messaging: httpx.AsyncClient, wrong: dict[str, Any], status: int, detail: str
) -> None:
    """Nothing is kept of it."""
    answer = await messaging.post("/subscriptions", json={"url": "https://127.0.0.1/", "types": ["*"], **wrong})

    assert answer.status_code == status
    assert answer.json()["detail"].startswith(detail)
    assert answer.json()["remedy"]
    assert (status == 403) == answer.json()["type"].endswith(":forbidden-address")
    assert (await messaging.get("/subscriptions")).json()["total"] == 0


async def test_a_subscription_is_read_changed_and_deleted(messaging: httpx.AsyncClient, sink: HttpSink) -> None:
    """By its ETag, without its secret; an older version is refused."""
    path, secret = await subscribed(messaging, sink.url, description="mine")
    read = await messaging.get(path)
    changed = await messaging.put(
        path, json={"url": sink.url, "types": ["data.*"]}, headers={"If-Match": read.headers["ETag"]}
    )
    stale = await messaging.put(path, json={"url": sink.url, "types": ["*"]}, headers={"If-Match": '"1"'})
    listed = await messaging.get("/subscriptions")

    assert (read.json()["description"], read.json()["version"]) == ("mine", 1)
    assert (changed.json()["types"], changed.json()["version"]) == (["data.*"], 2)
    assert (stale.status_code, stale.json()["present_version"]) == (409, 2)
    assert listed.json()["items"] == [changed.json()]
    for answer in (read, changed, listed):
        assert secret not in answer.text
        assert secret.removeprefix("whsec_") not in answer.text
    assert (await messaging.delete(path)).status_code == 204
    assert (await messaging.get(path)).status_code == 404


async def test_a_rotated_secret_and_the_one_before_are_both_valid(
    messaging: httpx.AsyncClient, teller: Teller, sink: HttpSink
) -> None:
    """For the time of grace each delivery has two signatures, of which a receiver with either finds its own."""
    path, first = await subscribed(messaging, sink.url)
    rotated = await messaging.post(f"{path}/rotate")
    second = rotated.json()["secret"]
    await teller.alert()

    (request,) = await sink.got(1)

    assert first != second
    assert rotated.headers["Cache-Control"] == "no-store"
    assert rotated.json()["details"]["previous_secret_until"] is not None
    assert len(request.headers["webhook-signature"].split()) == 2
    for secret in (first, second):
        Webhook(secret).verify(request.body, dict(request.headers))


async def test_after_the_time_of_grace_the_former_secret_is_not_used(
    build: Build, own_teller: Teller, sink: HttpSink, client_id: str
) -> None:
    """One signature is left, of the new secret."""
    async with asgi_client(build(ae_webhook_secret_grace_s=0), headers=asks(client_id=client_id)) as messaging:
        path, first = await subscribed(messaging, sink.url)
        second = (await messaging.post(f"{path}/rotate")).json()["secret"]
        await own_teller.alert()

        (request,) = await sink.got(1)

        Webhook(second).verify(request.body, dict(request.headers))
        with pytest.raises(WebhookVerificationError):
            Webhook(first).verify(request.body, dict(request.headers))


async def test_a_receiver_that_was_down_gets_what_waited(
    messaging: httpx.AsyncClient, teller: Teller, sink: HttpSink
) -> None:
    """Each attempt has the same id and a signature of its own; 4xx is tried again too, for its next version."""
    path, secret = await subscribed(messaging, sink.url)
    sink.answers = [lambda: web.Response(status=503), lambda: web.Response(status=400)]
    event = await teller.alert()

    (delivery,) = await finished(messaging, 1, f"{path}/deliveries")

    assert (delivery["state"], delivery["attempts"]) == ("delivered", 3)
    assert [request.headers["webhook-id"] for request in sink.received] == [event.id] * 3
    for request in sink.received:
        Webhook(secret).verify(request.body, dict(request.headers))
    assert (await messaging.get(path)).json()["failing_since"] is None


async def test_a_failed_delivery_is_sent_anew_when_asked(
    messaging: httpx.AsyncClient, teller: Teller, sink: HttpSink
) -> None:
    """After its last attempt it has failed; a redelivery has the same id; one that waits is not sent anew."""
    path, _ = await subscribed(messaging, sink.url)
    sink.answers = [lambda: web.Response(status=500) for _ in range(4)]
    event = await teller.alert()
    (failed,) = await finished(messaging, 1, f"{path}/deliveries")
    sink.answers = [lambda: web.Response(status=500)]

    again = await messaging.post(f"{path}/deliveries/{failed['id']}/redeliver")
    twice = await messaging.post(f"{path}/deliveries/{failed['id']}/redeliver")
    (delivered,) = await finished(messaging, 1, f"{path}/deliveries")

    assert (failed["state"], failed["attempts"], failed["answer_status"]) == ("failed", 4, 500)
    assert (await messaging.get(path)).json()["enabled"] is True
    assert (again.status_code, twice.status_code) == (202, 409)
    assert (delivered["id"], delivered["state"], delivered["attempts"]) == (failed["id"], "delivered", 2)
    assert [request.headers["webhook-id"] for request in sink.received] == [event.id] * 6


async def test_410_switches_a_subscription_off(messaging: httpx.AsyncClient, teller: Teller, sink: HttpSink) -> None:
    """At once, with the reason; nothing more is sent until a person switches it on again."""
    path, _ = await subscribed(messaging, sink.url)
    sink.answers = [lambda: web.Response(status=410)]
    await teller.alert()
    (delivery,) = await finished(messaging, 1, f"{path}/deliveries")

    off = (await messaging.get(path)).json()
    await teller.alert(alert_id="unheard")
    on = await messaging.put(path, json={"url": sink.url, "types": ["*"]})
    heard = await teller.alert(alert_id="heard")
    await sink.got(2)

    assert (delivery["state"], delivery["attempts"]) == ("failed", 1)
    assert (off["enabled"], off["disabled_reason"]) == (
        False,
        "The receiver answered 410 Gone: nobody is there any more.",
    )
    assert (on.json()["enabled"], on.json()["disabled_reason"], on.json()["failing_since"]) == (True, "", None)
    assert heard.id in {request.headers["webhook-id"] for request in sink.received}


async def test_failing_for_long_switches_a_subscription_off(
    build: Build, own_teller: Teller, sink: HttpSink, client_id: str
) -> None:
    """When a delivery is given up and nothing was taken for so long; what waits fails with it."""
    async with asgi_client(build(ae_webhook_disabled_after_s=0.2), headers=asks(client_id=client_id)) as messaging:
        path, _ = await subscribed(messaging, sink.url)
        sink.answer = lambda: web.Response(status=500, text="out of order")
        await own_teller.alert()

        async def switched_off() -> dict[str, Any] | None:
            found = (await messaging.get(path)).json()
            return None if found["enabled"] else dict(found)

        off = await eventually(switched_off)
        (delivery,) = await finished(messaging, 1, f"{path}/deliveries")

        assert off["disabled_reason"].startswith("Nothing was taken since 2")
        assert off["disabled_reason"].endswith("; the last answer: 500 out of order")
        assert (delivery["state"], delivery["attempts"]) == ("failed", 4)


async def test_another_client_sees_nothing(messaging: httpx.AsyncClient, teller: Teller, sink: HttpSink) -> None:
    """Neither the subscription nor its deliveries, by list or by id."""
    path, _ = await subscribed(messaging, sink.url)
    await teller.alert()
    (delivery,) = await finished(messaging, 1, f"{path}/deliveries")
    other = asks(client_id="another")

    assert (await messaging.get("/subscriptions", headers=other)).json()["total"] == 0
    for method, where in (
        ("GET", path),
        ("DELETE", path),
        ("POST", f"{path}/rotate"),
        ("GET", f"{path}/deliveries"),
        ("GET", f"{path}/deliveries/{delivery['id']}"),
        ("POST", f"{path}/deliveries/{delivery['id']}/redeliver"),
    ):
        assert (await messaging.request(method, where, headers=other)).status_code == 404, (method, where)


async def test_the_documented_verification_is_right(
    messaging: httpx.AsyncClient, teller: Teller, sink: HttpSink
) -> None:
    """The snippet of docs/reference/webhooks.md, run as it stands, takes what we send and nothing else."""
    page = (Path(__file__).parents[3] / "docs" / "reference" / "webhooks.md").read_text(encoding="utf-8")
    (snippet,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    documented: dict[str, Any] = {}
    exec(compile(snippet, "webhooks.md", "exec"), documented)
    verified = documented["verified"]
    _, secret = await subscribed(messaging, sink.url)
    event = await teller.alert()

    (request,) = await sink.got(1)

    assert as_told(verified(secret, request.headers, request.body)) == event
    old = {**request.headers, "webhook-timestamp": str(int(request.headers["webhook-timestamp"]) - 3600)}
    with pytest.raises(ValueError, match=r"^not signed by us$"):
        verified(secret, request.headers, request.body + b" ")
    with pytest.raises(ValueError, match=r"^too old, or from the future$"):
        verified(secret, old, request.body)
