"""How a service ends: whoever holds a connection may still use it, and is told to let go of it."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from fastapi import APIRouter, FastAPI

from analytics_engine.bootstrap.server import Server
from analytics_engine.errors import DependencyUnavailable
from analytics_engine.kernel.activation import ServiceManager, inherited_sockets, listen
from analytics_engine.kernel.health import Check, HealthBoard, Status
from analytics_engine.kernel.http.app import ServiceParts, create_app
from analytics_engine.kernel.telemetry import Telemetry
from support.waiting import eventually

router = APIRouter()
begun = asyncio.Event()
finish = asyncio.Event()


@router.get("/slow")
async def slow() -> str:
    begun.set()
    await finish.wait()
    return "done"


class Database:
    """It may be away."""

    is_away = False

    async def ping(self) -> None:
        if self.is_away:
            raise DependencyUnavailable("The database is away.")


@dataclass
class Running:
    app: FastAPI
    server: Server
    port: int
    task: asyncio.Task[None]
    database: Database
    connections: list[Connection] = field(default_factory=list)

    async def connect(self) -> Connection:
        one = Connection(*await asyncio.open_connection("127.0.0.1", self.port))
        self.connections.append(one)
        return one

    async def end(self) -> None:
        """Return when it has ended, in a hurry, and let go of all connections."""
        self.server.handle_exit(signal.SIGINT, None)
        await self.task
        for one in self.connections:
            one.writer.close()
            with suppress(OSError):
                await one.writer.wait_closed()


@dataclass
class Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, path: str) -> None:
        self.writer.write(f"GET {path} HTTP/1.1\r\nhost: x\r\n\r\n".encode())
        await self.writer.drain()

    async def receive(self) -> tuple[int, Mapping[str, str], bytes]:
        first, *lines = (await self.reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        return int(first.split()[1]), headers, await self.reader.readexactly(int(headers["content-length"]))

    async def ask(self, path: str) -> tuple[int, Mapping[str, str], bytes]:
        await self.send(path)
        return await self.receive()

    async def is_closed(self) -> bool:
        return await self.reader.read() == b""


def _app(database: Database) -> FastAPI:
    telemetry = Telemetry("tiny")
    checks = [Check("database", database, without_it=Status.UNHEALTHY)]
    return create_app(
        ServiceParts(
            name="tiny",
            title="Tiny",
            description="",
            version="1",
            routers=[router],
            health=HealthBoard(version="1", checks=checks, telemetry=telemetry),
            telemetry=telemetry,
        )
    )


def _started(*, closing_s: float = 0.0, database: Database | None = None) -> Running:
    database = database or Database()
    app = _app(database)
    listener = listen("127.0.0.1", 0)
    server = Server(app, ServiceManager(), closing_s=closing_s)
    port = listener.getsockname()[1]
    return Running(app, server, port, asyncio.create_task(server.serve(sockets=[listener])), database)


@pytest.fixture
async def running() -> AsyncIterator[Running]:
    begun.clear()
    finish.clear()
    one = _started()
    await eventually(lambda: _true(one.server.started))
    yield one
    await one.end()


async def _true(value: object) -> bool:
    return bool(value)


async def test_a_kept_connection_is_answered_once_more_and_then_let_go(running: Running) -> None:
    """A request that meets the end of the service on its way is no failure."""
    kept = await running.connect()
    status, headers, _ = await kept.ask("/live")
    assert status == 200
    assert "connection" not in headers
    running.server.handle_exit(signal.SIGTERM, None)
    await running.app.state.closing.wait()
    status, headers, _ = await kept.ask("/live")
    assert (status, headers["connection"]) == (200, "close")
    assert await kept.is_closed()
    await running.task


async def test_a_request_under_way_is_finished(running: Running) -> None:
    """Whoever asked before the end is answered, and new connections go to somebody else."""
    connection = await running.connect()
    await connection.send("/slow")
    await begun.wait()
    running.server.handle_exit(signal.SIGTERM, None)
    await running.app.state.closing.wait()
    with pytest.raises(ConnectionRefusedError):
        await eventually(lambda: _connects(running))
    finish.set()
    assert (await connection.receive())[2] == b'"done"'
    await running.task


async def _connects(running: Running) -> bool:
    """Return False for as long as connections are taken."""
    await running.connect()
    return False


async def test_a_service_that_closes_is_not_ready(running: Running) -> None:
    """It works, and says that nothing more should be sent to it."""
    kept = await running.connect()
    assert (await kept.ask("/ready"))[0] == 200
    running.server.handle_exit(signal.SIGTERM, None)
    await running.app.state.closing.wait()
    status, _, body = await kept.ask("/ready")
    assert status == 503
    assert b"The service is closing: it was told to stop." in body
    await running.task


async def test_connections_are_taken_for_a_while_where_somebody_needs_time_to_notice() -> None:
    """A load balancer learns from /ready, on a connection of its own, that it should go elsewhere."""
    one = _started(closing_s=60.0)
    await eventually(lambda: _true(one.server.started))
    one.server.handle_exit(signal.SIGTERM, None)
    await one.app.state.closing.wait()
    assert (await (await one.connect()).ask("/ready"))[0] == 503
    await one.end()


async def test_a_successor_takes_no_connection_before_it_is_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its manager is told what it lacks, and then that it is ready; what came meanwhile waited."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(str(tmp_path / "notify"))
        ear.settimeout(0)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        database = Database()
        database.is_away = True
        one = _started(database=database)
        loop = asyncio.get_running_loop()
        assert await loop.sock_recv(ear, 4096) == b"STATUS=The database is away."
        early = await one.connect()
        await early.send("/live")
        assert not one.server.started
        database.is_away = False
        assert (await early.receive())[0] == 200
        assert await loop.sock_recv(ear, 4096) == b"READY=1\nSTATUS=ready"
        await one.end()


def test_sockets_that_were_handed_to_another_process_are_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a child inherits from us names us, and it is told nothing of them."""
    for name, value in (("LISTEN_PID", str(os.getpid() + 1)), ("LISTEN_FDS", "2"), ("LISTEN_FDNAMES", "a:b")):
        monkeypatch.setenv(name, value)
    assert inherited_sockets() == []
    assert not [name for name in os.environ if name.startswith("LISTEN_")]
