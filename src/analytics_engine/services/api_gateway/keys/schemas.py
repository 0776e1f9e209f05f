from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints

from analytics_engine.contracts.clients import ClientId
from analytics_engine.contracts.wire import WireModel
from analytics_engine.kernel.security.principal import Role

_AREAS = "metadata|calculate|live|alerts|jobs|schedules|config|connector|data|messages|admin"
Scope = Annotated[str, StringConstraints(pattern=rf"^({_AREAS})(:read)?$")]
"""What a key is for: an area of the API, or only reading it (``metadata:read``)."""


class KeyRole(StrEnum):
    """The roles a key may have: a person administers, a program does not."""

    VIEWER = Role.VIEWER.value
    ANALYST = Role.ANALYST.value
    CONSULTANT = Role.CONSULTANT.value
    OPERATOR = Role.OPERATOR.value


class ApiKey(WireModel):
    """A key as it is known after it was made: by its prefix."""

    id: str
    prefix: str
    name: str
    client_id: str
    role: KeyRole
    scopes: tuple[Scope, ...] = Field(description="empty: all the role allows")
    created_at: AwareDatetime
    created_by: str
    expires_at: AwareDatetime | None
    revoked_at: AwareDatetime | None
    last_used_at: AwareDatetime | None


class NewApiKey(WireModel):
    name: str = Field(min_length=1, max_length=200)
    client_id: ClientId
    role: KeyRole = KeyRole.VIEWER
    scopes: tuple[Scope, ...] = ()
    expires_at: AwareDatetime | None = None


class CreatedApiKey(WireModel):
    """A new key with its secret, which is shown this once."""

    key: str
    details: ApiKey
