from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import JSONResponse

from analytics_engine.errors import InvalidDefinition, InvalidInput, TooLarge
from analytics_engine.kernel.http.authentication import CurrentPrincipal
from analytics_engine.kernel.http.problems import problems
from analytics_engine.kpi.model.catalog import Catalog
from analytics_engine.services.business_metadata.bundle import Source, as_yaml, read_bundle, write_bundle
from analytics_engine.services.business_metadata.definition_endpoints import deprecation_router, router_of
from analytics_engine.services.business_metadata.definitions import Kind
from analytics_engine.services.business_metadata.deps import Definitions, EditorHere
from analytics_engine.services.business_metadata.edits import Edit
from analytics_engine.services.business_metadata.schemas import (
    Hits,
    ImportReport,
    Outcome,
    Scope,
    Stats,
    Tree,
    scope_of,
)
from analytics_engine.services.business_metadata.views import search, stats_of, tree_of

_LARGEST_BUNDLE = 8 * 1024 * 1024
_NOT_MODIFIED = 304
_YAML = "application/yaml"
_BUNDLE_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            _YAML: {"schema": {"type": "string"}},
            "application/json": {"schema": {"type": "object"}},
        },
    }
}

router = APIRouter(tags=["catalog"])


@router.get("/catalog", response_model=Catalog)
async def read_catalog(
    principal: CurrentPrincipal,
    service: Definitions,
    if_none_match: Annotated[str | None, Header(description="the ETag of the catalog that is known")] = None,
) -> Response:
    """Return every definition the client sees, at one version; 304 when the known version is the present one."""
    snapshot = await service.snapshot(principal.client_id)
    etag = f'"{snapshot.version}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if if_none_match is not None and etag in if_none_match.replace("W/", "").split(", "):
        return Response(status_code=_NOT_MODIFIED, headers=headers)
    return Response(snapshot.catalog_json, media_type="application/json", headers=headers)


@router.get("/tree")
async def read_tree(principal: CurrentPrincipal, service: Definitions) -> Tree:
    """Return value chains, their modules, and the KPIs in them with their units."""
    return tree_of(await service.snapshot(principal.client_id))


@router.get("/search")
async def read_search(
    principal: CurrentPrincipal,
    service: Definitions,
    q: Annotated[str, Query(min_length=1, max_length=200, description="words that must all occur")],
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
) -> Hits:
    """Return the definitions of any kind in which all words occur, the best match first."""
    return search(await service.snapshot(principal.client_id), q, limit=limit)


@router.get("/stats")
async def read_stats(principal: CurrentPrincipal, service: Definitions) -> Stats:
    return stats_of(await service.snapshot(principal.client_id))


@router.post("/import", responses=problems(InvalidDefinition, TooLarge), openapi_extra=_BUNDLE_BODY)
async def import_bundle(
    request: Request,
    editor: EditorHere,
    service: Definitions,
    *,
    dry_run: Annotated[bool, Query(description="only tell what would change")] = False,
) -> ImportReport:
    """Store the definitions of a YAML or JSON bundle: all of them, or none. What is there already is left alone."""
    content = await request.body()
    if len(content) > _LARGEST_BUNDLE:
        raise TooLarge("The bundle is larger than 8 MiB.", remedy="Split it: each definition is imported on its own.")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInput("The bundle is not UTF-8 text.", remedy="Save it as UTF-8.") from error
    name = "bundle.json" if "json" in request.headers.get("content-type", "") else "bundle.yaml"
    edits = await service.import_entries(editor, read_bundle([Source(name, text)]), dry_run=dry_run)
    return ImportReport(
        dry_run=dry_run,
        catalog_version=edits.catalog_version,
        created=[_outcome(edit) for edit in edits.made if edit.is_new],
        changed=[_outcome(edit) for edit in edits.made if not edit.is_new],
        unchanged=len(edits.unchanged),
    )


@router.get("/export", response_class=Response, responses={200: {"content": {_YAML: {}, "application/json": {}}}})
async def export_bundle(
    principal: CurrentPrincipal,
    service: Definitions,
    file_format: Annotated[Literal["yaml", "json"], Query(alias="format")] = "yaml",
    scope: Annotated[Scope | None, Query(description="only the client's own, or only global ones")] = None,
) -> Response:
    """Return the definitions as a bundle, which imports to the same."""
    snapshot = await service.snapshot(principal.client_id)
    bundle: dict[str, Any] = write_bundle(
        stored.definition for stored in snapshot.definitions if scope is None or scope_of(stored) == scope
    )
    headers = {"Content-Disposition": f'attachment; filename="catalog.{file_format}"'}
    if file_format == "json":
        return JSONResponse(bundle, headers=headers)
    return Response(as_yaml(bundle), media_type=_YAML, headers=headers)


def _outcome(edit: Edit) -> Outcome:
    return Outcome(kind=edit.stored.kind, code=edit.stored.code, version=edit.stored.version, change=edit.change)


ROUTERS = (router, *(router_of(kind) for kind in Kind), deprecation_router())
