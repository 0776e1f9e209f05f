from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response

from analytics_engine.errors import (
    Conflict,
    DependencyTimeout,
    DependencyUnavailable,
    Forbidden,
    InvalidInput,
    NotFound,
)
from analytics_engine.kernel.http.authentication import CurrentPrincipal, require_role
from analytics_engine.kernel.http.problems import problems
from analytics_engine.kernel.http.versions import ExpectedVersion
from analytics_engine.kernel.paging import Page, PageHere
from analytics_engine.kernel.ports.sources import SourcePreview, SourceTable
from analytics_engine.kernel.security.principal import Principal, Role
from analytics_engine.services.connector_service.deps import Explorer, Profiles
from analytics_engine.services.connector_service.kinds import KINDS, SourceKind
from analytics_engine.services.connector_service.schemas import KindView, Profile, ProfileSettings, Trial

_OK = 200
_CREATED = 201
_NO_CONTENT = 204
_SOURCE_PROBLEMS = problems(NotFound, InvalidInput, Forbidden, DependencyUnavailable, DependencyTimeout)

ProfileId = Annotated[UUID, Path(description="the profile's id")]

kinds = APIRouter(prefix="/kinds", tags=["kinds"])
profiles = APIRouter(prefix="/profiles", tags=["profiles"])


@kinds.get("")
async def read_kinds(_: CurrentPrincipal) -> list[KindView]:
    """List the kinds of sources, each with the JSON schema of its options."""
    return [
        KindView(
            kind=kind,
            title=described.title,
            description=inspect.getdoc(described.options) or "",
            options_schema=described.options.model_json_schema(),
            secrets=list(described.secrets),
        )
        for kind, described in KINDS.items()
    ]


@profiles.get("")
async def read_profiles(
    principal: CurrentPrincipal,
    service: Profiles,
    page: PageHere,
    kind: Annotated[SourceKind | None, Query(description="Only those of this kind")] = None,
) -> Page[Profile]:
    """List the client's profiles by name."""
    return await service.profiles(client_id=principal.client_id, kind=kind, page=page)


@profiles.post("", status_code=_CREATED, responses={_OK: {"model": Profile}, **problems(Conflict, InvalidInput)})
async def create_profile(
    settings: ProfileSettings, principal: CurrentPrincipal, service: Profiles, response: Response
) -> Profile:
    """Make a profile; the same settings again answer 200 with the one there is (consultants)."""
    _may_change(principal)
    profile, is_new = await service.create(settings, client_id=principal.client_id, author=_author(principal))
    response.status_code = _CREATED if is_new else _OK
    response.headers["Location"] = f"/profiles/{profile.id}"
    return _tagged(profile, response)


@profiles.get("/{profile_id}", responses=problems(NotFound))
async def read_profile(
    profile_id: ProfileId, principal: CurrentPrincipal, service: Profiles, response: Response
) -> Profile:
    """Return a profile; its ETag is what If-Match takes."""
    return _tagged(await service.profile(profile_id, client_id=principal.client_id), response)


@profiles.put("/{profile_id}", responses=problems(NotFound, Conflict, InvalidInput))
async def change_profile(
    profile_id: ProfileId,
    settings: ProfileSettings,
    principal: CurrentPrincipal,
    *,
    service: Profiles,
    expected: ExpectedVersion,
    response: Response,
) -> Profile:
    """Change a profile; with If-Match only the version that was read (consultants)."""
    _may_change(principal)
    changed = await service.change(profile_id, settings, client_id=principal.client_id, expected=expected)
    return _tagged(changed, response)


@profiles.delete("/{profile_id}", status_code=_NO_CONTENT, responses=problems(NotFound, Conflict))
async def delete_profile(
    profile_id: ProfileId, principal: CurrentPrincipal, service: Profiles, expected: ExpectedVersion
) -> None:
    """Delete a profile; what was loaded through it stays (consultants)."""
    _may_change(principal)
    await service.delete(profile_id, client_id=principal.client_id, expected=expected)


@profiles.post("/{profile_id}/test", responses=problems(NotFound, Forbidden))
async def test_profile(
    profile_id: ProfileId, principal: CurrentPrincipal, service: Profiles, explorer: Explorer
) -> Trial:
    """Really connect and read; the answer says whether it works and, if not, why and what to do (consultants)."""
    _may_change(principal)
    profile = await service.profile(profile_id, client_id=principal.client_id)
    return await explorer.test(profile, client_id=principal.client_id)


@profiles.get("/{profile_id}/schema", responses=_SOURCE_PROBLEMS)
async def read_schema(
    profile_id: ProfileId, principal: CurrentPrincipal, service: Profiles, explorer: Explorer
) -> Sequence[SourceTable]:
    """Return the tables of the source, with their columns and the attribute types these fit (consultants)."""
    _may_change(principal)
    profile = await service.profile(profile_id, client_id=principal.client_id)
    return await explorer.tables(profile, client_id=principal.client_id)


@profiles.get("/{profile_id}/preview", responses=_SOURCE_PROBLEMS)
async def read_preview(
    profile_id: ProfileId,
    principal: CurrentPrincipal,
    *,
    service: Profiles,
    explorer: Explorer,
    table: Annotated[str | None, Query(description="Such as public.orders; a file has one table")] = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="How many rows to return at most")] = 20,
) -> SourcePreview:
    """Return the first rows of a table of the source (consultants)."""
    _may_change(principal)
    profile = await service.profile(profile_id, client_id=principal.client_id)
    return await explorer.preview(profile, client_id=principal.client_id, table=table, limit=limit)


def _may_change(principal: Principal) -> None:
    require_role(principal, Role.CONSULTANT)


def _author(principal: Principal) -> str:
    return principal.name or principal.subject


def _tagged(profile: Profile, response: Response) -> Profile:
    response.headers["ETag"] = f'"{profile.version}"'
    return profile


ROUTERS = (kinds, profiles)
