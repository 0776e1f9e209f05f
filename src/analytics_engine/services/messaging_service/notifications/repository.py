from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from analytics_engine.kernel.ids import new_id
from analytics_engine.kernel.paging import PageRequest
from analytics_engine.kernel.ports.database import Connection, Row
from analytics_engine.kernel.queries import load_queries
from analytics_engine.services.messaging_service.notifications.kinds import ChannelKind
from analytics_engine.services.messaging_service.notifications.schemas import (
    Channel,
    ChannelSettings,
    NewNotification,
)
from analytics_engine.services.messaging_service.notifications.secrets import shown


@dataclass(frozen=True)
class StoredChannel:
    """A channel, and its secrets as they are stored."""

    channel: Channel
    secrets: Mapping[str, str]


class ChannelRepository:
    """Channels in PostgreSQL; every method works in the caller's transaction, which says whose client it is."""

    def __init__(self) -> None:
        self._sql = load_queries(__package__)

    async def page(
        self, connection: Connection, *, kind: ChannelKind | None, page: PageRequest
    ) -> tuple[list[Channel], int]:
        rows = await connection.fetch(self._sql["channels"], kind, page.limit, page.offset)
        total = await connection.fetch_value(self._sql["count_channels"], kind)
        return [_stored(row).channel for row in rows], total

    async def channel(self, connection: Connection, channel_id: UUID) -> StoredChannel | None:
        row = await connection.fetch_one(self._sql["channel"], channel_id)
        return _stored(row) if row else None

    async def of_names(self, connection: Connection, names: Sequence[str]) -> dict[str, Channel]:
        rows = await connection.fetch(self._sql["channels_of_names"], names)
        return {row["name"]: _stored(row).channel for row in rows}

    async def add(
        self, connection: Connection, settings: ChannelSettings, *, client_id: str, author: str
    ) -> Channel | None:
        """Return the new channel; None where the client has one of this name. Secrets are given as stored."""
        row = await connection.fetch_one(
            self._sql["add_channel"],
            new_id(),
            client_id,
            settings.name,
            settings.kind.value,
            settings.options,
            settings.secrets,
            settings.enabled,
            author,
        )
        return _stored(row).channel if row else None

    async def change(
        self, connection: Connection, channel_id: UUID, settings: ChannelSettings, *, expected: int
    ) -> Channel | None:
        """Return the changed channel; None where there is none at the expected version."""
        row = await connection.fetch_one(
            self._sql["change_channel"],
            channel_id,
            settings.name,
            settings.kind.value,
            settings.options,
            settings.secrets,
            settings.enabled,
            expected,
        )
        return _stored(row).channel if row else None

    async def delete(self, connection: Connection, channel_id: UUID, *, expected: int) -> bool:
        return await connection.fetch_value(self._sql["delete_channel"], channel_id, expected) is not None

    async def add_notification(
        self, connection: Connection, new: NewNotification, *, client_id: str, key: str | None, author: str
    ) -> UUID | None:
        """Return the id of a new notification; None where there is one of this key."""
        added: UUID | None = await connection.fetch_value(
            self._sql["add_notification"], new_id(), client_id, key, new.model_dump(mode="json"), author
        )
        return added

    async def notification_of(self, connection: Connection, key: str) -> tuple[UUID, dict[str, Any]] | None:
        """Return the notification that was sent under a key, and what it said."""
        row = await connection.fetch_one(self._sql["notification_of_key"], key)
        return (row["id"], row["content"]) if row else None

    async def deliveries_of(self, connection: Connection, notification_id: UUID, *, client_id: str) -> list[UUID]:
        rows = await connection.fetch(self._sql["deliveries_of"], client_id, str(notification_id))
        return [row["id"] for row in rows]


def _stored(row: Row) -> StoredChannel:
    return StoredChannel(Channel.model_validate({**row, "secrets": shown(row["secrets"])}), row["secrets"])
