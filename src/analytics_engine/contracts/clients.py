"""What other rooms may know of demo_config_service: the clients (tenants) and how they count time."""

from __future__ import annotations

from typing import Annotated, Protocol

from pydantic import Field, StringConstraints, field_validator

from analytics_engine.contracts.wire import WireModel
from analytics_engine.kpi.model.calendars import CalendarDefinition, custom_grains
from analytics_engine.kpi.model.time import Weekday
from analytics_engine.kpi.model.zones import zone_names

ClientId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
"""A client's identity, such as ``nyc-flights``: it is in every fact row and every token."""


CANARY = "analytics-engine-canary"
"""The client of the canary: the system's own, and in no list of clients."""
SYSTEM_CLIENTS = frozenset({CANARY})


class ClientSettings(WireModel):
    """What is decided of a client: its name, and the zone, week, fiscal year and currency it counts in."""

    client_id: ClientId
    name: str = Field(min_length=1)
    time_zone: str = "UTC"
    week_start: Weekday = Weekday.MONDAY
    fiscal_year_start_month: int = Field(default=1, ge=1, le=12)
    base_currency: str = Field(default="USD", pattern=r"^[A-Z]{3}$")
    calendars: tuple[CalendarDefinition, ...] = Field(
        default=(), max_length=8, description="custom calendars, whose grains KPIs can be asked by"
    )

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        if zone not in zone_names():
            raise ValueError(f"{zone!r} is not an IANA time zone, such as America/New_York")
        return zone

    @field_validator("calendars")
    @classmethod
    def _distinct_grains(cls, calendars: tuple[CalendarDefinition, ...]) -> tuple[CalendarDefinition, ...]:
        names = [grain.name for calendar in calendars for grain in custom_grains(calendar)]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"grains of more than one calendar: {', '.join(twice)}")
        return calendars


class ClientProfile(ClientSettings):
    """A client as it is known to all: its settings at one version."""

    version: int = 1


class ClientsApi(Protocol):
    """The register of clients."""

    async def client(self, client_id: str) -> ClientProfile:
        """Return a client's profile.

        Raises:
            NotFound: there is no such client.
        """
        ...
