"""The commands that take a database from one server to a newer one, with and without TimescaleDB."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from analytics_engine.bootstrap.migrations import migrate
from analytics_engine.embedded.account import server_account
from analytics_engine.embedded.home import Home
from analytics_engine.embedded.postgres import EmbeddedPostgres, PostgresOptions
from analytics_engine.embedded.programs import postgres_programs
from support import timescaledb
from support.pages import ROOT, pages_of, run_page

_DATABASE = "multiservice_db"
_WITH_TIMESCALEDB = {
    "shared_preload_libraries": "timescaledb,pg_stat_statements",
    "timescaledb.max_background_workers": "0",
}


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, EmbeddedPostgres]]:
    """Two with TimescaleDB, and two without."""
    folder = Path(tempfile.mkdtemp(prefix="ae-servers-"))
    folder.chmod(0o755)
    timescale = PostgresOptions(durable=False, programs=timescaledb.programs(), settings=_WITH_TIMESCALEDB)
    kinds = {
        "OLD": PostgresOptions(durable=False),
        "NEW": PostgresOptions(durable=False),
        "OLD_TIMESCALE": timescale,
        "NEW_TIMESCALE": timescale,
    }
    with ExitStack() as running:
        started = {}
        for name, options in kinds.items():
            server = started[name] = EmbeddedPostgres(Home(folder / name, account=server_account()), options)
            server.start()
            running.callback(server.stop)
        for name in ("OLD", "OLD_TIMESCALE"):
            started[name].sql(f"CREATE DATABASE {_DATABASE} TEMPLATE template0")
            migrate(started[name].url(_DATABASE), role_secrets_dir=folder / "roles")
        yield started


@pytest.mark.skipif(timescaledb.programs() is None, reason=timescaledb.NOT_HERE)
@pytest.mark.parametrize("page", pages_of("two-servers"), ids=lambda page: str(page.relative_to(ROOT)))
def test_a_database_moves_to_the_next_version(page: Path, servers: dict[str, EmbeddedPostgres], tmp_path: Path) -> None:
    programs = postgres_programs(Home(tmp_path, account=server_account()))
    urls = {name: server.url("").rstrip("/") for name, server in servers.items()}

    run_page(
        page,
        "two-servers",
        environment={
            **os.environ,
            "PATH": f"{programs}:{os.environ['PATH']}",
            "PROGRAMS_TIMESCALE": str(timescaledb.programs()),
            **urls,
        },
        folder=tmp_path,
    )

    for old, new in (("OLD", "NEW"), ("OLD_TIMESCALE", "NEW_TIMESCALE")):
        assert _tables(servers[new]) == _tables(servers[old])
        assert servers[new].sql("SELECT version_num FROM alembic_version", database=_DATABASE).strip() >= "0020"


def _tables(server: EmbeddedPostgres) -> str:
    return server.sql(
        "SELECT string_agg(schemaname || '.' || tablename, ' ' ORDER BY schemaname, tablename) FROM pg_tables "
        "WHERE schemaname !~ '^(pg_|information_schema|_timescaledb|timescaledb)'",
        database=_DATABASE,
    )
