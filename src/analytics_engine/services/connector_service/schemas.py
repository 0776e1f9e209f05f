from __future__ import annotations

from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from analytics_engine.contracts.wire import WireModel
from analytics_engine.services.connector_service.kinds import SourceKind

ProfileName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]


class ProfileSettings(WireModel):
    """What a person decides of a profile: its name, and where the data is."""

    name: ProfileName
    kind: SourceKind
    options: dict[str, Any] = Field(default_factory=dict, description="as /kinds describes for this kind")
    secret_refs: dict[str, str] = Field(
        default_factory=dict, description="name of a secret -> where it is kept: env:NAME or file:NAME"
    )


class Profile(BaseModel):
    """A connector profile; ``version`` is its ETag."""

    id: str
    name: str
    kind: SourceKind
    options: dict[str, Any]
    secret_refs: dict[str, str]
    version: int
    created_by: str
    created_at: AwareDatetime
    updated_at: AwareDatetime


class KindView(BaseModel):
    """A kind of source, with the JSON schema of its options and the names of its secrets."""

    kind: SourceKind
    title: str
    description: str
    options_schema: dict[str, Any]
    secrets: list[str]


class Trial(BaseModel):
    """What a test of a profile found: it works, or why not and what to do."""

    works: bool
    detail: str
    remedy: str = ""
    duration_ms: float
