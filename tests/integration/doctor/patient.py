"""A running product that is made ill, and what the doctor says of it."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import psutil
import pytest
from redis.asyncio import Redis

from analytics_engine.contracts.services import Service
from analytics_engine.doctor.diagnosis import Diagnosis, diagnose
from support.system import SystemUnderTest

MOST_S = 10.0
_SETTINGS = frozenset({"SECRET_KEY", "API_KEY", "ENVIRONMENT", "LOG_LEVEL"})


@dataclass
class Patient:
    """The system, and ways to make it ill."""

    system: SystemUnderTest
    monkeypatch: pytest.MonkeyPatch
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        return self.system.home

    async def diagnosis(self) -> Diagnosis:
        """Ask the doctor, as the command does in the system's environment; its own clock says that it was quick."""
        for name in list(os.environ):
            if name.startswith(("AE_", "PG")) or name.endswith("_URL") or name in _SETTINGS:
                self.monkeypatch.delenv(name)
        own = {"AE_HOME": str(self.home), "AE_PORT_OFFSET": str(self.system.offset)} | self.extra
        for name, value in own.items():
            self.monkeypatch.setenv(name, value)
        self.monkeypatch.chdir(self.system.folder)
        diagnosis = await diagnose()
        assert diagnosis.took_s < MOST_S
        return diagnosis

    @asynccontextmanager
    async def owner(self, database: str = "") -> AsyncIterator[asyncpg.Connection]:
        url = self.system.owner_url
        connection = await asyncpg.connect(url.rpartition("/")[0] + f"/{database}" if database else url)
        try:
            yield connection
        finally:
            connection.terminate()

    async def sql(self, text: str) -> None:
        """Run statements, each for itself, as a person would in psql."""
        async with self.owner() as connection:
            for statement in filter(None, map(str.strip, text.split(";"))):
                with suppress(asyncpg.AdminShutdownError):
                    await connection.execute(statement)

    @asynccontextmanager
    async def redis(self) -> AsyncIterator[Redis]:
        password = (self.home / "secrets" / "valkey.password").read_text().strip()
        port = int((self.home / "run" / "valkey.port").read_text())
        client = Redis(port=port, password=password, protocol=2, decode_responses=True)
        try:
            yield client
        finally:
            await client.aclose()

    async def in_redis(self, commands: str) -> None:
        async with self.redis() as client:
            for command in commands.split(";"):
                await client.execute_command(*command.split())

    def shell(self, command: str) -> None:
        """Run what a finding says, as a person would type it in the system's environment."""
        environment = self.system.environment()
        environment["PATH"] = f"{Path(self.system.command()[0]).parent}:{environment['PATH']}"
        done = subprocess.run(
            command,
            shell=True,
            check=False,
            env=environment,
            cwd=self.system.folder,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr

    def pid(self, program: str) -> int:
        return int((self.home / "run" / f"{program}.lock").read_text())

    def lives(self, program: str) -> bool:
        try:
            return psutil.Process(self.pid(program)).status() != psutil.STATUS_ZOMBIE
        except (psutil.Error, ValueError, OSError):
            return False

    @contextmanager
    def suspended(self, pid: int) -> Iterator[None]:
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

    def secrets(self) -> list[str]:
        files = [file for file in (self.home / "secrets").rglob("*") if file.is_file()]
        return [text for file in files if len(text := file.read_text(errors="replace").strip()) > 8]

    def url(self, service: Service) -> str:
        return self.system.url(service)


Seed = Callable[[Patient], AsyncIterator[None]]


@contextmanager
def black_hole() -> Iterator[int]:
    """Yield a port that takes connections and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        yield listener.getsockname()[1]


@asynccontextmanager
async def answering(answer: Callable[[str], bytes], **options: object) -> AsyncIterator[int]:
    """Yield the port of a small web server that answers every path so."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            body = answer(head.split()[1])
            writer.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
                + f"Content-Length: {len(body)}\r\n\r\n".encode()
                + body
            )
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, **options)  # type: ignore[arg-type]
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


Mend = Callable[[Patient, str], Awaitable[None]]


async def by_sql(patient: Patient, fix: str) -> None:
    """Run the fix in the database, as its owner."""
    await patient.sql(fix)


async def by_shell(patient: Patient, fix: str) -> None:
    """Type the fix into a shell."""
    await asyncio.to_thread(patient.shell, fix)


async def by_redis(patient: Patient, fix: str) -> None:
    """Give Redis the commands of the fix; what follows a comma is for its configuration file."""
    await patient.in_redis(fix.partition(",")[0])


async def by_last_statement(patient: Patient, fix: str) -> None:
    """Run in the database what the fix says last, after its colon."""
    await patient.sql(fix.rpartition(": ")[2])


async def by_first_statement(patient: Patient, fix: str) -> None:
    """Run in the database what the fix says before what is to follow."""
    await patient.sql(fix.partition(", then")[0])


async def by_last_command(patient: Patient, fix: str) -> None:
    """Give Redis what the fix says last, after its colon."""
    await patient.in_redis(fix.rpartition(": ")[2])
