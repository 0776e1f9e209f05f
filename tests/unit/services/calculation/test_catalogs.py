from __future__ import annotations

import asyncio

import pytest

from analytics_engine.adapters.memory.definitions import MemoryDefinitions
from analytics_engine.contracts.clients import ClientProfile
from analytics_engine.errors import DependencyUnavailable, KpiNotFound, NotFound
from analytics_engine.services.calculation_engine_service.catalogs import Catalogs
from golden.shop import shop_catalog

SHOP = ClientProfile(client_id="shop", name="Shop")


@pytest.fixture
def definitions() -> MemoryDefinitions:
    known = MemoryDefinitions()
    known.define(SHOP, shop_catalog())
    return known


def catalogs(definitions: MemoryDefinitions, *, fresh_s: float = 1.0) -> Catalogs:
    return Catalogs(metadata=definitions, clients=definitions, rollups=definitions, fresh_s=fresh_s)


async def test_many_questions_at_once_ask_for_the_definitions_once(definitions: MemoryDefinitions) -> None:
    known = catalogs(definitions)
    got = await asyncio.gather(*(known.of("shop") for _ in range(10)))
    assert len({id(one) for one in got}) == 1
    assert definitions.asked == 2


async def test_an_edit_is_seen_at_the_next_revalidation_and_checked_anew(definitions: MemoryDefinitions) -> None:
    known = catalogs(definitions, fresh_s=0)
    before = await known.of("shop")
    assert (await known.of("shop")).checker is before.checker
    definitions.define(SHOP, shop_catalog().model_copy(update={"version": "next"}))
    after = await known.of("shop")
    assert after.catalog.version == "next"
    assert after.checker is not before.checker


async def test_what_was_defined_a_moment_ago_is_found(definitions: MemoryDefinitions) -> None:
    """A question that names what the known definitions lack asks for them anew before it is refused."""
    known = catalogs(definitions, fresh_s=3600)
    await known.of("shop")
    catalog = shop_catalog()
    newest = catalog.kpis[0].model_copy(
        update={"definition": catalog.kpis[0].definition.model_copy(update={"code": "NEWEST"})}
    )
    definitions.define(SHOP, catalog.model_copy(update={"version": "next", "kpis": (*catalog.kpis, newest)}))
    assert (await known.use("shop", lambda found: found.checker.kpi("NEWEST"))).formula == "count(order)"


async def test_what_nobody_defined_is_refused_after_one_more_look(definitions: MemoryDefinitions) -> None:
    known = catalogs(definitions, fresh_s=3600)
    with pytest.raises(KpiNotFound):
        await known.use("shop", lambda found: found.checker.kpi("NOWHERE"))
    assert definitions.asked == 4


async def test_known_definitions_serve_on_while_their_services_are_away(definitions: MemoryDefinitions) -> None:
    known = catalogs(definitions, fresh_s=0)
    before = await known.of("shop")
    definitions.reachable = False
    assert (await known.of("shop")).catalog.version == before.catalog.version


async def test_unknown_definitions_are_an_error_while_their_services_are_away(definitions: MemoryDefinitions) -> None:
    definitions.reachable = False
    with pytest.raises(DependencyUnavailable):
        await catalogs(definitions).of("shop")


async def test_a_client_that_does_not_exist_is_named(definitions: MemoryDefinitions) -> None:
    with pytest.raises(NotFound, match="nobody"):
        await catalogs(definitions).of("nobody")
