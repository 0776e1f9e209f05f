from __future__ import annotations

from uuid import UUID

from analytics_engine.kernel.paging import PageRequest
from analytics_engine.kernel.ports.database import Connection, Row
from analytics_engine.kernel.queries import load_queries
from analytics_engine.services.connector_service.kinds import SourceKind
from analytics_engine.services.connector_service.schemas import Profile, ProfileSettings


class ProfileRepository:
    """Profiles in PostgreSQL; every method works in the caller's transaction, which says whose client it is."""

    def __init__(self) -> None:
        self._sql = load_queries(__package__)

    async def page(
        self, connection: Connection, *, kind: SourceKind | None, page: PageRequest
    ) -> tuple[list[Profile], int]:
        rows = await connection.fetch(self._sql["profiles"], kind, page.limit, page.offset)
        return [_profile(row) for row in rows], await connection.fetch_value(self._sql["count_profiles"], kind)

    async def profile(self, connection: Connection, profile_id: UUID) -> Profile | None:
        row = await connection.fetch_one(self._sql["profile"], profile_id)
        return _profile(row) if row else None

    async def of_name(self, connection: Connection, name: str) -> Profile | None:
        row = await connection.fetch_one(self._sql["profile_of_name"], name)
        return _profile(row) if row else None

    async def add(
        self, connection: Connection, settings: ProfileSettings, *, profile_id: str, client_id: str, author: str
    ) -> Profile | None:
        """Return the new profile; None where the client has one of this name."""
        row = await connection.fetch_one(
            self._sql["add_profile"],
            profile_id,
            client_id,
            settings.name,
            settings.kind.value,
            settings.options,
            settings.secret_refs,
            author,
        )
        return _profile(row) if row else None

    async def change(
        self, connection: Connection, profile_id: UUID, settings: ProfileSettings, *, expected: int | None
    ) -> Profile | None:
        """Return the changed profile; None where there is none at the expected version.

        Raises:
            Conflict: another one has the name.
        """
        row = await connection.fetch_one(
            self._sql["change_profile"],
            profile_id,
            settings.name,
            settings.kind.value,
            settings.options,
            settings.secret_refs,
            expected,
        )
        return _profile(row) if row else None

    async def delete(self, connection: Connection, profile_id: UUID, *, expected: int | None) -> bool:
        return await connection.fetch_value(self._sql["delete_profile"], profile_id, expected) is not None


def _profile(row: Row) -> Profile:
    return Profile(**{**row, "id": str(row["id"])})
