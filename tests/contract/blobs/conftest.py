from __future__ import annotations

from collections.abc import Iterator

import pytest

from support import azurite
from support.azurite import Azurite
from support.s3 import S3
from support.servers import TestServers


@pytest.fixture(scope="module")
def azure(servers: TestServers) -> Iterator[Azurite]:
    if azurite.program() is None:
        pytest.skip(azurite.NOT_HERE)
    running = Azurite(servers.home)
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def s3(servers: TestServers) -> Iterator[S3]:
    running = S3(servers.home)
    running.start()
    yield running
    running.stop()
