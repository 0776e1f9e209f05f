from __future__ import annotations

from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, Field

from analytics_engine.contracts.clients import ClientProfile
from analytics_engine.contracts.wire import WireModel


class PastProfile(BaseModel):
    """A version of a client's settings, with who made it and when."""

    profile: ClientProfile
    author: str
    created_at: AwareDatetime


class RequiredObjectsRequest(WireModel):
    kpis: tuple[str, ...] = Field(min_length=1, max_length=500)


class RequiredAttribute(BaseModel):
    """An attribute that must be mapped, and the KPIs that read it (directly, or through KPIs they refer to)."""

    name: str
    type: str
    unit: str
    description: str
    kpis: list[str]


class RequiredObject(BaseModel):
    """An object model that must be filled, with the attributes that are read: the minimal set."""

    code: str
    name: str
    attributes: list[RequiredAttribute]
    not_required: list[str] = Field(description="attributes that none of these KPIs reads")


class RequiredObjects(BaseModel):
    """What data a choice of KPIs needs, derived from their formulas."""

    catalog_version: str
    kpis: list[str]
    object_models: list[RequiredObject]


class LoadStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class SampleLoad(BaseModel):
    """A load of sample data and how far it is."""

    load_id: str
    sample: str
    client_id: str
    status: LoadStatus
    progress: float = Field(ge=0, le=1)
    step: str
    detail: str = ""
    remedy: str = ""
    rows: dict[str, int] = Field(default_factory=dict, description="rows loaded so far, by object model")
    requested_at: AwareDatetime
    finished_at: AwareDatetime | None = None


class SampleView(BaseModel):
    """A sample that can be loaded, and its latest load."""

    code: str
    name: str
    description: str
    client_id: str
    object_models: list[str]
    available: bool
    remedy: str = Field(default="", description="what to do when it is not available")
    latest_load: SampleLoad | None = None
