"""PostgreSQL, with the tables of every random catalog."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from differential.bench import Bench, bench
from support.servers import TestServers


@pytest.fixture(scope="session")
def engine(servers: TestServers) -> Iterator[Bench]:
    with bench("postgres", servers) as opened:
        yield opened
