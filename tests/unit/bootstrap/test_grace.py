"""Nobody kills a service that still does what it was told to finish."""

from __future__ import annotations

from analytics_engine.bootstrap.one_machine import SERVICE_GRACE_S
from analytics_engine.bootstrap.server import DRAINED_WITHIN_S
from analytics_engine.embedded.fleet import DRAIN_LIMIT_S


def test_a_service_may_take_longer_than_it_needs_to_drain() -> None:
    """Deliveries and answers of an engine have 5 s each after the last request, and jobs are handed back."""
    assert SERVICE_GRACE_S >= DRAINED_WITHIN_S + 10


def test_a_predecessor_is_hurried_only_after_that() -> None:
    assert DRAIN_LIMIT_S > SERVICE_GRACE_S
