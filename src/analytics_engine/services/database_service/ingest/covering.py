"""The span of time that a load covers."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from analytics_engine.services.database_service.ingest.kept import Instant, KeptRows
from analytics_engine.services.database_service.ingest.repository import Covered
from analytics_engine.services.database_service.ingest.requests import LoadRequest


def covered(request: LoadRequest, rows: KeptRows) -> Covered | None:
    """Return the hull of what was declared and of the rows themselves; None when neither tells a span."""
    starts = [start for start in (request.covers_from, _instant(rows.first)) if start is not None]
    ends = [end for end in (request.covers_until, _after(rows.last)) if end is not None]
    return Covered(min(starts), max(ends)) if starts and ends else None


def _instant(value: Instant | None) -> datetime | None:
    if value is None or isinstance(value, datetime):
        return value
    return datetime.combine(value, time(), UTC)


def _after(value: Instant | None) -> datetime | None:
    """Return the end of the smallest half-open span that holds the value."""
    instant = _instant(value)
    if instant is None:
        return None
    return instant + (timedelta(microseconds=1) if isinstance(value, datetime) else timedelta(days=1))
