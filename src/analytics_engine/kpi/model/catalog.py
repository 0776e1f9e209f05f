"""A catalog: every definition that one client's questions are answered with, at one version."""

from __future__ import annotations

from functools import cached_property

from pydantic import Field

from analytics_engine.errors import KpiNotFound, ObjectModelNotFound
from analytics_engine.kpi.model.base import Definition
from analytics_engine.kpi.model.kpi import Kpi, Module, ValueChain
from analytics_engine.kpi.model.object_model import ObjectModel
from analytics_engine.kpi.model.rollup import Rollup
from analytics_engine.kpi.model.suggest import did_you_mean


class Versioned(Definition):
    """How often a definition was changed; a value names the version it was computed with."""

    version: int = Field(default=1, ge=1)


class KpiVersion(Versioned):
    definition: Kpi


class ObjectModelVersion(Versioned):
    definition: ObjectModel


class RollupVersion(Versioned):
    definition: Rollup


class Catalog(Definition):
    """Definitions of one client (its own first, then the global ones) under one version.

    ``version`` changes whenever anything in the catalog changes; it is part of every cache key.
    """

    version: str
    value_chains: tuple[ValueChain, ...] = ()
    modules: tuple[Module, ...] = ()
    object_models: tuple[ObjectModelVersion, ...] = ()
    kpis: tuple[KpiVersion, ...] = ()
    rollups: tuple[RollupVersion, ...] = ()

    @cached_property
    def _kpis(self) -> dict[str, KpiVersion]:
        return {kpi.definition.code: kpi for kpi in self.kpis}

    @cached_property
    def _object_models(self) -> dict[str, ObjectModelVersion]:
        return {model.definition.code: model for model in self.object_models}

    def has_kpi(self, code: str) -> bool:
        return code in self._kpis

    def has_object_model(self, code: str) -> bool:
        return code in self._object_models

    def kpi(self, code: str) -> KpiVersion:
        """Return a KPI.

        Raises:
            KpiNotFound: there is none of this code; the nearest codes are named.
        """
        found = self._kpis.get(code)
        if found is None:
            near = did_you_mean(code, self._kpis)
            raise KpiNotFound(f"There is no KPI {code!r}.", remedy=near or "List them at /kpis.", kpi=code)
        return found

    def object_model(self, code: str) -> ObjectModelVersion:
        """Return an object model.

        Raises:
            ObjectModelNotFound: there is none of this code; the nearest codes are named.
        """
        found = self._object_models.get(code)
        if found is None:
            near = did_you_mean(code, self._object_models)
            raise ObjectModelNotFound(
                f"There is no object model {code!r}.",
                remedy=near or "List them at /object-models.",
                object_model=code,
            )
        return found
