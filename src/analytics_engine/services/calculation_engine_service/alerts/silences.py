"""Silences: which alerts are not told of for a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from analytics_engine.errors import Conflict, InvalidInput, NotFound
from analytics_engine.kernel.clock import Clock
from analytics_engine.kernel.ids import new_id
from analytics_engine.kernel.paging import Page, PageRequest
from analytics_engine.kernel.ports.database import Connection, Database, Row
from analytics_engine.services.calculation_engine_service.alerts.repository import SQL
from analytics_engine.services.calculation_engine_service.alerts.schemas import (
    Matcher,
    Members,
    Silence,
    SilenceSettings,
)

LONGEST = timedelta(days=366)
MOST_SILENCES = 500
"""The most silences of a client that have not ended."""


@dataclass(frozen=True)
class Named:
    """What a silence may name of an alert's cell."""

    name: str
    severity: str
    group: str
    kpi: str
    labels: dict[str, str]
    cell: Members

    def names(self) -> dict[str, str]:
        """Return all names with their values; the alert's own come before dimensions and labels of the same name."""
        own = {"alert": self.name, "severity": self.severity, "group": self.group, "kpi": self.kpi}
        return self.labels | self.cell | own


def silenced_by(silences: Sequence[Silence], named: Named) -> Silence | None:
    """Return the first silence that matches; what an alert does not have equals the empty text."""
    names = named.names()
    return next((each for each in silences if all(_meets(one, names) for one in each.matchers)), None)


def _meets(matcher: Matcher, names: dict[str, str]) -> bool:
    return (names.get(matcher.name, "") == matcher.value) is (matcher.operator == "=")


async def silences_at(connection: Connection, now: datetime) -> list[Silence]:
    """Return the client's silences that hold now."""
    return [_silence(row) for row in await connection.fetch(SQL["silences_now"], now)]


@dataclass
class Silences:
    """The silences of a client."""

    database: Database
    clock: Clock

    async def page(self, client_id: str, page: PageRequest, *, ended: bool) -> Page[Silence]:
        now = self.clock.now()
        async with self.database.transaction(client_id=client_id, read_only=True) as connection:
            rows = await connection.fetch(SQL["silences"], ended, now, page.limit, page.offset)
            total = await connection.fetch_value(SQL["count_silences"], ended, now)
        return Page(items=[_silence(row) for row in rows], total=total, limit=page.limit, offset=page.offset)

    async def add(self, client_id: str, settings: SilenceSettings, *, author: str) -> Silence:
        """Return the new silence.

        Raises:
            InvalidInput: it ends before it starts or is over, or is longer than a year.
            Conflict: there are as many as a client may have.
        """
        now = self.clock.now()
        starts_at = settings.starts_at or now
        _check_span(starts_at, settings.ends_at, now)
        matchers = [matcher.model_dump(mode="json") for matcher in settings.matchers]
        async with self.database.transaction(client_id=client_id) as connection:
            if await connection.fetch_value(SQL["count_silences"], False, now) >= MOST_SILENCES:  # noqa: FBT003 - SQL
                raise Conflict(
                    f"There are {MOST_SILENCES} silences that have not ended, the most of a client.",
                    remedy="Expire those that nobody needs any more.",
                )
            row = await connection.fetch_one(
                SQL["add_silence"], new_id(), client_id, matchers, starts_at, settings.ends_at, settings.reason,
                author, now,
            )  # fmt: skip
        assert row is not None
        return _silence(row)

    async def expire(self, client_id: str, silence_id: UUID) -> Silence:
        """End a silence now; one that is over stays as it is.

        Raises:
            NotFound: there is no such silence.
        """
        async with self.database.transaction(client_id=client_id) as connection:
            row = await connection.fetch_one(SQL["expire_silence"], silence_id, self.clock.now())
            row = row or await connection.fetch_one(SQL["silence"], silence_id)
        if row is None:
            raise NotFound(f"There is no silence {silence_id}.", remedy="List those there are at /alerts/silences.")
        return _silence(row)


def _check_span(starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    if ends_at <= max(starts_at, now):
        raise InvalidInput(
            "The silence ends before it would do anything.",
            remedy="Let ends_at lie after starts_at and after now.",
            place="ends_at",
        )
    if ends_at - starts_at > LONGEST:
        raise InvalidInput(
            f"A silence lasts at most {LONGEST.days} days.",
            remedy="Let it end sooner, or disable the alert.",
            place="ends_at",
        )


def _silence(row: Row) -> Silence:
    return Silence(
        id=str(row["id"]), matchers=row["matchers"], starts_at=row["starts_at"], ends_at=row["ends_at"],
        reason=row["reason"], created_by=row["created_by"], created_at=row["created_at"],
    )  # fmt: skip
