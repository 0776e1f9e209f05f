"""What every test may ask for: real servers, databases of its own, and settings that point there.

``postgres_url`` and ``redis_url`` belong to one test. A module whose tests share what is loaded once uses
``module_database`` and ``module_redis_url``. With pytest-xdist every worker has servers of its own.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
from hypothesis import settings

from analytics_engine.bootstrap.settings import Settings
from analytics_engine.contracts.services import Service
from analytics_engine.embedded.postgres import EmbeddedPostgres
from analytics_engine.embedded.valkey import EmbeddedValkey
from support.servers import TestDatabase, TestServers
from support.services import make_settings

settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")
"""How long an example takes tells of the machine, and of what is imported at its first call."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of one module in one worker and in their order: what the module loads is loaded once."""
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Refuse to run when tests of a module would be spread over workers: what the module loads would not be there."""
    grouped = getattr(session.config.option, "loadgroup", False)
    if grouped and not all("@" in item.nodeid for item in session.items):
        raise pytest.UsageError("This pytest-xdist does not group tests by their marks with this pytest.")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what this machine could not run, and how much of it: silence would look like success."""
    reasons = Counter(str(report.longrepr[2]).removeprefix("Skipped: ") for report in _skipped(terminalreporter))
    for reason, count in sorted(reasons.items()):
        terminalreporter.write_line(f"NOT RUN ({count}): {reason}", yellow=True)


def _skipped(terminalreporter: pytest.TerminalReporter) -> list[pytest.TestReport]:
    reports: list[pytest.TestReport] = terminalreporter.stats.get("skipped", [])
    return reports


def _name_main_module() -> None:
    """Give the main module of a test worker a file: without one the Spark client takes the tests for its doctests."""
    main = sys.modules["__main__"]
    if not hasattr(main, "__file__"):
        main.__file__ = __file__


_name_main_module()


@pytest.fixture(scope="session")
def servers() -> Iterator[TestServers]:
    running = TestServers()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def postgres_server(servers: TestServers) -> EmbeddedPostgres:
    return servers.postgres


@pytest.fixture(scope="session")
def valkey_server(servers: TestServers) -> EmbeddedValkey:
    return servers.valkey


@pytest.fixture
def database(servers: TestServers) -> Iterator[TestDatabase]:
    """A migrated database of this test's own: ``owner_url`` and ``service_url(service)``."""
    own = servers.new_database()
    yield own
    servers.drop_database(own)


@pytest.fixture(scope="module")
def module_database(servers: TestServers) -> Iterator[TestDatabase]:
    """A migrated database that the tests of one module share."""
    own = servers.new_database()
    yield own
    servers.drop_database(own)


@pytest.fixture
def empty_database(servers: TestServers) -> Iterator[TestDatabase]:
    """A database of this test's own without anything in it."""
    own = servers.new_database(migrated=False)
    yield own
    servers.drop_database(own)


@pytest.fixture
def postgres_url(database: TestDatabase) -> str:
    """The owner's URL of this test's database."""
    return database.owner_url


@pytest.fixture
def service_url(database: TestDatabase) -> Callable[[Service], str]:
    """The URL of a service's own login role in this test's database."""
    return database.service_url


@pytest.fixture
def redis_url(valkey_server: EmbeddedValkey) -> str:
    """An empty logical database."""
    return _emptied(valkey_server.url(0))


@pytest.fixture(scope="module")
def module_redis_url(valkey_server: EmbeddedValkey) -> str:
    """A logical database that is empty when the module's first test begins."""
    return _emptied(valkey_server.url(1))


@pytest.fixture
def settings_for(database: TestDatabase, redis_url: str) -> Callable[..., Settings]:
    """``settings_for(service, **overrides)``: the service's own login, this test's database and Redis."""

    def settings(service: Service, **overrides: Any) -> Settings:
        return make_settings(database_url=database.service_url(service), redis_url=redis_url, **overrides)

    return settings


def _emptied(url: str) -> str:
    with redis.Redis.from_url(url) as client:
        client.flushdb()
    return url
