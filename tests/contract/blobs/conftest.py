from __future__ import annotations

from collections.abc import Iterator

import pytest

from support import azurite
from support.azurite import Azurite
from support.servers import TestServers


@pytest.fixture(scope="module")
def azure(servers: TestServers) -> Iterator[Azurite]:
    if azurite.program() is None:
        pytest.skip(azurite.NOT_HERE)
    running = Azurite(servers.home)
    running.start()
    yield running
    running.stop()
