"""Every command that the documentation gives to the operator of one machine, run on one, page by page."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics_engine.contracts.services import PORTS, UI_PORT
from analytics_engine.embedded.home import Home
from analytics_engine.embedded.programs import postgres_programs
from support.pages import ROOT, pages_of, run_page
from system.product import Product

_PORTS = re.compile(rf"\b(localhost|127\.0\.0\.1):({'|'.join(map(str, [*PORTS.values(), UI_PORT]))})\b")


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    product = Product(settings={"AE_MESSAGE_ALLOWED_NETWORKS": "127.0.0.1"})  # where nobody listens
    try:
        product.system.start(within_s=180)
        yield product
    finally:
        product.system.clean_up()


@pytest.mark.system
@pytest.mark.parametrize("page", pages_of("one-machine"), ids=lambda page: str(page.relative_to(ROOT)))
def test_the_commands_of_a_page_do_what_it_says(page: Path, product: Product, tmp_path: Path) -> None:
    system = product.system

    def here(commands: str) -> str:
        commands = commands.replace("admin@example.com", product.email)
        return _PORTS.sub(lambda found: f"{found[1]}:{int(found[2]) + system.offset}", commands)

    environment = system.environment()
    psql = postgres_programs(Home(system.home)) / "psql"
    run_page(
        page,
        "one-machine",
        environment=environment
        | {
            "PATH": f"{Path(sys.executable).parent}:{environment['PATH']}",
            "GATEWAY": product.gateway_url,
            "TOKEN": product.token,
        },
        folder=tmp_path,
        prelude=f'run_sql() {{ {psql} --no-psqlrc --set ON_ERROR_STOP=1 "{system.owner_url}"; }}',
        here=here,
        typed=f"{product.password}\n",
    )
