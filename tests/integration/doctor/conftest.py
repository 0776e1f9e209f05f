from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.system import SystemUnderTest

_FIRST_START_S = 300.0


@pytest.fixture(scope="session")
def system() -> Iterator[SystemUnderTest]:
    """The product without sample data: commands are tried on it, and then it is made ill."""
    running = SystemUnderTest()
    try:
        running.start(within_s=_FIRST_START_S)
        yield running
    finally:
        running.clean_up()
