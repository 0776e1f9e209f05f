from __future__ import annotations

import os
import signal

import asyncpg
import psutil
import pytest
import redis

from analytics_engine.embedded.home import Home
from analytics_engine.embedded.launcher import RotatingLog
from analytics_engine.embedded.postgres import EmbeddedPostgres, PostgresOptions
from analytics_engine.embedded.valkey import EmbeddedValkey
from support.servers import TestServers
from support.waiting import wait_until


@pytest.fixture
def home() -> object:
    own = TestServers()
    yield own.home
    own.stop()


def postmaster(postgres: EmbeddedPostgres) -> psutil.Process:
    return server_process(postgres.child.launcher_pid)


def server_process(launcher_pid: int | None) -> psutil.Process:
    (process,) = psutil.Process(launcher_pid).children()
    return process


def gone(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


async def test_postgresql_wants_the_password(postgres_server: EmbeddedPostgres) -> None:
    """Whoever does not know the generated password is refused, on the loopback too."""
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(postgres_server.url(password="a-guess"))


def test_valkey_wants_the_password(valkey_server: EmbeddedValkey) -> None:
    """Whoever does not know the generated password is refused."""
    stranger = redis.Redis.from_url(valkey_server.url().replace("://:", "://:not-"))
    with stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()


def test_postgresql_is_set_up_as_the_product_needs_it(postgres_server: EmbeddedPostgres) -> None:
    """UTF-8, checksums, statement statistics, UTC, and nothing but the loopback is listened on."""
    setting = {
        name: postgres_server.sql(f"SHOW {name}")
        for name in ("server_encoding", "data_checksums", "shared_preload_libraries", "timezone", "listen_addresses")
    }
    assert setting == {
        "server_encoding": "UTF8",
        "data_checksums": "on",
        "shared_preload_libraries": "pg_stat_statements",
        "timezone": "UTC",
        "listen_addresses": "127.0.0.1",
    }


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the servers to another account")
def test_root_hands_the_servers_to_another_account(
    postgres_server: EmbeddedPostgres, valkey_server: EmbeddedValkey
) -> None:
    """Started by root, neither PostgreSQL nor Valkey has root's rights."""
    for child in (postgres_server.child, valkey_server.child):
        assert 0 not in server_process(child.launcher_pid).uids()


def test_postgresql_keeps_what_was_committed_when_it_is_killed(home: Home) -> None:
    """After kill -9 of PostgreSQL the next start finds the rows, at the same address."""
    postgres = EmbeddedPostgres(home)
    postgres.start()
    url = postgres.url()
    postgres.sql("CREATE TABLE kept AS SELECT 42 AS answer", database="analytics_engine")
    postmaster(postgres).kill()
    wait_until(lambda: not postgres.child.running)
    postgres.start()
    assert postgres.sql("SELECT answer FROM kept", database="analytics_engine") == "42"
    assert postgres.url() == url
    postgres.stop()


def test_valkey_keeps_what_was_written_when_it_is_killed(home: Home) -> None:
    """After kill -9 of Valkey the next start finds the keys that had reached the disk."""
    valkey = EmbeddedValkey(home)
    valkey.start()
    with redis.Redis.from_url(valkey.url()) as client:
        client.set("kept", "yes")
        assert client.execute_command("WAITAOF", 1, 0, 5000)[0] == 1
    server_process(valkey.child.launcher_pid).kill()
    wait_until(lambda: not valkey.child.running)
    valkey.start()
    with redis.Redis.from_url(valkey.url(), decode_responses=True) as client:
        assert client.get("kept") == "yes"
    valkey.stop()


def test_a_process_id_left_by_a_dead_server_stops_nothing(home: Home) -> None:
    """A postmaster.pid whose process id now belongs to somebody else does not keep PostgreSQL from starting."""
    postgres = EmbeddedPostgres(home, PostgresOptions(durable=False))
    postgres.start()
    pid_file = home.server("postgres") / "data" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    postgres.stop()
    bystander = next(p.pid for p in psutil.process_iter() if p.pid not in (1, os.getpid()))
    pid_file.write_text("\n".join([str(bystander), *lines[1:]]) + "\n")
    postgres.start()
    assert postgres.sql("SELECT 1") == "1"
    postgres.stop()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs POSIX signals")
def test_a_server_ends_when_its_launcher_is_killed(home: Home) -> None:
    """kill -9 of the launcher between us and the server leaves no server behind, and the next start works."""
    postgres = EmbeddedPostgres(home, PostgresOptions(durable=False))
    postgres.start()
    server = postmaster(postgres)
    os.kill(postgres.child.launcher_pid or 0, signal.SIGKILL)
    wait_until(lambda: gone(server))
    postgres.start()
    assert postgres.sql("SELECT 1") == "1"
    postgres.stop()


def test_a_server_moves_when_its_port_is_taken(home: Home) -> None:
    """Somebody else's server on the remembered port is left alone: ours takes another port and remembers that."""
    import socket

    valkey = EmbeddedValkey(home, durable=False)
    valkey.start()
    taken = int((home.run / "valkey.port").read_text())
    valkey.stop()
    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stranger.bind(("127.0.0.1", taken))
        stranger.listen()
        valkey.start()
    assert valkey.ready()
    assert int((home.run / "valkey.port").read_text()) != taken
    valkey.stop()


def test_a_full_log_is_put_aside(tmp_path: object) -> None:
    """A log that reaches its limit becomes .1, then .2; no line is lost from those kept."""
    path = tmp_path / "service.log"
    log = RotatingLog(path, limit_bytes=20)
    for number in range(5):
        log.write(f"line {number} ....\n".encode())
    kept = [path.with_name("service.log.2"), path.with_name("service.log.1"), path]
    assert "".join(file.read_text() for file in kept) == "".join(f"line {n} ....\n" for n in (2, 3, 4))
