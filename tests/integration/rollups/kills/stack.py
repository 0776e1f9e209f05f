"""PostgreSQL as it is in production, two services and a client, each a process that may be killed and comes back."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from random import Random

import asyncpg
import httpx
import psutil

from analytics_engine.contracts.services import Service
from analytics_engine.embedded.account import server_account
from analytics_engine.embedded.child import Child, Program
from analytics_engine.embedded.home import Home
from analytics_engine.embedded.ports import any_free_port
from analytics_engine.embedded.postgres import EmbeddedPostgres, PostgresOptions
from integration.rollups.kills.client import Orders
from integration.rollups.kills.ledger import Ledger
from support.databases import OwnDatabases, TestDatabase
from support.killing import kill, pid_of
from support.services import SECRET_KEY, internal_headers
from support.waiting import eventually, wait_until

_TESTS = Path(__file__).parents[3]
_CATALOG = Path(__file__).parent / "catalog"
_WITHIN_S = 60.0


class Stack:
    """All that runs, in a folder of its own; everything is gone after ``stop``."""

    def __init__(self, redis_url: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ae-kills-"))
        self.folder.chmod(0o755)
        self._home = Home(self.folder / "home", account=server_account())
        self.postgres = EmbeddedPostgres(self._home, PostgresOptions(durable=True))
        self.postgres.start()
        databases = OwnDatabases("kills", self.postgres, self._home.secrets / "roles")
        self.database: TestDatabase = databases.new(migrated=True)
        self._ports = {Service.METADATA: any_free_port(), Service.DATABASE: any_free_port()}
        self._nobody = any_free_port()
        self._redis_url = redis_url
        self.metadata = self._service(Service.METADATA)
        self.service = self._service(Service.DATABASE)
        self._client: Child | None = None

    async def start(self) -> None:
        """Return when both services answer and the rollups are made."""
        self.metadata.start()
        wait_until(lambda: self._answers(Service.METADATA), within_s=_WITHIN_S)
        await self.bring_up()
        wait_until(self._rollups_are_ready, within_s=_WITHIN_S)

    async def bring_up(self) -> None:
        """Start what does not run, and return when PostgreSQL and the service answer."""
        if not self.postgres.child.running:
            self.postgres.start()
        await eventually(self._connects, within_s=_WITHIN_S)
        if not self.service.running:
            self.service.start()
        wait_until(lambda: self._answers(Service.DATABASE), within_s=_WITHIN_S)

    def stop(self) -> None:
        for child in (self._client, self.service, self.metadata):
            if child is not None:
                child.stop()
        self.postgres.stop()
        self._home.delete_data()
        shutil.rmtree(self.folder)

    def ledger(self, client_id: str) -> Ledger:
        return Ledger(self.folder / f"{client_id}.ledger")

    def start_client(self, client_id: str, seed: int, *, finish: bool) -> Child:
        """Start the client, whose last run is over; its ledger says where it was."""
        if self._client is not None:
            self._client.stop()
        orders = Orders(
            port=self._ports[Service.DATABASE],
            secret_key=SECRET_KEY,
            client_id=client_id,
            seed=seed,
            ledger=str(self.folder / f"{client_id}.ledger"),
            finish=finish,
        )
        command = ["-P", "-m", "integration.rollups.kills.client", json.dumps(asdict(orders))]
        self._client = self._child("client", command, {"PYTHONPATH": str(_TESTS)})
        self._client.start()
        return self._client

    def unforeseen(self) -> list[str]:
        """Return what the service logged of errors that nobody foresaw."""
        text = self.service.program.log.read_text(encoding="utf-8", errors="replace")
        return [line for line in text.splitlines() if "unexpected" in line or "Traceback" in line]

    @property
    def client(self) -> Child:
        assert self._client is not None
        return self._client

    async def connect(self) -> asyncpg.Connection:
        return await asyncpg.connect(self.database.owner_url)

    def kill_postgres(self) -> None:
        """End all processes of PostgreSQL at once, the postmaster first, lest it see the others end."""
        postmaster = self.postmaster()
        processes = [postmaster, *postmaster.children()]
        for process in processes:
            kill(process.pid)

    def kill_postmaster(self) -> None:
        """End the postmaster alone; the others notice by themselves."""
        kill(self.postmaster().pid)

    def kill_one_of_postgres(self, random: Random) -> None:
        """End one of PostgreSQL's processes, whichever it is, but none that may be about to end by itself."""
        kill(random.choice([one for one in self.postmaster().children() if _lasts(one)]).pid)

    def kill_process(self, pid: int) -> None:
        """End one of PostgreSQL's processes."""
        assert pid in {process.pid for process in self.postmaster().children()}
        kill(pid)

    def kill(self, child: Child) -> None:
        kill(pid_of(child))

    def postmaster(self) -> psutil.Process:
        return psutil.Process(pid_of(self.postgres.child))

    async def _connects(self) -> bool:
        with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await (await self.connect()).close()
            return True
        return False

    def _answers(self, service: Service) -> bool:
        with suppress(httpx.HTTPError):
            report = httpx.get(f"http://127.0.0.1:{self._ports[service]}/health", timeout=5).json()
            return bool(report["dependencies"]["database"]["status"] == "healthy")
        return False

    def _rollups_are_ready(self) -> bool:
        url = f"http://127.0.0.1:{self._ports[Service.DATABASE]}/rollups"
        states = httpx.get(url, headers=internal_headers(Service.DATABASE), timeout=5).json()
        return len(states) == _CATALOG.joinpath("shop.yaml").read_text().count("object_model:") and all(
            state["status"] == "ready" for state in states
        )

    def _service(self, service: Service) -> Child:
        port = str(self._ports[service])
        environment = {
            "DATABASE_URL": self.database.service_url(service),
            "REDIS_URL": self._redis_url,
            "SECRET_KEY": SECRET_KEY,
            "AE_HOME": str(self._home.path),
            "AE_CATALOG_DIR": str(_CATALOG),
            "BUSINESS_METADATA_URL": f"http://127.0.0.1:{self._ports[Service.METADATA]}",
            "DEMO_CONFIG_SERVICE_URL": f"http://127.0.0.1:{self._nobody}",
        }
        return self._child(
            service.value, ["-P", "-m", "analytics_engine.cli", "serve", service.value, "--port", port], environment
        )

    def _child(self, name: str, arguments: list[str], environment: Mapping[str, str]) -> Child:
        return Child(
            Program(
                name=name,
                command=[sys.executable, *arguments],
                environment={"PATH": os.defpath, **environment},
                home=self._home,
                directory=self.folder,
            )
        )


def _lasts(process: psutil.Process) -> bool:
    """Return whether a process of PostgreSQL is not about to end by itself, and has not ended already."""
    with suppress(psutil.NoSuchProcess):
        return "autovacuum worker" not in " ".join(process.cmdline())
    return False
