from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Response

from analytics_engine.contracts.clients import SYSTEM_CLIENTS, ClientProfile, ClientSettings
from analytics_engine.errors import Conflict, DependencyUnavailable, InvalidInput, KpiNotFound, NotFound
from analytics_engine.kernel.http.authentication import CurrentPrincipal, require_role
from analytics_engine.kernel.http.problems import problems
from analytics_engine.kernel.http.versions import ExpectedVersion
from analytics_engine.kernel.paging import Page, PageHere
from analytics_engine.kernel.security.principal import Principal, Role
from analytics_engine.services.demo_config_service import nyc_flights
from analytics_engine.services.demo_config_service.deps import Clients, Loads, Metadata
from analytics_engine.services.demo_config_service.required_objects import required_objects
from analytics_engine.services.demo_config_service.schemas import (
    PastProfile,
    RequiredObjects,
    RequiredObjectsRequest,
    SampleLoad,
    SampleView,
)
from analytics_engine.services.demo_config_service.service import may_see_all, unknown_client

_CREATED = 201
_ACCEPTED = 202

ClientPath = Annotated[str, Path(description="such as nyc-flights")]

clients = APIRouter(prefix="/clients", tags=["clients"])
analysis = APIRouter(prefix="/analysis", tags=["analysis"])
demo = APIRouter(prefix="/demo", tags=["demo"])


@clients.get("")
async def read_clients(principal: CurrentPrincipal, service: Clients, page: PageHere) -> Page[ClientProfile]:
    """List the clients the caller may see: all for administrators, else its own."""
    return await service.clients(only=None if may_see_all(principal) else principal.client_id, page=page)


@clients.post("", status_code=_CREATED, responses=problems(Conflict))
async def create_client(
    settings: ClientSettings, principal: CurrentPrincipal, service: Clients, response: Response
) -> ClientProfile:
    """Register a client (administrators)."""
    require_role(principal)
    if settings.client_id in SYSTEM_CLIENTS and principal.role is not Role.SERVICE:
        raise Conflict(f"{settings.client_id!r} is a client of the system's own.", remedy="Take another id.")
    profile = await service.create(settings, author=_author(principal))
    return _tagged(profile, response)


@clients.get("/{client_id}", responses=problems(NotFound))
async def read_client(
    client_id: ClientPath, principal: CurrentPrincipal, service: Clients, response: Response
) -> ClientProfile:
    """Return a client: its name, and the zone, week, fiscal year and currency its numbers are counted in."""
    _may_see(principal, client_id)
    return _tagged(await service.client(client_id), response)


@clients.put("/{client_id}", responses=problems(NotFound, Conflict))
async def change_client(
    client_id: ClientPath,
    settings: ClientSettings,
    principal: CurrentPrincipal,
    *,
    service: Clients,
    expected: ExpectedVersion,
    response: Response,
) -> ClientProfile:
    """Change a client's settings; the same settings again make no new version."""
    _may_see(principal, client_id)
    require_role(principal, Role.CONSULTANT)
    if settings.client_id != client_id:
        raise InvalidInput(
            f"The path names {client_id!r} and the body {settings.client_id!r}.",
            remedy="An id never changes: make both the same.",
        )
    return _tagged(await service.change(settings, author=_author(principal), expected=expected), response)


@clients.get("/{client_id}/versions", responses=problems(NotFound))
async def read_client_versions(
    client_id: ClientPath, principal: CurrentPrincipal, service: Clients
) -> list[PastProfile]:
    """Return every version of a client's settings, newest first."""
    _may_see(principal, client_id)
    return await service.history(client_id)


@analysis.post("/required-objects", responses=problems(KpiNotFound, DependencyUnavailable))
async def read_required_objects(
    request: RequiredObjectsRequest, principal: CurrentPrincipal, metadata: Metadata
) -> RequiredObjects:
    """Return the object models and attributes these KPIs need, and no others, as their formulas say."""
    catalog = await metadata.catalog(principal.client_id)
    assert catalog is not None
    return required_objects(catalog, request.kpis)


@demo.get("/samples")
async def read_samples(_: CurrentPrincipal, loads: Loads) -> list[SampleView]:
    """List the sample data that can be loaded, with the latest load of each."""
    return await loads.samples()


@demo.get("/samples/{sample}", responses=problems(NotFound))
async def read_sample(sample: str, _: CurrentPrincipal, loads: Loads) -> SampleView:
    """Return one sample, with its latest load."""
    return await loads.sample(sample)


@demo.post("/samples/{sample}/load", status_code=_ACCEPTED, responses=problems(NotFound, DependencyUnavailable))
async def load_sample(sample: str, principal: CurrentPrincipal, loads: Loads, response: Response) -> SampleLoad:
    """Start loading a sample into its own client; follow it at the Location. One at a time: a second call joins it."""
    if principal.client_id == nyc_flights.CLIENT.client_id:
        require_role(principal, Role.CONSULTANT, Role.OPERATOR)
    else:
        require_role(principal)
    load = await loads.request(sample, requested_by=_author(principal))
    response.headers["Location"] = f"/demo/loads/{load.load_id}"
    return load


@demo.get("/loads/{load_id}", responses=problems(NotFound))
async def read_load(load_id: UUID, _: CurrentPrincipal, loads: Loads) -> SampleLoad:
    """Return how far a load is."""
    return await loads.load(str(load_id))


def _author(principal: Principal) -> str:
    return principal.name or principal.subject


def _may_see(principal: Principal, client_id: str) -> None:
    """Another client's existence is not told: it looks as if there were none."""
    if not may_see_all(principal) and principal.client_id != client_id:
        raise unknown_client(client_id)


def _tagged(profile: ClientProfile, response: Response) -> ClientProfile:
    response.headers["ETag"] = f'"{profile.version}"'
    return profile


ROUTERS = (clients, analysis, demo)
