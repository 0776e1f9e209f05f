"""Which alerts are told where, and what is brought together."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import redis.asyncio
from aiohttp import web
from fastapi import FastAPI

from support.outgoing import Teller, asks, channel_made, deliveries, finished
from support.services import asgi_client
from support.sinks import HttpSink

Build = Callable[..., FastAPI]


async def slack(messaging: httpx.AsyncClient, sink: HttpSink, name: str = "ops") -> str:
    return await channel_made(messaging, "slack", name=name, secrets={"url": f"{sink.url}/{name}"})


async def test_alerts_of_one_group_come_as_one_message(
    build: Build, own_teller: Teller, sink: HttpSink, client_id: str
) -> None:
    """What changes within the window is one message to each channel; another group has its own."""
    async with asgi_client(build(ae_notification_window_s=3.0), headers=asks(client_id=client_id)) as messaging:
        await slack(messaging, sink)
        await slack(messaging, sink, "boss")
        await own_teller.alert(cell={"origin": "JFK"}, severity="warning", channels=["ops", "boss"])
        await own_teller.alert(cell={"origin": "LGA"}, severity="error", summary="LGA is late.")
        await own_teller.alert(cell={"origin": "EWR"}, state="resolved")
        await own_teller.alert(group="others", severity="info")

        await finished(messaging, 3)

        texts: dict[str, list[str]] = {request.path: [] for request in sink.received}
        for request in sink.received:
            texts[request.path].append(request.json["text"])
        assert texts == {
            "/ops": ["3 changes of alerts in flights: 2 firing, 1 resolved", "Late flights: firing"],
            "/boss": ["Late flights: firing"],
        }
        together = next(request.json for request in sink.received if request.json["text"].startswith("3"))
        assert together["blocks"][1]["text"]["text"].splitlines()[1] == "Late flights: firing. LGA is late."
        assert together["blocks"][2]["elements"][0]["text"].startswith(f"critical · {client_id}")


async def test_what_changes_after_the_window_is_another_message(
    messaging: httpx.AsyncClient, teller: Teller, sink: HttpSink
) -> None:
    """The first attempt ends the gathering."""
    await slack(messaging, sink)
    await teller.alert()
    await sink.got(1)
    await teller.alert(state="resolved")

    await sink.got(2)

    assert [request.json["text"] for request in sink.received] == ["Late flights: firing", "Late flights: resolved"]
    assert ":white_check_mark:" in sink.received[1].json["blocks"][0]["text"]["text"]


async def test_text_messages_are_for_what_is_critical(
    messaging: httpx.AsyncClient, teller: Teller, sink: HttpSink
) -> None:
    """An alert that is not critical goes to the other channels only; the end of a critical one is told too."""
    await channel_made(messaging, "sms_gateway", name="phone", url=f"{sink.url}/sms", to="+15552223333")
    await slack(messaging, sink)
    both = ["ops", "phone"]
    await teller.alert(severity="error", channels=both, name="A", group="a")
    await teller.alert(channels=both, name="B", group="b")
    await teller.alert(channels=both, name="C", group="c", state="resolved")

    await finished(messaging, 5)

    sent = [request.json["text"].split(".")[0] for request in sink.received if request.path == "/sms"]
    assert sorted(sent) == ["B: firing", "C: resolved"]


async def test_an_event_that_comes_twice_is_told_once(
    messaging: httpx.AsyncClient, teller: Teller, sink: HttpSink, module_redis_url: str
) -> None:
    """The group's inbox knows it, also when Redis was emptied and the relay sends it again."""
    await slack(messaging, sink)
    await teller.alert()
    await sink.got(1)
    async with redis.asyncio.Redis.from_url(module_redis_url) as client:
        await client.flushdb()
    await teller.alert(name="Another")

    await sink.got(2)

    assert [request.json["text"] for request in sink.received] == ["Late flights: firing", "Another: firing"]
    assert len(await deliveries(messaging)) == 2


async def test_channels_that_are_not_there_or_off_do_not_hold_up_the_others(
    messaging: httpx.AsyncClient, teller: Teller, sink: HttpSink
) -> None:
    """An alert is told where it can be, and the log says where it could not."""
    await slack(messaging, sink)
    off = await slack(messaging, sink, "off")
    body = (await messaging.get(off)).json()
    changed = {name: body[name] for name in ("name", "kind", "options", "secrets")} | {"enabled": False}
    assert (await messaging.put(off, json=changed)).status_code == 200
    await teller.alert(channels=["nowhere", "off", "ops"])

    found = await finished(messaging, 3)

    assert {each["target"]: (each["state"], each["attempts"], each["answer"]) for each in found} == {
        "nowhere": ("failed", 0, "There is no channel of this name."),
        "off": ("failed", 0, "The channel is switched off."),
        "ops": ("delivered", 1, "ok"),
    }
    assert [request.path for request in sink.received] == ["/ops"]


async def test_an_incident_is_not_opened_after_it_was_closed(
    messaging: httpx.AsyncClient, teller: Teller, sink: HttpSink
) -> None:
    """While its opening waits to be tried again, its end waits behind it; other incidents do not."""
    sink.answers = [lambda: web.Response(status=503)]
    await channel_made(messaging, "pagerduty", secrets={"routing_key": "R0UT1NGKEY"}, base_url=sink.url)
    await teller.alert()
    await sink.got(1)
    await teller.alert(state="resolved")
    await teller.alert(cell={"origin": "LGA"})

    await finished(messaging, 3)

    events = [(request.json["dedup_key"], request.json["event_action"]) for request in sink.received]
    first = events[0][0]
    assert [action for key, action in events if key == first] == ["trigger", "trigger", "resolve"]
    assert [action for key, action in events if key != first] == ["trigger"]


async def test_a_tried_alert_leaves_no_incident_open(
    messaging: httpx.AsyncClient, teller: Teller, sink: HttpSink
) -> None:
    """Its incident is opened and closed, in this order."""
    await channel_made(messaging, "pagerduty", secrets={"routing_key": "R0UT1NGKEY"}, base_url=sink.url)
    await teller.alert(state="test", previous="test", cell={})

    await finished(messaging, 2)

    events = [(request.json["dedup_key"], request.json["event_action"]) for request in sink.received]
    assert events == [("late-flights:test", "trigger"), ("late-flights:test", "resolve")]
