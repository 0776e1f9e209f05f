"""Over TLS the connection goes to the address that was checked, and the certificate is that of the name."""

from __future__ import annotations

import ipaddress
import re
import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest

from analytics_engine.adapters.network.guard import MESSAGES, HostGuard
from analytics_engine.adapters.network.http import GuardedHttp
from analytics_engine.adapters.notifications.email import EmailNotifier
from analytics_engine.errors import DependencyUnavailable
from analytics_engine.kernel.ports.notifier import Message, Severity
from support.certificates import server_context
from support.names import Names
from support.sinks import http_sink, mail_sink

GUARD = HostGuard(MESSAGES, allowed=[ipaddress.ip_network("127.0.0.1/32")])
MESSAGE = Message(
    id="1",
    time=datetime(2026, 11, 27, tzinfo=UTC),
    client_id="acme",
    title="Für alle",
    body="…",
    severity=Severity.INFO,
)


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: Names) -> ssl.SSLContext:
    """The context of servers called right.test, whose certificate is trusted; wrong.test leads to them, too."""
    context, trusted = server_context(tmp_path, "right.test")
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    for name in ("right.test", "wrong.test"):
        names(name, ["127.0.0.1", "10.0.0.1"])
    return context


async def test_https_is_checked_by_name(tls: ssl.SSLContext) -> None:
    """The receiver with the certificate of its name is talked to; one with another's is not."""
    http = GuardedHttp(GUARD)
    await http.start()
    async with http_sink(tls=tls) as sink:
        answer = await http.post(f"https://right.test:{sink.port}/x", body=b"{}", headers={})
        with pytest.raises(
            DependencyUnavailable, match=r"^wrong\.test cannot be reached: its certificate is not valid: "
        ):
            await http.post(f"https://wrong.test:{sink.port}/x", body=b"{}", headers={})
    await http.stop()

    assert (answer.taken, [request.headers["Host"] for request in sink.received]) == (
        True,
        [f"right.test:{sink.port}"],
    )


async def test_mail_is_sent_signed_in_over_starttls(tls: ssl.SSLContext) -> None:
    """With the right password to the right server; a wrong one is told, and a wrong server is told nothing."""
    async with mail_sink(tls=tls, password="s3cr3t") as sink:

        def notifier(host: str, password: str) -> EmailNotifier:
            return EmailNotifier(
                guard=GUARD,
                host=host,
                port=sink.port,
                tls="starttls",
                user="ae",
                sender="ae@example.com",
                to=["ops@example.com"],
                password=password,
            )

        right = await notifier("right.test", "s3cr3t").send(MESSAGE)
        with pytest.raises(DependencyUnavailable, match=re.escape(f"wrong.test:{sink.port} cannot be used")):
            await notifier("wrong.test", "s3cr3t").send(MESSAGE)

    assert (right.taken, right.status) == (True, 250)
    (mail,) = sink.mails
    assert (mail["Subject"], mail.get_content().splitlines()[2]) == ("Für alle", "…")


async def test_a_wrong_password_is_final(tls: ssl.SSLContext) -> None:
    """The server refuses it, and would do so again."""
    async with mail_sink(tls=tls, password="s3cr3t") as sink:
        notifier = EmailNotifier(
            guard=GUARD,
            host="right.test",
            port=sink.port,
            tls="starttls",
            user="ae",
            sender="ae@example.com",
            to=["ops@example.com"],
            password="wrong",
        )

        answer = await notifier.send(MESSAGE)

    assert (answer.taken, answer.status, answer.final) == (False, 535, True)
    assert answer.text == "535 5.7.8 Authentication credentials invalid"
