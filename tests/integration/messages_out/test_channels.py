"""Each kind of channel against a real receiver: tested, and told of an alert that changed."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from typing import Any

import httpx
from aiohttp import web
from standardwebhooks.webhooks import Webhook

from support.outgoing import ALERT, Teller, channel_made, finished, trial_of
from support.sinks import HttpSink, MailSink

SIGNING_SECRET = "whsec_" + b64encode(bytes(range(32))).decode()
FACTS = [
    "Mean delay at JFK is 31.5 minutes, above 30.",
    "KPI: DEP_DELAY",
    "Period: 2026-11-26",
    "Cell: origin JFK",
    "Value: 31.5",
    "Threshold: 30",
]


async def told(messaging: httpx.AsyncClient, teller: Teller, **changes: Any) -> dict[str, Any]:
    """Have an alert change, and return the delivery that came of it."""
    event = await teller.alert(**changes)
    (delivery,) = await finished(messaging)
    assert (delivery["target"], delivery["message_id"], delivery["state"]) == ("ops", event.id, "delivered")
    assert delivery["attempts"] == 1
    return delivery


async def test_email(messaging: httpx.AsyncClient, teller: Teller, mails: MailSink) -> None:
    """A mail to all recipients, with its subject, text and an id of its own; urgent where the alert is."""
    to = ["ops@example.com", "boss@example.com"]
    path = await channel_made(
        messaging, "email", host="127.0.0.1", port=mails.port, tls="none", sender="ae@example.com", to=to
    )

    trial = await trial_of(messaging, path)
    delivery = await told(messaging, teller)

    assert (trial["works"], trial["status"]) == (True, 250)
    assert trial["detail"] == "The receiver took the message (250): Message accepted for delivery"
    test, mail = mails.mails
    assert test["Subject"] == "Test message of Analytics Engine"
    assert mails.recipients == [to, to]
    assert (mail["From"], mail["To"]) == ("ae@example.com", "ops@example.com, boss@example.com")
    assert (mail["Subject"], mail["Importance"]) == ("Late flights: firing", "high")
    assert mail["Message-ID"] == f"<{delivery['message_id']}@example.com>"
    lines = mail.get_content().splitlines()
    assert lines[:8] == ["Late flights: firing", "", *FACTS]
    assert lines[-1].startswith("critical | client-")
    assert (delivery["answer_status"], delivery["answer"]) == (250, "Message accepted for delivery")


async def test_a_mail_server_that_refuses_for_good_is_not_asked_again(
    messaging: httpx.AsyncClient, teller: Teller, mails: MailSink
) -> None:
    """5xx is final, and what the server said is the reason."""
    mails.refusal = "554 No such luck"
    path = await channel_made(
        messaging, "email", host="127.0.0.1", port=mails.port, tls="none", sender="ae@x.org", to=["ops@x.org"]
    )

    trial = await trial_of(messaging, path)
    await teller.alert()
    (delivery,) = await finished(messaging)

    assert (trial["works"], trial["status"]) == (False, 554)
    assert trial["remedy"] == "Correct the channel as the receiver's answer says, or see its own log."
    assert (delivery["state"], delivery["attempts"], delivery["answer"]) == ("failed", 1, "554 No such luck")


async def test_slack(messaging: httpx.AsyncClient, teller: Teller, sink: HttpSink) -> None:
    """An incoming webhook gets a text and blocks; nothing in them is taken for a link or a mention."""
    path = await channel_made(messaging, "slack", secrets={"url": f"{sink.url}/services/T0/B0/tokenXYZ"})

    trial = await trial_of(messaging, path)
    await told(messaging, teller, summary="<!channel> & more")

    assert (trial["works"], trial["status"]) == (True, 200)
    request = sink.received[1]
    assert (request.method, request.path) == ("POST", "/services/T0/B0/tokenXYZ")
    assert request.headers["Content-Type"] == "application/json"
    assert request.json["text"] == "Late flights: firing"
    header, section, context = request.json["blocks"]
    title = {"type": "plain_text", "text": ":rotating_light: Late flights: firing", "emoji": True}
    assert header == {"type": "header", "text": title}
    text = "\n".join(["&lt;!channel&gt; &amp; more", *FACTS[1:]])
    assert section == {"type": "section", "text": {"type": "mrkdwn", "text": text}}
    assert context["elements"][0]["text"].startswith("critical · client-")


async def test_teams(messaging: httpx.AsyncClient, teller: Teller, sink: HttpSink) -> None:
    """A workflow gets a message with one adaptive card; it answers 202."""
    sink.answer = lambda: web.Response(status=202)
    path = await channel_made(messaging, "teams", secrets={"url": f"{sink.url}/workflows/1/triggers/manual?sig=XYZ"})

    trial = await trial_of(messaging, path)
    await told(messaging, teller, name="Late_flights")

    assert (trial["works"], trial["status"], trial["detail"]) == (True, 202, "The receiver took the message (202).")
    request = sink.received[1]
    assert request.path == "/workflows/1/triggers/manual?sig=XYZ"
    assert request.json["type"] == "message"
    (attachment,) = request.json["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert attachment["contentUrl"] is None
    card = attachment["content"]
    assert card["$schema"] == "http://adaptivecards.io/schemas/adaptive-card.json"
    assert (card["type"], card["version"], card["msteams"]) == ("AdaptiveCard", "1.4", {"width": "Full"})
    title, *lines, note = card["body"]
    assert (title["type"], title["text"], title["color"]) == ("TextBlock", "Late\\_flights: firing", "Attention")
    assert [line["text"] for line in lines] == [fact.replace("_", "\\_") for fact in FACTS]
    assert note["text"].startswith("critical · client-")
    assert "actions" not in card


async def test_pagerduty(messaging: httpx.AsyncClient, teller: Teller, sink: HttpSink, client_id: str) -> None:
    """An alert opens an incident and its end closes it: the same key, in this order; the test leaves none open."""
    sink.answer = lambda: web.json_response(
        {"status": "success", "message": "Event processed", "dedup_key": "k"}, status=202
    )
    path = await channel_made(messaging, "pagerduty", secrets={"routing_key": "R0UT1NGKEY"}, base_url=sink.url)

    trial = await trial_of(messaging, path)
    await told(messaging, teller)
    await teller.alert(state="resolved", previous="firing", value="29")
    await finished(messaging, 2)

    assert (trial["works"], trial["status"]) == (True, 202)
    opened, closed, trigger, resolve = [request.json for request in sink.received]
    assert {request.path for request in sink.received} == {"/v2/enqueue"}
    assert (opened["event_action"], closed["event_action"]) == ("trigger", "resolve")
    assert opened["dedup_key"] == closed["dedup_key"] == "test:" + path.rpartition("/")[2]
    timestamp = trigger["payload"].pop("timestamp")
    assert timestamp.startswith("2")
    assert trigger == {
        "routing_key": "R0UT1NGKEY",
        "event_action": "trigger",
        "dedup_key": trigger["dedup_key"],
        "client": "Analytics Engine",
        "links": [],
        "payload": {
            "summary": "Late flights: firing",
            "source": client_id,
            "severity": "critical",
            "custom_details": {"text": "\n".join(FACTS), "alerts": [ALERT.model_dump(mode="json")]},
        },
    }
    assert resolve == {
        "routing_key": "R0UT1NGKEY",
        "event_action": "resolve",
        "dedup_key": trigger["dedup_key"],
    }


async def test_sms_by_twilio(messaging: httpx.AsyncClient, teller: Teller, sink: HttpSink) -> None:
    """A form with number, sender and text, signed in with the account."""
    sink.answer = lambda: web.json_response({"sid": "SM1", "status": "queued"}, status=201)
    path = await channel_made(
        messaging,
        "twilio",
        secrets={"auth_token": "t0k3n"},
        account_sid="AC123",
        sender="+15550001111",
        to="+15552223333",
        base_url=sink.url,
    )

    trial = await trial_of(messaging, path)
    await told(messaging, teller)

    assert (trial["works"], trial["status"]) == (True, 201)
    request = sink.received[1]
    assert request.path == "/2010-04-01/Accounts/AC123/Messages.json"
    assert b64decode(request.headers["Authorization"].removeprefix("Basic ")) == b"AC123:t0k3n"
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert request.form == {
        "To": "+15552223333",
        "From": "+15550001111",
        "Body": "Late flights: firing. " + " ".join(FACTS),
    }


async def test_sms_by_a_gateway(messaging: httpx.AsyncClient, teller: Teller, sink: HttpSink) -> None:
    """JSON under the names that the gateway wants, with its token."""
    path = await channel_made(
        messaging,
        "sms_gateway",
        secrets={"token": "g4teway"},
        url=f"{sink.url}/send",
        to="+15552223333",
        to_field="recipient",
        text_field="message",
        fields={"sender": "KPI"},
    )

    await trial_of(messaging, path)
    await told(messaging, teller)

    request = sink.received[1]
    assert (request.path, request.headers["Authorization"]) == ("/send", "Bearer g4teway")
    assert request.json == {
        "sender": "KPI",
        "recipient": "+15552223333",
        "message": "Late flights: firing. " + " ".join(FACTS),
    }


async def test_webhook(messaging: httpx.AsyncClient, teller: Teller, sink: HttpSink, client_id: str) -> None:
    """JSON that the independent library of Standard Webhooks finds to be signed with the secret."""
    path = await channel_made(
        messaging, "webhook", secrets={"signing_secret": SIGNING_SECRET}, url=f"{sink.url}/alerts?to=ops"
    )

    await trial_of(messaging, path)
    delivery = await told(messaging, teller)

    request = sink.received[1]
    content = Webhook(SIGNING_SECRET).verify(request.body, dict(request.headers))
    assert (request.path, request.headers["webhook-id"]) == ("/alerts?to=ops", delivery["message_id"])
    assert content["type"] == "notification"
    assert content["data"] == {
        "id": delivery["message_id"],
        "client_id": client_id,
        "title": "Late flights: firing",
        "body": "\n".join(FACTS),
        "severity": "critical",
        "link": "",
        "incident": content["data"]["incident"],
        "resolved": False,
        "details": [ALERT.model_dump(mode="json")],
    }
    assert content["data"]["incident"].startswith("late-flights:")


async def test_a_receiver_that_refuses_says_why(messaging: httpx.AsyncClient, sink: HttpSink) -> None:
    """Status, text and time are the answer of a test; secrets that the receiver repeats are left out of it."""
    sink.answer = lambda: web.Response(status=403, text=json.dumps({"error": "invalid_token tokenXYZ"}))
    path = await channel_made(messaging, "sms_gateway", secrets={"token": "tokenXYZ"}, url=sink.url, to="+15552223333")

    trial = await trial_of(messaging, path)

    assert (trial["works"], trial["status"]) == (False, 403)
    assert trial["detail"] == 'The receiver refused the message (403): {"error": "invalid_token [secret]"}'
    assert trial["remedy"] == "Correct the channel as the receiver's answer says, or see its own log."
    assert 0 < trial["duration_ms"] < 15_000


async def test_a_receiver_that_is_not_there_is_a_trial_too(messaging: httpx.AsyncClient, sink: HttpSink) -> None:
    """Nothing came, and the detail says so without the URL's path, which is a secret."""
    path = await channel_made(messaging, "slack", secrets={"url": f"{sink.url}/services/tokenXYZ"})
    await sink.stop()

    trial = await trial_of(messaging, path)

    assert (trial["works"], trial["status"]) == (False, None)
    assert trial["detail"] == "127.0.0.1 cannot be reached: Connection refused."
    assert trial["remedy"] == "Check host and port, that the receiver runs, and its certificate."
