"""All definitions one client sees, at one version: what every reading question is answered from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from analytics_engine.kpi.model.catalog import Catalog, KpiVersion, ObjectModelVersion, RollupVersion
from analytics_engine.kpi.model.kpi import Kpi, Module, ValueChain
from analytics_engine.kpi.model.object_model import ObjectModel
from analytics_engine.kpi.model.rollup import Rollup
from analytics_engine.kpi.model.suggest import did_you_mean
from analytics_engine.services.business_metadata.definitions import TRAITS, Key, Kind, Stored


@dataclass(frozen=True)
class Snapshot:
    version: str
    changed_at: datetime | None
    definitions: tuple[Stored, ...]

    @cached_property
    def by_key(self) -> dict[Key, Stored]:
        return {stored.key: stored for stored in self.definitions}

    def of_kind(self, kind: Kind) -> Iterator[Stored]:
        return (stored for stored in self.definitions if stored.kind is kind)

    def one(self, kind: Kind, code: str) -> Stored:
        """Return a definition.

        Raises:
            NotFound: there is none of this code (of its kind's own class); the nearest codes are named.
        """
        found = self.by_key.get((kind, code))
        if found is None:
            traits = TRAITS[kind]
            near = did_you_mean(code, (stored.code for stored in self.of_kind(kind)))
            raise traits.not_found(
                f"There is no {traits.noun} {code!r}.",
                remedy=near or f"List them at {traits.path}.",
                **{kind.value: code},
            )
        return found

    @cached_property
    def catalog(self) -> Catalog:
        return catalog_of(self.version, self.definitions)

    @cached_property
    def catalog_json(self) -> bytes:
        return self.catalog.model_dump_json().encode()


def catalog_of(version: str, definitions: Iterable[Stored]) -> Catalog:
    """Return the definitions as the calculation engine reads them."""
    chains: list[ValueChain] = []
    modules: list[Module] = []
    models: list[ObjectModelVersion] = []
    kpis: list[KpiVersion] = []
    rollups: list[RollupVersion] = []
    for stored in definitions:
        match stored.definition:
            case ValueChain() as chain:
                chains.append(chain)
            case Module() as module:
                modules.append(module)
            case ObjectModel() as model:
                models.append(ObjectModelVersion(version=stored.version, definition=model))
            case Kpi() as kpi:
                kpis.append(KpiVersion(version=stored.version, definition=kpi))
            case Rollup() as rollup:
                rollups.append(RollupVersion(version=stored.version, definition=rollup))
    return Catalog(
        version=version,
        value_chains=tuple(chains),
        modules=tuple(modules),
        object_models=tuple(models),
        kpis=tuple(kpis),
        rollups=tuple(rollups),
    )
