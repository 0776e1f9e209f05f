from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field, SecretStr, StringConstraints

from analytics_engine.contracts.clients import ClientId
from analytics_engine.contracts.wire import WireModel
from analytics_engine.kernel.security.principal import Role

Email = Annotated[
    str,
    StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$", max_length=254, strip_whitespace=True),
    AfterValidator(str.lower),
]


class UserRole(StrEnum):
    """The roles a person may have; ``admin`` may do everything, for every client."""

    VIEWER = Role.VIEWER.value
    ANALYST = Role.ANALYST.value
    CONSULTANT = Role.CONSULTANT.value
    OPERATOR = Role.OPERATOR.value
    ADMIN = Role.ADMIN.value


class User(WireModel):
    id: str
    email: str
    name: str
    role: UserRole
    client_id: str
    disabled: bool
    created_at: AwareDatetime


class NewUser(WireModel):
    email: Email
    name: str = Field(min_length=1, max_length=200)
    password: SecretStr
    role: UserRole = UserRole.VIEWER
    client_id: ClientId


class UserChange(WireModel):
    """What to change; what is left out stays."""

    name: str | None = Field(default=None, min_length=1, max_length=200)
    role: UserRole | None = None
    client_id: ClientId | None = None
    disabled: bool | None = None


class NewPassword(WireModel):
    password: SecretStr
