"""What messages must not reach, however they are led there."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Callable

import httpx
import pytest
from aiohttp import web
from fastapi import FastAPI

from analytics_engine.adapters.network.guard import MESSAGES, HostGuard
from analytics_engine.adapters.network.http import GuardedHttp
from analytics_engine.errors import DependencyTimeout, DependencyUnavailable, Forbidden
from support.names import Names
from support.outgoing import Teller, asks, channel_made, finished, trial_of
from support.services import asgi_client
from support.sinks import HttpSink

PUBLIC = "93.184.215.14"
Build = Callable[..., FastAPI]


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::ffff:169.254.169.254]/",
        "https://[fd00:ec2::254]/",
        "https://10.0.0.1/",
        "https://[::1]/",
        "https://2852039166/",
        "https://0xa9fea9fe/",
    ],
)
async def test_a_subscription_may_not_lead_inside(messaging: httpx.AsyncClient, url: str) -> None:
    """Metadata, private and loopback addresses are refused, in whichever clothes."""
    answer = await messaging.post("/subscriptions", json={"url": url, "types": ["*"]})

    assert answer.status_code == 403
    assert "which messages may not use" in answer.json()["detail"]
    assert answer.json()["remedy"].endswith("an operator can allow an address in AE_MESSAGE_ALLOWED_NETWORKS.")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
async def test_this_machine_is_refused_unless_it_is_allowed(build: Build, host: str, client_id: str) -> None:
    """All other tests here go to it because a setting allows it."""
    async with asgi_client(build(ae_message_allowed_networks=""), headers=asks(client_id=client_id)) as messaging:
        for body in (
            {"kind": "slack", "secrets": {"url": f"https://{host}/x"}},
            {"kind": "pagerduty", "secrets": {"routing_key": "k"}, "options": {"base_url": f"https://{host}"}},
            {"kind": "email", "options": {"host": host, "sender": "a@example.com", "to": ["b@example.com"]}},
        ):
            answer = await messaging.post("/notifications/channels", json={"name": "ops", **body})
            assert answer.status_code == 403, answer.text
            assert "which messages may not use" in answer.json()["detail"]


async def test_a_name_that_leads_elsewhere_later_is_refused(
    messaging: httpx.AsyncClient, teller: Teller, names: Names
) -> None:
    """Public when it was registered, inside when it is delivered: checked at every delivery, and not sent."""
    names("rebinds.test", [PUBLIC, "10.0.0.1"])
    answer = await messaging.post("/subscriptions", json={"url": "https://rebinds.test/", "types": ["*"]})
    await teller.alert()

    (delivery,) = await finished(messaging, 1, f"{answer.headers['Location']}/deliveries")

    assert (delivery["state"], delivery["attempts"], delivery["answer_status"]) == ("failed", 1, None)
    assert delivery["answer"].startswith("rebinds.test leads to 10.0.0.1, which messages may not use.")


async def test_the_connection_goes_to_the_address_that_was_checked(names: Names, sink: HttpSink) -> None:
    """A name is asked for once: an answer that would lead elsewhere is never asked for. Its TLS is checked by name."""
    left = names("pinned.test", ["127.0.0.1", "10.0.0.1"])
    http = GuardedHttp(HostGuard(MESSAGES, allowed=[ipaddress.ip_network("127.0.0.1/32")]))
    await http.start()

    with pytest.raises(DependencyUnavailable, match=r"pinned\.test cannot be reached: it does not speak TLS there\."):
        await http.post(f"https://pinned.test:{sink.port}/", body=b"", headers={})

    assert left == ["10.0.0.1"]
    await http.stop()


async def test_the_receiver_is_called_by_its_name(names: Names, sink: HttpSink) -> None:
    """The address is where the connection goes, the name is what is asked for."""
    names("named.test", ["127.0.0.1", "127.0.0.1"])
    http = GuardedHttp(HostGuard(MESSAGES, allowed=[ipaddress.ip_network("127.0.0.1/32")]))
    await http.start()

    answer = await http.post(f"http://named.test:{sink.port}/x", body=b"{}", headers={})

    assert (answer.taken, sink.received[0].headers["Host"]) == (True, f"named.test:{sink.port}")
    await http.stop()


async def test_redirects_are_not_followed(messaging: httpx.AsyncClient, teller: Teller, sink: HttpSink) -> None:
    """What a receiver points to is not asked, whether it would be allowed or not."""
    targets = iter([f"{sink.url}/elsewhere", "http://169.254.169.254/latest/meta-data/"])
    sink.answer = lambda: web.Response(status=302, headers={"Location": next(targets)})
    path = await channel_made(messaging, "slack", secrets={"url": f"{sink.url}/hook"})

    for _ in range(2):
        trial = await trial_of(messaging, path)
        assert (trial["works"], trial["status"]) == (False, 302)

    assert [request.path for request in sink.received] == ["/hook", "/hook"]


async def test_only_the_beginning_of_an_answer_is_read(messaging: httpx.AsyncClient, sink: HttpSink) -> None:
    """A receiver that answers without end is not listened to."""
    sink.answer = lambda: web.Response(body=b"a" * 50_000_000)
    path = await channel_made(messaging, "slack", secrets={"url": f"{sink.url}/hook"})

    trial = await trial_of(messaging, path)

    assert trial["detail"] == f"The receiver took the message (200): {'a' * 500}"
    assert trial["duration_ms"] < 5_000


async def test_a_receiver_that_does_not_answer_is_left_in_time(unused_tcp_port: int) -> None:
    """The connection is taken and nothing comes."""

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", unused_tcp_port)
    guard = HostGuard(MESSAGES, allowed=[ipaddress.ip_network("127.0.0.1/32")])
    http = GuardedHttp(guard, timeout_s=0.3)
    await http.start()

    with pytest.raises(DependencyTimeout, match=r"127\.0\.0\.1 did not answer within 0\.3 s\."):
        await http.post(f"http://127.0.0.1:{unused_tcp_port}/", body=b"{}", headers={})
    with pytest.raises(Forbidden):
        await http.post("https://127.0.0.2/", body=b"{}", headers={})

    await http.stop()
    server.close()
    await server.wait_closed()
