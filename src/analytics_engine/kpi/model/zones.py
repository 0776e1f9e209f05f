"""Local time and instants. An instant is aware UTC; a local time is naive, with ``fold=1`` for a second occurrence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

_SECOND = timedelta(seconds=1)
_NONE = timedelta(0)


@cache
def zone_named(name: str) -> ZoneInfo:
    """Return the zone of an IANA name."""
    return ZoneInfo(name)


@cache
def zone_names() -> frozenset[str]:
    """Return the names of all IANA zones, which are looked for in folders once."""
    return frozenset(available_timezones())


def instant_of(local: datetime, zone: ZoneInfo) -> datetime:
    """Return the UTC instant at which a local time begins.

    A local time that the zone skips maps to the instant at which its clocks jump; one that occurs twice to its first
    occurrence, or with ``fold=1`` to its second.
    """
    offset = zone.utcoffset(local) or _NONE
    utc = local - offset
    instant = datetime.combine(utc, utc.time(), UTC)
    actual = offset_at(instant, zone)
    if actual == offset:
        return instant
    # Skipped: the offset of one side of the jump was applied, which lands on the other side of it.
    other = instant + (offset - actual)
    return transition(min(instant, other), max(instant, other), zone)


def local_of(instant: datetime, zone: ZoneInfo) -> datetime:
    """Return the local time at an instant."""
    local = instant.astimezone(zone)
    return datetime.combine(local, local.time())


def offset_at(instant: datetime, zone: ZoneInfo) -> timedelta:
    """Return how far the zone's clocks are ahead of UTC at an instant."""
    return instant.astimezone(zone).utcoffset() or _NONE


def transition(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant between two at which the zone's offset changes, by bisection; offsets change on seconds."""
    low = before.replace(microsecond=0)
    offset = offset_at(low, zone)
    first, last = 0, -((low - after) // _SECOND)
    while last - first > 1:
        middle = (first + last) // 2
        if offset_at(low + middle * _SECOND, zone) == offset:
            first = middle
        else:
            last = middle
    return low + last * _SECOND
