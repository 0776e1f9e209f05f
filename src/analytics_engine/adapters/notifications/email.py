from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Literal

import aiosmtplib

from analytics_engine.adapters.network.guard import HostGuard
from analytics_engine.adapters.network.reasons import reason_of
from analytics_engine.adapters.notifications.texts import one_line, shortened
from analytics_engine.errors import DependencyTimeout, DependencyUnavailable, InvalidInput
from analytics_engine.kernel.ports.notifier import Message, Severity
from analytics_engine.kernel.ports.outgoing import ReceiverAnswer

_CONNECT_S = 5.0
_TIMEOUT_S = 15.0
_TITLE_CHARACTERS = 200
_SHOWN_CHARACTERS = 500
_FIRST_FINAL = 500
_TAKEN = 250


@dataclass(frozen=True, kw_only=True)
class EmailNotifier:
    """Mail by SMTP: the connection goes to the address that the guard has checked, TLS to the name."""

    guard: HostGuard
    host: str
    port: int
    tls: Literal["starttls", "tls", "none"]
    user: str
    sender: str
    to: Sequence[str]
    password: str = field(default="", repr=False)
    timeout_s: float = _TIMEOUT_S

    async def check(self) -> None:
        await self._address()

    async def send(self, message: Message) -> ReceiverAnswer:
        place = f"{self.host}:{self.port}"
        try:
            async with asyncio.timeout(self.timeout_s):
                return await self._send(self._mail(message))
        except TimeoutError as error:
            raise DependencyTimeout(
                f"{place} did not take the mail within {self.timeout_s:g} s.",
                remedy="Check host and port, and that a firewall lets us through.",
            ) from error
        except aiosmtplib.SMTPRecipientsRefused as error:
            return _refusal(error.recipients[0])
        except aiosmtplib.SMTPResponseException as error:
            return _refusal(error)
        except (aiosmtplib.SMTPException, OSError) as error:
            reason = reason_of(error) if isinstance(error, OSError) else one_line(str(error)).rstrip(".")
            raise DependencyUnavailable(
                f"{place} cannot be used: {reason}.",
                remedy="Check host, port and tls, and that the server runs.",
            ) from error

    async def _send(self, mail: EmailMessage) -> ReceiverAnswer:
        client = aiosmtplib.SMTP(
            hostname=self.host,
            sock=await _connected(await self._address(), self.port),
            use_tls=self.tls == "tls",
            start_tls=self.tls == "starttls",
            username=self.user or None,
            password=self.password or None,
            timeout=self.timeout_s,
        )
        async with client:
            refused, answer = await client.send_message(mail)
        if refused:
            names = ", ".join(refused)
            return ReceiverAnswer(taken=True, status=_TAKEN, text=_shown(f"not taken for {names}; {answer}"))
        return ReceiverAnswer(taken=True, status=_TAKEN, text=_shown(answer))

    async def _address(self) -> str:
        address = await self.guard.address(self.host, self.port)
        if self.tls == "none" and not self.guard.allowed_by_operator(address):
            raise InvalidInput(
                "Mail without TLS can be read and changed by anybody on the way.",
                remedy="Use starttls or tls; none is for hosts in AE_MESSAGE_ALLOWED_NETWORKS.",
            )
        return address

    def _mail(self, message: Message) -> EmailMessage:
        mail = EmailMessage()
        mail["From"] = self.sender
        mail["To"] = ", ".join(self.to)
        mail["Subject"] = shortened(one_line(message.title), _TITLE_CHARACTERS)
        mail["Date"] = format_datetime(message.time)
        mail["Message-ID"] = f"<{message.id}@{self.sender.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"
        if message.severity is Severity.CRITICAL and not message.resolved:
            mail["Importance"] = "high"
            mail["X-Priority"] = "1"
        note = f"{message.severity} | {message.client_id} | {message.time:%Y-%m-%d %H:%M:%S} UTC"
        parts = [message.title, message.body, message.link, note]
        mail.set_content("\n\n".join(part for part in parts if part) + "\n")
        return mail


async def _connected(address: str, port: int) -> socket.socket:
    connection = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    connection.setblocking(False)  # noqa: FBT003 - the library's own name for it
    try:
        async with asyncio.timeout(_CONNECT_S):
            await asyncio.get_running_loop().sock_connect(connection, (address, port))
    except BaseException:
        connection.close()
        raise
    return connection


def _refusal(error: aiosmtplib.SMTPResponseException) -> ReceiverAnswer:
    text = _shown(f"{error.code} {error.message}")
    return ReceiverAnswer(taken=False, status=error.code, text=text, final=error.code >= _FIRST_FINAL)


def _shown(text: str) -> str:
    return one_line(text)[:_SHOWN_CHARACTERS]
