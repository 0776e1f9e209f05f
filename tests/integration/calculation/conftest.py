from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest

from analytics_engine.adapters.engines.postgres import PostgresEngine
from analytics_engine.adapters.memory.cache import MemoryCache
from analytics_engine.adapters.memory.definitions import MemoryDefinitions
from analytics_engine.adapters.postgres.database import PostgresDatabase
from analytics_engine.contracts.clients import ClientProfile
from analytics_engine.contracts.services import Service
from analytics_engine.kernel.clock import ManualClock
from analytics_engine.services.calculation_engine_service.answers import AnswerCache
from analytics_engine.services.calculation_engine_service.catalogs import Catalogs
from analytics_engine.services.calculation_engine_service.service import CalculationService
from analytics_engine.services.calculation_engine_service.usage import UsageLog
from golden.shop import CLIENT, NOW, shop_catalog
from integration.calculation.serving import MORE, Shop, load
from support.servers import TestDatabase


@pytest.fixture(scope="module")
async def shop(module_database: TestDatabase) -> AsyncIterator[Shop]:
    """The golden shop in a migrated database, asked through the calculation engine's own login."""
    owner = await asyncpg.connect(module_database.owner_url)
    await load(owner)
    await owner.close()
    database = PostgresDatabase(
        module_database.service_url(Service.CALCULATION), pool_size=4, statement_timeout_s=20, application_name="test"
    )
    await database.start()
    definitions, clock = MemoryDefinitions(), ManualClock(NOW)
    definitions.define(ClientProfile(client_id=CLIENT, name="Shop"), shop_catalog(MORE))
    engine = PostgresEngine(database)
    service = CalculationService(
        engine=engine,
        catalogs=Catalogs(metadata=definitions, clients=definitions, rollups=engine, fresh_s=0),
        answers=AnswerCache(MemoryCache(clock)),
        clock=clock,
        usage=UsageLog(database),
    )
    yield Shop(service, definitions, clock)
    await database.stop()
