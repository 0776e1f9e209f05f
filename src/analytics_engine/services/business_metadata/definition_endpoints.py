"""The routes that every kind of definition has, made once for each kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from analytics_engine.errors import Conflict, FormulaError, InvalidDefinition, InvalidInput
from analytics_engine.kernel.http.authentication import CurrentPrincipal
from analytics_engine.kernel.http.problems import problems
from analytics_engine.kernel.http.versions import ExpectedVersion
from analytics_engine.kernel.paging import Page, PageHere
from analytics_engine.kpi.model.kpi import Kpi, KpiStatus
from analytics_engine.kpi.model.object_model import ObjectModel
from analytics_engine.services.business_metadata.definitions import TRAITS, AnyDefinition, Kind, Stored
from analytics_engine.services.business_metadata.deps import Definitions, EditorHere
from analytics_engine.services.business_metadata.edits import Expectation
from analytics_engine.services.business_metadata.schemas import DefinitionView, PastVersionView

_CREATED = 201

Filter = Callable[[AnyDefinition], bool]


def _kpi_filter(
    module: Annotated[str | None, Query(description="only KPIs of this module")] = None,
    status: Annotated[KpiStatus | None, Query()] = None,
    tag: Annotated[str | None, Query()] = None,
) -> Filter:
    def keeps(definition: AnyDefinition) -> bool:
        assert isinstance(definition, Kpi)
        return (
            (module is None or definition.module == module)
            and (status is None or definition.status is status)
            and (tag is None or tag in definition.tags)
        )

    return keeps


def _object_model_filter(
    module: Annotated[str | None, Query(description="only object models of this module")] = None,
) -> Filter:
    def keeps(definition: AnyDefinition) -> bool:
        assert isinstance(definition, ObjectModel)
        return module is None or module in definition.modules

    return keeps


def _no_filter() -> Filter:
    return lambda _: True


_FILTERS: dict[Kind, Callable[..., Filter]] = {Kind.KPI: _kpi_filter, Kind.OBJECT_MODEL: _object_model_filter}


def router_of(kind: Kind) -> APIRouter:
    """Return the routes of one kind: list, read, create, change, and the versions of each definition."""
    traits = TRAITS[kind]
    view: Any = DefinitionView[traits.model]  # type: ignore[name-defined] # a type made at run time, for OpenAPI
    past_view: Any = PastVersionView[traits.model]  # type: ignore[name-defined] # as above
    router = APIRouter(prefix=traits.path, tags=[traits.path.removeprefix("/")])
    keeps_of = _FILTERS.get(kind, _no_filter)

    @router.get("", response_model=Page[view], summary=f"List {traits.noun}s")
    async def read_all(
        principal: CurrentPrincipal,
        service: Definitions,
        page: PageHere,
        keeps: Filter = Depends(keeps_of),  # noqa: FAST002 - an annotation cannot name what differs by kind
    ) -> Any:
        snapshot = await service.snapshot(principal.client_id)
        found = [stored for stored in snapshot.of_kind(kind) if keeps(stored.definition)]
        items = [view.of(stored) for stored in found[page.offset : page.offset + page.limit]]
        return Page(items=items, total=len(found), limit=page.limit, offset=page.offset)

    @router.get("/{code}", response_model=view, responses=problems(traits.not_found), summary=f"Read a {traits.noun}")
    async def read_one(code: str, principal: CurrentPrincipal, service: Definitions, response: Response) -> Any:
        return _shown(view, (await service.snapshot(principal.client_id)).one(kind, code), response)

    async def create(
        definition: AnyDefinition, *, editor: EditorHere, service: Definitions, request: Request, response: Response
    ) -> Any:
        edits = await service.save(editor, definition, Expectation(create=True))
        response.headers["Location"] = f"{request.url.path}/{definition.code}"
        return _shown(view, edits.stored((kind, definition.code)), response)

    async def change(
        code: str,
        definition: AnyDefinition,
        *,
        editor: EditorHere,
        service: Definitions,
        expected: ExpectedVersion,
        response: Response,
    ) -> Any:
        if definition.code != code:
            raise InvalidInput(
                f"The path names {code!r} and the body {definition.code!r}.",
                remedy="A code never changes: make both the same, or create another definition with POST.",
            )
        edits = await service.save(editor, definition, Expectation(version=expected))
        if any(edit.is_new for edit in edits.made):
            response.status_code = _CREATED
        return _shown(view, edits.stored((kind, code)), response)

    create.__annotations__["definition"] = change.__annotations__["definition"] = traits.model
    answers = problems(InvalidDefinition, FormulaError, Conflict)
    router.post("", response_model=view, status_code=_CREATED, responses=answers, summary=f"Create a {traits.noun}")(
        create
    )
    router.put("/{code}", response_model=view, responses=answers, summary=f"Change a {traits.noun}")(change)

    @router.get(
        "/{code}/versions",
        response_model=list[past_view],
        responses=problems(traits.not_found),
        summary=f"List the versions of a {traits.noun}, newest first",
    )
    async def read_versions(code: str, principal: CurrentPrincipal, service: Definitions) -> Any:
        history = await service.history(principal.client_id, (kind, code))
        return [_past(past_view, past.stored, past.change) for past in history]

    @router.get(
        "/{code}/versions/{number}",
        response_model=past_view,
        responses=problems(traits.not_found),
        summary=f"Read one version of a {traits.noun}",
    )
    async def read_version(code: str, number: int, principal: CurrentPrincipal, service: Definitions) -> Any:
        past = await service.past_version(principal.client_id, (kind, code), number)
        return _past(past_view, past.stored, past.change)

    return router


def _shown(view: Any, stored: Stored, response: Response) -> Any:
    response.headers["ETag"] = f'"{stored.version}"'
    return view.of(stored)


def _past(view: Any, stored: Stored, change: Any) -> Any:
    return view(**dict(DefinitionView.of(stored)), change=change)


def deprecation_router() -> APIRouter:
    router = APIRouter(tags=["kpis"])

    @router.delete("/kpis/{code}", responses=problems(TRAITS[Kind.KPI].not_found, Conflict))
    async def deprecate_kpi(
        code: str,
        *,
        editor: EditorHere,
        service: Definitions,
        expected: ExpectedVersion,
        replaced_by: Annotated[str | None, Query(description="the KPI to use instead")] = None,
    ) -> DefinitionView[Kpi]:
        """Deprecate a KPI: it stays readable, its code stays taken, and its versions stay."""
        edits = await service.deprecate(editor, code, replaced_by=replaced_by, expected=Expectation(version=expected))
        return DefinitionView[Kpi].of(edits.stored((Kind.KPI, code)))

    return router
