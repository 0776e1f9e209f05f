"""The seven services, as whoever asks them sees them."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from socket import gaierror
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509

from analytics_engine.bootstrap.settings import Settings
from analytics_engine.contracts.services import Service
from analytics_engine.embedded.probe import ask
from analytics_engine.kernel.clock import SystemClock
from analytics_engine.kernel.security.principal import Principal, Role
from analytics_engine.kernel.security.tokens import InternalTokens

_ANSWER_S = 2.0
_UNAUTHENTICATED = 401
_FOR_CALLERS = {
    Service.DATABASE: "/coverage",
    Service.MESSAGING: "/events/types",
    Service.METADATA: "/stats",
    Service.CALCULATION: "/jobs/kinds",
    Service.DEMO_CONFIG: "/demo/samples",
    Service.CONNECTOR: "/kinds",
}
"""Something of each service that is for callers with a token only, and changes nothing."""


class Contact(StrEnum):
    """How far one gets with a service."""

    ANSWERS = "answers"
    REFUSED = "refused"
    SILENT = "silent"
    UNKNOWN_HOST = "unknown-host"
    OTHER_PROGRAM = "other-program"
    TLS = "tls"


@dataclass(frozen=True, kw_only=True)
class ServiceFacts:
    """What one service says of its health, or how far one gets with it.

    Args:
        admits: whether it takes tokens signed with our secret key; None where that was not tried.
        certificate_ends: when the certificate it shows ends, where it speaks TLS.
    """

    service: Service
    url: str
    port: int
    contact: Contact
    problem: str = ""
    report: Mapping[str, Any] = field(default_factory=dict)
    admits: bool | None = None
    certificate_ends: datetime | None = None

    @property
    def here(self) -> bool:
        """Whether it is to be on this machine."""
        return urlsplit(self.url).hostname in {"127.0.0.1", "localhost", "::1"}


async def look_at_services(settings: Settings) -> tuple[ServiceFacts, ...]:
    """Return what each of the seven says, asked all at once."""
    return tuple(await asyncio.gather(*(_look(settings, service) for service in Service)))


async def _look(settings: Settings, service: Service) -> ServiceFacts:
    url = settings.url(service)
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    contact, ends = await _contact(parts.hostname or "", port, tls=parts.scheme == "https")
    if contact is not Contact.ANSWERS:
        return ServiceFacts(service=service, url=url, port=port, contact=contact, certificate_ends=ends)
    reply = await asyncio.to_thread(ask, f"{url}/health", timeout_s=_ANSWER_S)
    if not reply.status:
        contact = _of_problem(reply.problem)
    elif reply.document.get("service") != service.value:
        contact = Contact.OTHER_PROGRAM
    return ServiceFacts(
        service=service,
        url=url,
        port=port,
        contact=contact,
        problem=reply.problem,
        report=reply.document,
        admits=await _admits(settings, service, url) if contact is Contact.ANSWERS else None,
        certificate_ends=ends,
    )


async def _contact(host: str, port: int, *, tls: bool) -> tuple[Contact, datetime | None]:
    context = _any_certificate() if tls else None
    try:
        async with asyncio.timeout(_ANSWER_S):
            _, writer = await asyncio.open_connection(host, port, ssl=context)
    except TimeoutError:
        return Contact.SILENT, None
    except gaierror:
        return Contact.UNKNOWN_HOST, None
    except ssl.SSLError:
        return Contact.TLS, None
    except OSError:
        return Contact.REFUSED, None
    peer = writer.get_extra_info("ssl_object")
    shown = peer.getpeercert(binary_form=True) if peer else None
    writer.transport.abort()
    return Contact.ANSWERS, x509.load_der_x509_certificate(shown).not_valid_after_utc if shown else None


def _any_certificate() -> ssl.SSLContext:
    """Return what shows us a certificate that nobody should trust any more; nothing is sent over it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


async def _admits(settings: Settings, service: Service, url: str) -> bool | None:
    if service not in _FOR_CALLERS or settings.secret_key is None:
        return None
    tokens = InternalTokens(secret_key=settings.secret_key.get_secret_value(), clock=SystemClock())
    doctor = Principal(subject="service:doctor", client_id="doctor", role=Role.SERVICE, name="doctor")
    header = {"Authorization": f"Bearer {tokens.mint(doctor, audience=service.value)}"}
    reply = await asyncio.to_thread(ask, url + _FOR_CALLERS[service], headers=header, timeout_s=_ANSWER_S)
    return reply.status != _UNAUTHENTICATED if reply.status else None


def _of_problem(problem: str) -> Contact:
    if "timed out" in problem:
        return Contact.SILENT
    if "certificate" in problem.lower() or "ssl" in problem.lower():
        return Contact.TLS
    return Contact.OTHER_PROGRAM
