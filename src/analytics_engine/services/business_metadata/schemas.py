from __future__ import annotations

from datetime import datetime
from typing import Generic, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, Field

from analytics_engine.contracts.metadata import Change
from analytics_engine.kpi.model.kpi import Direction, KpiStatus
from analytics_engine.services.business_metadata.definitions import GLOBAL, AnyDefinition, Kind, Stored

D = TypeVar("D", bound=AnyDefinition)

Scope = Literal["client", "global"]


class DefinitionView(BaseModel, Generic[D]):
    """One version of a definition, and whose it is: the client's own, or the global one that all share."""

    version: int
    scope: Scope
    author: str
    created_at: AwareDatetime
    definition: D

    @classmethod
    def of(cls, stored: Stored) -> DefinitionView[D]:
        return cls(
            version=stored.version,
            scope=scope_of(stored),
            author=stored.author,
            created_at=stored.created_at,
            definition=stored.definition,
        )


class PastVersionView(DefinitionView[D], Generic[D]):
    """A version in a definition's history, with what it changed."""

    change: tuple[Change, ...]


class KpiNode(BaseModel):
    """A KPI in the tree."""

    code: str
    name: str
    description: str
    unit: str
    direction: Direction
    status: KpiStatus
    tags: tuple[str, ...]
    version: int


class ModuleNode(BaseModel):
    code: str
    name: str
    description: str
    object_models: list[str]
    kpis: list[KpiNode]


class ValueChainNode(BaseModel):
    code: str
    name: str
    description: str
    modules: list[ModuleNode]


class Tree(BaseModel):
    """Value chain > module > KPI. A module of several value chains stands in each of them."""

    catalog_version: str
    value_chains: list[ValueChainNode]


class Hit(BaseModel):
    """A definition that was found, and where it matched."""

    kind: Kind
    code: str
    name: str
    description: str
    matched: str


class Hits(BaseModel):
    items: list[Hit]
    total: int


class Stats(BaseModel):
    """How much is defined, as this client sees it."""

    catalog_version: str
    changed_at: datetime | None
    value_chains: int
    modules: int
    object_models: int
    kpis: int
    kpis_by_status: dict[KpiStatus, int]
    kpis_by_module: dict[str, int]
    own_definitions: int = Field(description="definitions of the client's own, which hide global ones of their code")


class Outcome(BaseModel):
    """What became of one definition of an import."""

    kind: Kind
    code: str
    version: int
    change: tuple[Change, ...] = ()


class ImportReport(BaseModel):
    """What an import did, or would do when it is a dry run."""

    dry_run: bool
    catalog_version: str
    created: list[Outcome]
    changed: list[Outcome]
    unchanged: int


def scope_of(stored: Stored) -> Scope:
    return "global" if stored.client_id == GLOBAL else "client"
