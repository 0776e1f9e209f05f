"""The shop, open on each engine in turn."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from golden.engines import ENGINES, ShopEngine
from support.servers import TestServers


@pytest.fixture(scope="module", params=list(ENGINES))
async def shop(request: pytest.FixtureRequest, servers: TestServers) -> AsyncIterator[ShopEngine]:
    """The shop's rows on one engine; every test runs on each of them."""
    async with ENGINES[request.param](servers) as engine:
        yield engine
