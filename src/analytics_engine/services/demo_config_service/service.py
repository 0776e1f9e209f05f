from __future__ import annotations

from dataclasses import dataclass, field

from analytics_engine.contracts.clients import ClientProfile, ClientSettings
from analytics_engine.contracts.events import ClientChanged, EventType
from analytics_engine.contracts.services import Service
from analytics_engine.errors import Conflict, NotFound
from analytics_engine.kernel.clock import Clock
from analytics_engine.kernel.http.request_id import current_request_id
from analytics_engine.kernel.paging import Page, PageRequest
from analytics_engine.kernel.ports.database import Connection, Database
from analytics_engine.kernel.ports.events import Event
from analytics_engine.kernel.ports.outbox import Outbox
from analytics_engine.kernel.security.principal import Principal, Role
from analytics_engine.services.demo_config_service.repository import ClientRepository
from analytics_engine.services.demo_config_service.schemas import PastProfile


@dataclass
class ClientService:
    """The register of clients; every change is a new version and an event, in one transaction."""

    database: Database
    outbox: Outbox
    clock: Clock
    repository: ClientRepository = field(default_factory=ClientRepository)

    async def client(self, client_id: str) -> ClientProfile:
        """Return a client.

        Raises:
            NotFound: there is no such client.
        """
        async with self.database.transaction(read_only=True) as connection:
            profile = await self.repository.client(connection, client_id)
        if profile is None:
            raise unknown_client(client_id)
        return profile

    async def clients(self, *, only: str | None, page: PageRequest) -> Page[ClientProfile]:
        async with self.database.transaction(read_only=True) as connection:
            items, total = await self.repository.clients(connection, only=only, limit=page.limit, offset=page.offset)
        return Page(items=items, total=total, limit=page.limit, offset=page.offset)

    async def history(self, client_id: str) -> list[PastProfile]:
        async with self.database.transaction(read_only=True) as connection:
            history = await self.repository.history(connection, client_id)
        if not history:
            raise unknown_client(client_id)
        return history

    async def create(self, settings: ClientSettings, *, author: str) -> ClientProfile:
        """Register a client.

        Raises:
            Conflict: there is one of this id.
        """
        async with self.database.transaction() as connection:
            await self.repository.lock(connection, settings.client_id)
            if await self.repository.client(connection, settings.client_id) is not None:
                raise Conflict(
                    f"There is a client {settings.client_id!r} already.",
                    remedy=f"Change it with PUT /clients/{settings.client_id}, or take another id.",
                )
            return await self._keep(connection, settings, version=1, author=author)

    async def change(self, settings: ClientSettings, *, author: str, expected: int | None = None) -> ClientProfile:
        """Give a client other settings; the same ones make no new version.

        Raises:
            NotFound: there is no such client.
            Conflict: it is not at the expected version.
        """
        async with self.database.transaction() as connection:
            await self.repository.lock(connection, settings.client_id)
            present = await self.repository.client(connection, settings.client_id)
            if present is None:
                raise unknown_client(settings.client_id)
            if expected is not None and expected != present.version:
                raise Conflict(
                    f"The client {present.client_id} is at version {present.version}; "
                    f"your change was made to version {expected}.",
                    remedy="Read it again, redo your change on what you find, and send its ETag in If-Match.",
                    present_version=present.version,
                )
            if _profile(settings, present.version) == present:
                return present
            return await self._keep(connection, settings, version=present.version + 1, author=author)

    async def ensure(self, settings: ClientSettings, *, author: str) -> ClientProfile:
        """Return the client of this id, registered with these settings if there was none."""
        async with self.database.transaction() as connection:
            await self.repository.lock(connection, settings.client_id)
            present = await self.repository.client(connection, settings.client_id)
            return present or await self._keep(connection, settings, version=1, author=author)

    async def _keep(
        self, connection: Connection, settings: ClientSettings, *, version: int, author: str
    ) -> ClientProfile:
        profile = _profile(settings, version)
        await self.repository.add(connection, profile, author=author, now=self.clock.now())
        await self.outbox.add(
            connection,
            Event(
                type=EventType.CLIENT_CHANGED.value,
                source=Service.DEMO_CONFIG.value,
                time=self.clock.now(),
                subject=profile.client_id,
                clientid=profile.client_id,
                correlationid=current_request_id(),
                data=ClientChanged(version=version).model_dump(mode="json"),
            ),
        )
        return profile


def may_see_all(principal: Principal) -> bool:
    return principal.role in {Role.ADMIN, Role.SERVICE}


def unknown_client(client_id: str) -> NotFound:
    return NotFound(
        f"There is no client {client_id!r}.", remedy="List those you may see at /clients.", client_id=client_id
    )


def _profile(settings: ClientSettings, version: int) -> ClientProfile:
    return ClientProfile.model_validate({**settings.model_dump(exclude={"version"}), "version": version})
