"""What services measure of their requests, read from /metrics."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families

from analytics_engine.contracts.services import Service
from analytics_engine.doctor.looking.services import Contact, ServiceFacts

_DURATION = "http_server_request_duration_seconds"
_OPERATIONS = frozenset({"/health", "/live", "/ready", "/metrics"})
_SERVER_ERROR = 500
_ANSWER_S = 5.0


@dataclass(frozen=True)
class Requests:
    """The requests of one service since it was started: how many, how many failed, and how long they took.

    Args:
        within: how many took at most so many seconds, by bound; the last bound is infinite.
    """

    count: int
    failed: int
    within: Mapping[float, int]

    @property
    def error_share(self) -> float:
        return self.failed / self.count if self.count else 0.0

    def quantile_s(self, share: float) -> float | None:
        """Return the bound that so large a share of requests stays within; None where none has been counted."""
        if not self.count:
            return None
        return next((bound for bound, many in sorted(self.within.items()) if many >= share * self.count), None)


def text_of(service: ServiceFacts) -> str:
    """Return the metrics of a service as it writes them; nothing where it does not answer."""
    if service.contact is not Contact.ANSWERS:
        return ""
    try:
        with urllib.request.urlopen(f"{service.url}/metrics", timeout=_ANSWER_S) as answer:  # noqa: S310 - our settings
            return str(answer.read().decode(errors="replace"))
    except (OSError, urllib.error.URLError):
        return ""


def requests_of(text: str) -> Requests:
    """Return what metrics say of requests; those of health checks and of metrics do not count."""
    count = failed = 0
    within: dict[float, int] = defaultdict(int)
    for family in text_string_to_metric_families(text):
        if family.name != _DURATION:
            continue
        for sample in family.samples:
            if sample.labels.get("http_route") in _OPERATIONS:
                continue
            if sample.name.endswith("_count"):
                count += int(sample.value)
                if int(sample.labels.get("http_response_status_code", 0)) >= _SERVER_ERROR:
                    failed += int(sample.value)
            elif sample.name.endswith("_bucket"):
                within[float(sample.labels["le"])] += int(sample.value)
    return Requests(count, failed, dict(within))


def requests_by_service(services: tuple[ServiceFacts, ...]) -> dict[Service, Requests]:
    """Return the requests of each service that answers."""
    texts = {one.service: text_of(one) for one in services}
    return {service: requests_of(text) for service, text in texts.items() if text}
