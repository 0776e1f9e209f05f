from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header, Query, Request

from analytics_engine.errors import InvalidInput
from analytics_engine.kernel.http.authentication import CurrentPrincipal, require_role
from analytics_engine.kernel.paging import PageRequest, page_request
from analytics_engine.kernel.security.principal import Role
from analytics_engine.services.business_metadata.definitions import GLOBAL
from analytics_engine.services.business_metadata.edits import Editor
from analytics_engine.services.business_metadata.schemas import Scope
from analytics_engine.services.business_metadata.service import DefinitionService


def definition_service(request: Request) -> DefinitionService:
    service: DefinitionService = request.app.state.definitions
    return service


def editor(
    principal: CurrentPrincipal,
    scope: Annotated[
        Scope, Query(description="whose definitions to change: the client's own, or (admin) the global ones")
    ] = "client",
) -> Editor:
    """Return who edits what.

    Raises:
        Forbidden: the role may not edit, or not in this scope.
    """
    if scope == "global":
        require_role(principal)
        return Editor(author=principal.name or principal.subject, scope=GLOBAL)
    require_role(principal, Role.ANALYST, Role.CONSULTANT)
    return Editor(author=principal.name or principal.subject, scope=principal.client_id)


def expected_version(
    if_match: Annotated[str | None, Header(description="the ETag of the version that was read")] = None,
) -> int | None:
    if if_match is None or if_match == "*":
        return None
    number = if_match.removeprefix("W/").strip('"')
    if not number.isascii() or not number.isdigit():
        raise InvalidInput(
            f"If-Match is {if_match!r}, which is no version.", remedy='Send the ETag you read, such as "3".'
        )
    return int(number)


Definitions = Annotated[DefinitionService, Depends(definition_service)]
EditorHere = Annotated[Editor, Depends(editor)]
ExpectedVersion = Annotated[int | None, Depends(expected_version)]
PageHere = Annotated[PageRequest, Depends(page_request)]
