from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from analytics_engine.errors import Conflict, NotFound
from analytics_engine.kernel.ids import new_id
from analytics_engine.kernel.paging import Page, PageRequest
from analytics_engine.kernel.ports.database import Connection, Database
from analytics_engine.kernel.ports.sources import SecretStore
from analytics_engine.services.connector_service.kinds import SourceKind, check_secret_names, checked_options
from analytics_engine.services.connector_service.repository import ProfileRepository
from analytics_engine.services.connector_service.schemas import Profile, ProfileSettings


@dataclass
class ProfileService:
    """The profiles of a client's sources."""

    database: Database
    secrets: SecretStore
    repository: ProfileRepository = field(default_factory=ProfileRepository)

    async def profiles(self, *, client_id: str, kind: SourceKind | None, page: PageRequest) -> Page[Profile]:
        async with self.database.transaction(client_id=client_id, read_only=True) as connection:
            items, total = await self.repository.page(connection, kind=kind, page=page)
        return Page(items=items, total=total, limit=page.limit, offset=page.offset)

    async def profile(self, profile_id: UUID, *, client_id: str) -> Profile:
        async with self.database.transaction(client_id=client_id, read_only=True) as connection:
            return await self._present(connection, profile_id)

    async def create(self, settings: ProfileSettings, *, client_id: str, author: str) -> tuple[Profile, bool]:
        """Return the profile and whether it is new: the same settings again find the one there is.

        Raises:
            InvalidInput: options or secret references are not such as its kind has.
            Conflict: there is another profile of this name.
        """
        settings = self._checked(settings, client_id=client_id)
        async with self.database.transaction(client_id=client_id) as connection:
            profile = await self.repository.add(
                connection, settings, profile_id=new_id(), client_id=client_id, author=author
            )
            if profile is not None:
                return profile, True
            present = await self.repository.of_name(connection, settings.name)
        if present is None or _settings(present) != settings:
            raise _name_taken(settings.name)
        return present, False

    async def change(
        self, profile_id: UUID, settings: ProfileSettings, *, client_id: str, expected: int | None
    ) -> Profile:
        """Give a profile other settings and a new version; the same ones change nothing.

        Raises:
            NotFound: there is no such profile.
            InvalidInput: options or secret references are not such as its kind has.
            Conflict: it is not at the expected version, or another profile has the name.
        """
        settings = self._checked(settings, client_id=client_id)
        async with self.database.transaction(client_id=client_id) as connection:
            present = await self._present(connection, profile_id)
            _check_version(present, expected)
            if _settings(present) == settings:
                return present
            other = await self.repository.of_name(connection, settings.name)
            if other is not None and other.id != present.id:
                raise _name_taken(settings.name)
            changed = await self.repository.change(connection, profile_id, settings, expected=present.version)
        if changed is None:
            raise Conflict("Another change came in between.", remedy="Read the profile again and redo your change.")
        return changed

    async def delete(self, profile_id: UUID, *, client_id: str, expected: int | None) -> None:
        """Delete a profile.

        Raises:
            NotFound: there is no such profile.
            Conflict: it is not at the expected version.
        """
        async with self.database.transaction(client_id=client_id) as connection:
            present = await self._present(connection, profile_id)
            _check_version(present, expected)
            if not await self.repository.delete(connection, profile_id, expected=present.version):
                raise Conflict("Another change came in between.", remedy="Read the profile again, then decide.")

    async def _present(self, connection: Connection, profile_id: UUID) -> Profile:
        profile = await self.repository.profile(connection, profile_id)
        if profile is None:
            raise NotFound(f"There is no profile {profile_id}.", remedy="List those there are at /profiles.")
        return profile

    def _checked(self, settings: ProfileSettings, *, client_id: str) -> ProfileSettings:
        options = checked_options(settings.kind, settings.options)
        check_secret_names(settings.kind, settings.secret_refs)
        for reference in settings.secret_refs.values():
            self.secrets.check(reference, client_id=client_id)
        return settings.model_copy(update={"options": options})


def _settings(profile: Profile) -> ProfileSettings:
    return ProfileSettings(
        name=profile.name, kind=profile.kind, options=profile.options, secret_refs=profile.secret_refs
    )


def _check_version(present: Profile, expected: int | None) -> None:
    if expected is not None and expected != present.version:
        raise Conflict(
            f"The profile {present.name!r} is at version {present.version}; "
            f"your change was made to version {expected}.",
            remedy="Read it again, redo your change on what you find, and send its ETag in If-Match.",
            present_version=present.version,
        )


def _name_taken(name: str) -> Conflict:
    return Conflict(
        f"There is a profile {name!r} already, and it is another one.", remedy="Change that one, or take another name."
    )
