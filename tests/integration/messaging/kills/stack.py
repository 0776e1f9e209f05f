"""PostgreSQL, Valkey, messaging_service and three consumers, each a process; links between them that can be cut."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import httpx
import redis.asyncio

from analytics_engine.contracts.services import Service
from analytics_engine.embedded.account import server_account
from analytics_engine.embedded.child import Child, Program
from analytics_engine.embedded.home import Home
from analytics_engine.embedded.ports import any_free_port
from analytics_engine.embedded.postgres import EmbeddedPostgres, PostgresOptions
from analytics_engine.embedded.valkey import EmbeddedValkey
from integration.messaging.kills.consumer import Orders
from support.databases import OwnDatabases
from support.killing import kill, pid_of, send
from support.network import Link
from support.services import SECRET_KEY, internal_headers
from support.waiting import eventually

_TESTS = Path(__file__).parents[3]
_WITHIN_S = 60.0
_EFFECTS = """
    CREATE TABLE public.effects (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, type text, client_id text, subject text, event_id text,
        n integer, consumer integer, handled_at timestamptz DEFAULT clock_timestamp()
    );
    GRANT USAGE ON SCHEMA public TO ae_calculation_engine_service;
    GRANT INSERT ON public.effects TO ae_calculation_engine_service
"""

_STATES = (
    """
    SELECT count(*) AS kept, count(*) FILTER (WHERE sent_at IS NULL) AS unsent, count(position) AS numbered,
           max(position) AS newest
    FROM messaging.outbox
    """,
    """
    SELECT application_name, state, wait_event, (now() - state_change)::text AS since, left(query, 80) AS query
    FROM pg_stat_activity
    WHERE application_name <> '' AND pid <> pg_backend_pid()
    """,
    """
    SELECT type, client_id, subject, min(o.position) AS first, count(*)
    FROM messaging.outbox AS o
    WHERE NOT EXISTS (SELECT FROM messaging.inbox AS i WHERE i.event_id = o.event_id)
    GROUP BY 1, 2, 3 ORDER BY 4 LIMIT 5
    """,
)


class Stack:
    """All that runs, in a folder of its own; everything is gone after ``stop``."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="ae-event-kills-"))
        self._folder.chmod(0o755)
        self._home = Home(self._folder / "home", account=server_account())
        self.postgres = EmbeddedPostgres(self._home, PostgresOptions(durable=True))
        self.postgres.start()
        self.valkey = EmbeddedValkey(self._home, durable=True)
        self.valkey.start()
        databases = OwnDatabases("kills", self.postgres, self._home.secrets / "roles")
        self.database = databases.new(migrated=True)
        self.to_postgres = Link(_port(self.database.owner_url))
        self.to_valkey = Link(_port(self.valkey.url()))
        self._port = any_free_port()
        self.relay = self._messaging_service()
        self.consumers = [self._consumer(name) for name in "abc"]

    async def start(self) -> None:
        """Return when messaging_service is healthy and the consumers run."""
        await self.to_postgres.start()
        await self.to_valkey.start()
        connection = await self.connect()
        await connection.execute(_EFFECTS)
        await connection.close()
        for child in (self.relay, *self.consumers):
            child.start()
        await eventually(self.healthy, within_s=_WITHIN_S)

    async def stop(self) -> None:
        await self.to_postgres.mend()
        await self.to_valkey.mend()
        for child in (*self.consumers, self.relay):
            await asyncio.to_thread(child.stop)
        await self.to_postgres.stop()
        await self.to_valkey.stop()
        self.valkey.stop()
        self.postgres.stop()
        self._home.delete_data()
        shutil.rmtree(self._folder)

    async def connect(self) -> asyncpg.Connection:
        return await asyncpg.connect(self.database.owner_url)

    async def kill(self, child: Child) -> None:
        """End a program with -9 and start it again."""
        kill(pid_of(child))
        await asyncio.to_thread(child.start)

    async def kill_valkey(self) -> None:
        kill(pid_of(self.valkey.child))
        await asyncio.to_thread(self.valkey.stop)  # its port is free when nothing of it is left
        await asyncio.to_thread(self.valkey.start)

    async def empty_valkey(self) -> None:
        async with redis.asyncio.Redis.from_url(self.valkey.url()) as server:
            await server.flushall()

    async def restart_postgres(self) -> None:
        await asyncio.to_thread(self.postgres.stop)
        await asyncio.to_thread(self.postgres.start)

    async def hold_up(self, child: Child, seconds: float) -> None:
        """Let a program do nothing for a while, and go on as if nothing had been."""
        pid = pid_of(child)
        send(pid, signal.SIGSTOP)
        await asyncio.sleep(seconds)
        send(pid, signal.SIGCONT)

    async def healthy(self) -> bool:
        async with self._client() as client:
            with suppress(httpx.HTTPError):
                return bool((await client.get("/health")).json()["status"] == "healthy")
        return False

    async def waiting(self) -> int:
        """Return how many events the streams' groups have before them, not given or not acknowledged."""
        async with self._client() as client:
            streams = (await client.get("/streams")).json()
        return sum(group["pending"] + group["lag"] for stream in streams for group in stream["groups"])

    async def account(self) -> list[str]:
        """Return what the streams, the outbox, the sessions of the database and the programs say."""
        async with self._client() as client:
            said = [f"{path}: {(await client.get(path)).text}" for path in ("/health", "/streams")]
        connection = await self.connect()
        for query in _STATES:
            said += [str(dict(row)) for row in await connection.fetch(query)]
        await connection.close()
        return [*said, *(f"{one.program.name}: {one.last_words(6)}" for one in (self.relay, *self.consumers))]

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{self._port}", headers=internal_headers(Service.MESSAGING), timeout=10
        )

    def _messaging_service(self) -> Child:
        name = Service.MESSAGING.value
        environment = {
            "DATABASE_URL": self._database_url(Service.MESSAGING),
            "REDIS_URL": self._redis_url(),
            "SECRET_KEY": SECRET_KEY,
            "AE_HOME": str(self._home.path),
        }
        return self._child(name, ["-m", "analytics_engine.cli", "serve", name, "--port", str(self._port)], environment)

    def _consumer(self, name: str) -> Child:
        orders = Orders(name, self._database_url(Service.CALCULATION), self._redis_url())
        command = ["-m", "integration.messaging.kills.consumer", json.dumps(asdict(orders))]
        return self._child(f"consumer-{name}", command, {"PYTHONPATH": str(_TESTS)})

    def _database_url(self, service: Service) -> str:
        return _through(self.database.service_url(service), self.to_postgres)

    def _redis_url(self) -> str:
        return _through(self.valkey.url(), self.to_valkey)

    def _child(self, name: str, arguments: list[str], environment: Mapping[str, str]) -> Child:
        return Child(
            Program(
                name=name,
                command=[sys.executable, "-P", *arguments],
                environment={"PATH": os.defpath, **environment},
                home=self._home,
                directory=self._folder,
            )
        )


def _port(url: str) -> int:
    port = urlsplit(url).port
    assert port is not None
    return port


def _through(url: str, link: Link) -> str:
    return url.replace(f":{_port(url)}/", f":{link.port}/")
