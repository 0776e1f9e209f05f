"""The five kinds of definitions, and one definition as it is stored: its version, author, time and scope."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from analytics_engine.errors import KpiNotFound, NotFound, ObjectModelNotFound
from analytics_engine.kpi.model.kpi import Kpi, Module, ValueChain
from analytics_engine.kpi.model.object_model import ObjectModel
from analytics_engine.kpi.model.rollup import Rollup

AnyDefinition = ValueChain | Module | ObjectModel | Kpi | Rollup

GLOBAL = ""
"""The client id of definitions that belong to all clients."""


class Kind(StrEnum):
    VALUE_CHAIN = "value_chain"
    MODULE = "module"
    OBJECT_MODEL = "object_model"
    KPI = "kpi"
    ROLLUP = "rollup"


@dataclass(frozen=True)
class KindTraits:
    """What differs between the kinds: their words, paths and types."""

    kind: Kind
    model: type[AnyDefinition]
    noun: str
    path: str
    section: str
    not_found: type[NotFound]


_TRAITS = (
    KindTraits(Kind.VALUE_CHAIN, ValueChain, "value chain", "/value-chains", "value_chains", NotFound),
    KindTraits(Kind.MODULE, Module, "module", "/modules", "modules", NotFound),
    KindTraits(Kind.OBJECT_MODEL, ObjectModel, "object model", "/object-models", "object_models", ObjectModelNotFound),
    KindTraits(Kind.KPI, Kpi, "KPI", "/kpis", "kpis", KpiNotFound),
    KindTraits(Kind.ROLLUP, Rollup, "rollup", "/rollups", "rollups", NotFound),
)
TRAITS: Mapping[Kind, KindTraits] = {traits.kind: traits for traits in _TRAITS}
TRAITS_OF_SECTION: Mapping[str, KindTraits] = {traits.section: traits for traits in _TRAITS}
_KIND_OF_MODEL = {traits.model: traits.kind for traits in _TRAITS}

Key = tuple[Kind, str]


def kind_of(definition: AnyDefinition) -> Kind:
    return _KIND_OF_MODEL[type(definition)]


def body_of(definition: AnyDefinition) -> dict[str, Any]:
    """Return a definition as JSON without its defaults, so that a new optional field changes no stored content."""
    return definition.model_dump(mode="json", exclude_defaults=True)


def content_hash(definition: AnyDefinition) -> str:
    canonical = json.dumps(body_of(definition), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True)
class Stored:
    """A version of a definition, and whose it is (``client_id`` is empty for global ones)."""

    client_id: str
    version: int
    author: str
    created_at: datetime
    definition: AnyDefinition

    @property
    def kind(self) -> Kind:
        return kind_of(self.definition)

    @property
    def code(self) -> str:
        return self.definition.code

    @property
    def key(self) -> Key:
        return self.kind, self.code
