"""What a service says of its health."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from analytics_engine.errors import DependencyUnavailable
from analytics_engine.kernel.health import Check, HealthBoard, Status
from analytics_engine.kernel.telemetry import Telemetry


class Well:
    async def ping(self) -> None:
        """It always works."""


class Away:
    async def ping(self) -> None:
        raise DependencyUnavailable("It is away.", remedy="Start it.")


def board(*checks: Check) -> HealthBoard:
    return HealthBoard(version="1", checks=checks, telemetry=Telemetry("tested"))


@pytest.mark.parametrize("dependency", [Well(), Away()])
async def test_what_is_known_of_a_dependency_is_told_whether_it_is_well_or_not(dependency: Well | Away) -> None:
    """An operator who asks why it is away wants to know what it is."""
    check = Check("database", dependency, Status.UNHEALTHY, about=lambda: {"version": "PostgreSQL 18.1"})
    report = await board(check).report()
    assert report.dependencies["database"].about == {"version": "PostgreSQL 18.1"}


async def test_what_is_learnt_later_is_told_later() -> None:
    """A service starts without its dependencies, so there may be nothing to tell at first."""
    known: dict[str, str] = {}

    def about() -> Mapping[str, str]:
        return known

    check = Check("database", Well(), Status.UNHEALTHY, about=about)
    assert (await board(check).report()).dependencies["database"].about == {}
    known["edition"] = "postgresql"
    assert (await board(check).report()).dependencies["database"].about == {"edition": "postgresql"}


async def test_of_most_dependencies_there_is_nothing_to_tell() -> None:
    report = await board(Check("redis", Well(), Status.DEGRADED)).report()
    assert report.model_dump(mode="json")["dependencies"] == {"redis": {"status": "healthy", "detail": "", "about": {}}}
