"""The page at /docs, which every service has."""

from __future__ import annotations

import re


async def test_the_documentation_loads_nothing_from_outside(gateway):
    """It works on a machine without internet: all it needs is served beside it."""
    page = await gateway.get("/docs", headers={"Accept": "text/html"})
    assert page.status_code == 200
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert loaded
    for address in loaded:
        assert address.startswith("/docs/")
        assert (await gateway.get(address)).status_code == 200
