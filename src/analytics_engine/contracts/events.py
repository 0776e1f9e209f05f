"""The events of the system: their registered names, and the data each carries."""

from __future__ import annotations

from enum import StrEnum

from analytics_engine.contracts.wire import WireModel
from analytics_engine.kernel.ports.events import Event


class EventType(StrEnum):
    """Registered event names; each has a data model below."""

    DATA_INGESTED = "data.ingested"
    CATALOG_CHANGED = "catalog.changed"
    CLIENT_CHANGED = "client.changed"
    ROLLUP_CORRUPTED = "rollup.corrupted"
    ALERT_CHANGED = "alert.changed"


class DataIngested(WireModel):
    """Rows of an object model were committed; the event was written in the same transaction.

    Rows that another program wrote may be of any client (the event's is empty), and how many is not known.
    ``first_time`` and ``last_time`` span the default time attribute of the rows, in ISO 8601, both inclusive.
    """

    object_model: str
    rows: int | None = None
    first_time: str | None = None
    last_time: str | None = None


class CatalogChanged(WireModel):
    """Definitions of a client (global ones where the event's client is empty) have a new version."""

    version: str


class ClientChanged(WireModel):
    """A client's profile (zone, week start, currency, ...) has a new version."""

    version: int


class RollupCorrupted(WireModel):
    """Cells of a rollup were found not to be what the rows are; they are read from the rows until they are rebuilt.

    ``starts`` and ``ends`` are the half-open span, in ISO 8601.
    """

    rollup: str
    object_model: str
    starts: str
    ends: str
    cells: int


class AlertChanged(WireModel):
    """An alert went from one state to another; a notification tells of it on the alert's channels.

    ``value``, ``threshold`` are decimals as strings; ``value`` is null where there was none, and ``reason`` says why.
    ``group`` is what notifications are brought together by; ``channels`` are names of notification channels.
    """

    alert_id: str
    name: str
    severity: str
    state: str
    previous: str
    kpi: str
    period: str
    cell: dict[str, str]
    value: str | None = None
    threshold: str | None = None
    reason: str = ""
    summary: str
    channels: list[str]
    group: str


EVENT_DATA: dict[EventType, type[WireModel]] = {
    EventType.DATA_INGESTED: DataIngested,
    EventType.CATALOG_CHANGED: CatalogChanged,
    EventType.CLIENT_CHANGED: ClientChanged,
    EventType.ROLLUP_CORRUPTED: RollupCorrupted,
    EventType.ALERT_CHANGED: AlertChanged,
}
"""The registry: what an event of each type carries in ``data``."""

EVENT_VERSIONS: dict[EventType, int] = {
    EventType.DATA_INGESTED: 1,
    EventType.CATALOG_CHANGED: 1,
    EventType.CLIENT_CHANGED: 1,
    EventType.ROLLUP_CORRUPTED: 1,
    EventType.ALERT_CHANGED: 1,
}
"""The versions of what ``data`` carries. A field more, which may be missing, is the same version; any other change of
shape is the next one, and consumers then tell old events from new ones by ``Event.data_version``."""


def data_schema(event_type: EventType) -> str:
    """Return the name of the schema of an event type's data, with its version: the event's ``dataschema``."""
    return f"urn:analytics-engine:event:{event_type.value}:{EVENT_VERSIONS[event_type]}"


def with_data_schema(event: Event) -> Event:
    """Return the event with the name of its data's schema, as far as its type is registered."""
    if event.dataschema or event.type not in [*EventType]:
        return event
    return event.model_copy(update={"dataschema": data_schema(EventType(event.type))})
