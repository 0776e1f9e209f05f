from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Role(StrEnum):
    """What a principal may do; the policy table of the gateway gives each its rights."""

    VIEWER = "viewer"
    ANALYST = "analyst"
    CONSULTANT = "consultant"
    OPERATOR = "operator"
    ADMIN = "admin"
    SERVICE = "service"


class Principal(BaseModel):
    """Who asks, for which client (tenant), in which role. It comes from a verified token, never from the request."""

    model_config = ConfigDict(frozen=True)

    subject: str
    client_id: str
    role: Role
    name: str = ""
