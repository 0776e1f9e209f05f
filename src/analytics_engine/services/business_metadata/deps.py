from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query

from analytics_engine.kernel.http.authentication import CurrentPrincipal, require_role
from analytics_engine.kernel.http.built import built
from analytics_engine.kernel.security.principal import Role
from analytics_engine.services.business_metadata.definitions import GLOBAL
from analytics_engine.services.business_metadata.edits import Editor
from analytics_engine.services.business_metadata.schemas import Scope
from analytics_engine.services.business_metadata.service import DefinitionService


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


Definitions = Annotated[DefinitionService, built("definitions")]
EditorHere = Annotated[Editor, Depends(editor)]
