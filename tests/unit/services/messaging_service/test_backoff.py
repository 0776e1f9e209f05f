"""When what failed is tried again."""

from __future__ import annotations

from analytics_engine.services.messaging_service.delivering.backoff import Backoff


def test_pauses_grow_and_spread() -> None:
    """One attempt more than pauses; each a fifth more or less; what the receiver asks for is the least."""
    backoff = Backoff((10.0, 100.0))

    first = {backoff.pause_s(1) for _ in range(100)}

    assert backoff.attempts == 3
    assert min(first) >= 8
    assert max(first) <= 12
    assert len(first) > 50
    assert 80 <= backoff.pause_s(2) <= 120
    assert backoff.pause_s(1, at_least_s=600.0) == 600.0
