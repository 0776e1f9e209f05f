from __future__ import annotations

from pydantic import Field, SecretStr

from analytics_engine.contracts.clients import ClientId
from analytics_engine.contracts.wire import WireModel
from analytics_engine.kernel.security.principal import Role
from analytics_engine.services.api_gateway.users.schemas import Email


class LoginRequest(WireModel):
    email: Email
    password: SecretStr = Field(max_length=1000)
    refresh_token_in_body: bool = Field(
        default=False, description="for programs: return the refresh token instead of setting a cookie"
    )


class RefreshRequest(WireModel):
    refresh_token: SecretStr | None = Field(default=None, description="for programs; browsers send the cookie")


class SwitchRequest(WireModel):
    client_id: ClientId


class Identity(WireModel):
    """Who is signed in, and for which client they work now."""

    subject: str
    email: str = Field(default="", description="empty for an API key")
    name: str
    role: Role
    client_id: str
    home_client_id: str


class Tokens(WireModel):
    """An access token, and whom it speaks for."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105 - the scheme's name, not a secret
    expires_in: int = Field(description="seconds")
    user: Identity
    refresh_token: str | None = Field(default=None, description="only where it was asked for in the body")
