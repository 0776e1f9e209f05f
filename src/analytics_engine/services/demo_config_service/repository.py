from __future__ import annotations

import json
from datetime import datetime

from analytics_engine.contracts.clients import SYSTEM_CLIENTS, ClientProfile
from analytics_engine.kernel.ports.database import Connection, Row
from analytics_engine.kernel.queries import load_queries
from analytics_engine.services.demo_config_service.schemas import LoadStatus, PastProfile, SampleLoad


class ClientRepository:
    """Clients in PostgreSQL; every method works in the caller's transaction."""

    def __init__(self) -> None:
        self._sql = load_queries(__package__)

    async def lock(self, connection: Connection, client_id: str) -> None:
        """Wait until no other transaction changes this client, and keep it so until this one ends."""
        await connection.execute(self._sql["lock_client"], client_id)

    async def client(self, connection: Connection, client_id: str) -> ClientProfile | None:
        row = await connection.fetch_one(self._sql["client"], client_id)
        return _profile(row) if row else None

    async def clients(
        self, connection: Connection, *, only: str | None, limit: int, offset: int
    ) -> tuple[list[ClientProfile], int]:
        rows = await connection.fetch(self._sql["clients"], only, limit, offset, [*SYSTEM_CLIENTS])
        return [_profile(row) for row in rows], rows[0]["total"] if rows else 0

    async def history(self, connection: Connection, client_id: str) -> list[PastProfile]:
        rows = await connection.fetch(self._sql["client_history"], client_id)
        return [PastProfile(profile=_profile(row), author=row["author"], created_at=row["created_at"]) for row in rows]

    async def add(self, connection: Connection, profile: ClientProfile, *, author: str, now: datetime) -> None:
        body = profile.model_dump_json(exclude={"version"})
        identity = (profile.client_id, profile.version)
        await connection.execute(self._sql["add_client_version"], *identity, body, author, now)
        await connection.execute(self._sql["make_client_present"], *identity)


class LoadRepository:
    """Loads of samples in PostgreSQL; the table is the queue, so that a restart goes on where it stopped."""

    def __init__(self) -> None:
        self._sql = load_queries(__package__)

    async def request(self, connection: Connection, load: SampleLoad, *, requested_by: str) -> SampleLoad:
        """Return the load that was queued, or the one of this sample that is queued or running already."""
        arguments = (load.load_id, load.sample, load.client_id, requested_by)
        await connection.execute(self._sql["request_load"], *arguments)
        row = await connection.fetch_one(self._sql["active_load"], load.sample)
        assert row is not None
        return _load(row)

    async def load(self, connection: Connection, load_id: str) -> SampleLoad | None:
        row = await connection.fetch_one(self._sql["load"], load_id)
        return _load(row) if row else None

    async def latest(self, connection: Connection) -> dict[str, SampleLoad]:
        rows = await connection.fetch(self._sql["latest_loads"])
        return {row["sample"]: _load(row) for row in rows}

    async def claim(self, connection: Connection, *, lease_s: float) -> SampleLoad | None:
        """Return the next load to work on, now ours for as long as the lease is renewed; None when there is none."""
        row = await connection.fetch_one(self._sql["claim_load"], lease_s)
        return _load(row) if row else None

    async def renew(self, connection: Connection, load_id: str, *, lease_s: float) -> None:
        await connection.execute(self._sql["renew_lease"], load_id, lease_s)

    async def give_back(self, connection: Connection, load_id: str) -> None:
        await connection.execute(self._sql["give_back_load"], load_id)

    async def note(self, connection: Connection, load: SampleLoad) -> None:
        rows = json.dumps(load.rows)
        await connection.execute(self._sql["note_progress"], load.load_id, load.progress, load.step, load.detail, rows)

    async def finish(
        self, connection: Connection, load_id: str, status: LoadStatus, *, detail: str, remedy: str = ""
    ) -> None:
        await connection.execute(self._sql["finish_load"], load_id, status.value, detail, remedy)


def _profile(row: Row) -> ClientProfile:
    return ClientProfile.model_validate({**json.loads(row["profile"]), "version": row["version"]})


def _load(row: Row) -> SampleLoad:
    return SampleLoad(
        load_id=str(row["load_id"]),
        sample=row["sample"],
        client_id=row["client_id"],
        status=LoadStatus(row["status"]),
        progress=row["progress"],
        step=row["step"],
        detail=row["detail"],
        remedy=row["remedy"],
        rows=json.loads(row["rows_text"]),
        requested_at=row["requested_at"],
        finished_at=row["finished_at"],
    )
