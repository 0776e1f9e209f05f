from __future__ import annotations

import httpx

from analytics_engine.bootstrap import demo_config_service
from analytics_engine.contracts.services import Service
from analytics_engine.kernel.security.principal import Role
from support.services import asgi_client

from .conftest import NOWHERE, SettingsFor, asks

PATH = "/analysis/required-objects"


async def test_required_objects_are_the_minimal_set_of_the_formulas(
    settings_for: SettingsFor, metadata_url: str
) -> None:
    """Seats per flight needs the flight's key, time, tail number and cancellation, and two attributes of the plane."""
    settings = settings_for(Service.DEMO_CONFIG, business_metadata_url=metadata_url, database_service_url=NOWHERE)
    async with asgi_client(demo_config_service.build(settings)) as client:
        answer = await client.post(PATH, json={"kpis": ["FL_SEATS_PER_FLIGHT"]}, headers=asks(Role.VIEWER))
        unknown = await client.post(PATH, json={"kpis": ["FL_SEATS_PER_FLIGTH"]}, headers=asks(Role.VIEWER))
    required = {model["code"]: model for model in answer.json()["object_models"]}
    assert list(required) == ["flight", "plane"]
    read = {attribute["name"] for attribute in required["flight"]["attributes"] if attribute["kpis"]}
    assert read == {"cancelled", "scheduled_departure_at", "tail_number"}
    plane = {attribute["name"]: attribute["kpis"] for attribute in required["plane"]["attributes"]}
    assert plane == {"tail_number": ["FL_SEATS_PER_FLIGHT"], "seats": ["FL_SEATS_PER_FLIGHT"]}
    assert "air_time" in required["flight"]["not_required"]
    assert unknown.status_code == 404
    assert "FL_SEATS_PER_FLIGHT" in unknown.json()["remedy"]


async def test_without_metadata_the_answer_is_a_clear_problem(demo: httpx.AsyncClient) -> None:
    """The catalog cannot be asked, so nothing is guessed."""
    answer = await demo.post(PATH, json={"kpis": ["FL_FLIGHTS"]}, headers=asks())
    assert answer.status_code == 503
    assert "business_metadata" in answer.json()["detail"]
