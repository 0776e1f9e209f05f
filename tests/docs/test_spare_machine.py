"""Commands that stop a system, put another state in its place, and start it again: on a machine of their own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics_engine.embedded.account import server_account
from analytics_engine.embedded.home import Home
from analytics_engine.embedded.programs import postgres_programs
from support.pages import ROOT, pages_of, run_page
from support.system import SystemUnderTest

_PRELUDE = """
analytics-engine() {
  if [ "$1" != up ]; then command analytics-engine "$@"; return; fi
  setsid "$(command -v analytics-engine)" "$@" > up.log 2>&1 < /dev/null &
  until command analytics-engine health > /dev/null; do sleep 1; done
}
"""


@pytest.fixture
def system() -> Iterator[SystemUnderTest]:
    """A system that the page starts, and that is stopped however the page left it."""
    system = SystemUnderTest()
    system.settings = {"AE_BACKUP_WAL_S": "1", "AE_BACKUP_PORT": "0"}
    try:
        yield system
    finally:
        system.run("stop")
        system.clean_up()


@pytest.mark.system
@pytest.mark.timeout(500)
@pytest.mark.parametrize("page", pages_of("spare-machine"), ids=lambda page: str(page.relative_to(ROOT)))
def test_a_system_goes_back_to_a_moment_by_the_commands_of_the_page(page: Path, system: SystemUnderTest) -> None:
    replaced = {
        "2026-11-27T10:00:00Z": '"$(cat moment)"',
        "/var/lib/postgresql/data": '"$PWD/server"',
        "20261127T020000000Z-daily": '"$(cat daily)"',
        "20261127T020000000Z-configuration": '"$(cat configuration)"',
    }

    def here(commands: str) -> str:
        for written, meant in replaced.items():
            commands = commands.replace(written, meant)
        return commands

    environment = system.environment()
    programs = postgres_programs(Home(system.home, account=server_account()))
    run_page(
        page,
        "spare-machine",
        environment=environment | {"PATH": f"{Path(sys.executable).parent}:{programs}:{environment['PATH']}"},
        folder=system.folder,
        prelude=_PRELUDE,
        here=here,
        within_s=400,
    )

    assert system.all_healthy()
