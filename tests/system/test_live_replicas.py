"""Three calculation engines share the work; one that is killed takes nothing with it and holds nothing up for long."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

import httpx
import pytest

from analytics_engine.contracts.services import PORTS, Service
from analytics_engine.embedded.ports import any_free_port
from analytics_engine.kernel.consuming import ConsumePolicy
from support.balancer import Balancer
from support.waiting import wait_until
from system.live import Follower
from system.product import Product
from system.readings import QUERIES, contracts, load, readings, set_up, until_alike

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("product")]

_START_S = 120.0
RECLAIM_S = ConsumePolicy().abandoned_after_s
_MARGIN_S = 60.0
"""For a busy machine to compute and to tell."""


@dataclass
class Replicas:
    """Calculation engines beside the product's own, which the gateway reaches through a balancer."""

    product: Product
    ports: list[int]
    running: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, port: int) -> None:
        """Start a replica with the environment of the product's own, and return when it answers."""
        system = self.product.system
        own = system.process(r"serve calculation_engine_service$")
        self.running[port] = subprocess.Popen(
            system.command("serve", Service.CALCULATION.value, "--port", str(port)),
            env={**own.environ(), "AE_HOME": str(system.home)},
            cwd=system.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(lambda: self.follows(port) >= 0, within_s=_START_S)

    def follows(self, port: int) -> int:
        """Return how many queries a replica follows; -1 while it does not answer."""
        try:
            lines = httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=10).text.splitlines()
        except httpx.HTTPError:
            return -1
        return next(int(float(line.split()[-1])) for line in lines if line.startswith("live_queries "))

    def share(self) -> bool:
        """Return whether each follows some of the queries."""
        return all(self.follows(port) > 0 for port in self.ports)

    def rest(self) -> bool:
        """Return whether none follows anything."""
        return all(self.follows(port) == 0 for port in self.ports)

    def kill(self, port: int) -> None:
        self.running[port].kill()
        self.running.pop(port).wait()

    def stop(self) -> None:
        for port in [*self.running]:
            self.kill(port)


@pytest.fixture(scope="module")
def replicas() -> Iterator[Replicas]:
    ports = [0, any_free_port(), any_free_port()]
    with Balancer(ports) as balancer:
        product = Product(sample=False, settings={"CALCULATION_ENGINE_SERVICE_URL": balancer.url})
        ports[0] = PORTS[Service.CALCULATION] + product.system.offset
        found = Replicas(product, ports)
        try:
            product.system.start(within_s=120)
            for port in ports[1:]:
                found.start(port)
            client = {"client_id": "nyc-flights", "name": "Readings", "time_zone": "UTC"}
            assert product.send("POST", "/api/v1/config/clients", client).status == 201
            set_up(product)
            yield found
        finally:
            found.stop()
            product.system.clean_up()


def test_three_share_the_work_and_one_that_is_killed_takes_nothing_with_it(replicas: Replicas) -> None:
    random = Random(11)
    product, (_, *others) = replicas.product, replicas.ports
    assert load(product, "contract", contracts(random)).status == 201
    for killed in (others[0], others[1], others[0]):
        with Follower(product, QUERIES) as follower:
            wait_until(replicas.share, within_s=_START_S)
            for _ in range(5):
                assert load(product, "reading", readings(random, 60)).status == 201
            replicas.kill(killed)
            assert load(product, "reading", readings(random, 60)).status == 201
            assert load(product, "contract", contracts(random)).status == 201
            until_alike(product, follower, within_s=RECLAIM_S + _MARGIN_S)
            assert sum(replicas.follows(port) for port in replicas.ports if port != killed) == len(QUERIES)
        replicas.start(killed)
        wait_until(replicas.rest, within_s=_START_S)
