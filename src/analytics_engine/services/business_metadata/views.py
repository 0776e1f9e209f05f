"""The catalog as people look at it: the tree, what a search finds, and the counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from analytics_engine.errors import AnalyticsEngineError
from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.model.kpi import Kpi, KpiStatus
from analytics_engine.services.business_metadata.definitions import GLOBAL, AnyDefinition, Kind, Stored
from analytics_engine.services.business_metadata.schemas import (
    Hit,
    Hits,
    KpiNode,
    ModuleNode,
    Stats,
    Tree,
    ValueChainNode,
)
from analytics_engine.services.business_metadata.snapshot import Snapshot


def tree_of(snapshot: Snapshot) -> Tree:
    catalog = snapshot.catalog
    checker = KpiChecker(catalog)
    kpis: dict[str, list[KpiNode]] = {}
    for kpi in catalog.kpis:
        kpis.setdefault(kpi.definition.module, []).append(_kpi_node(checker, kpi.definition, kpi.version))
    models: dict[str, list[str]] = {}
    for model in catalog.object_models:
        for module in model.definition.modules:
            models.setdefault(module, []).append(model.definition.code)
    return Tree(
        catalog_version=snapshot.version,
        value_chains=[
            ValueChainNode(
                code=chain.code,
                name=chain.name,
                description=chain.description,
                modules=[
                    ModuleNode(
                        code=module.code,
                        name=module.name,
                        description=module.description,
                        object_models=models.get(module.code, []),
                        kpis=kpis.get(module.code, []),
                    )
                    for module in catalog.modules
                    if chain.code in module.value_chains
                ],
            )
            for chain in catalog.value_chains
        ],
    )


def _kpi_node(checker: KpiChecker, kpi: Kpi, version: int) -> KpiNode:
    return KpiNode(
        code=kpi.code,
        name=kpi.name,
        description=kpi.description,
        unit=_unit(checker, kpi.code),
        direction=kpi.direction,
        status=kpi.status,
        tags=kpi.tags,
        version=version,
    )


def _unit(checker: KpiChecker, code: str) -> str:
    """Return a KPI's unit; empty for a formula that a later change of a global definition broke for this client."""
    try:
        return str(checker.kpi(code).unit)
    except AnalyticsEngineError:
        return ""


def search(snapshot: Snapshot, text: str, *, limit: int) -> Hits:
    """Return the definitions in which every word of the text occurs, the best match first."""
    words = text.lower().split()
    matches = [
        ((rank, stored.code, stored.kind.value), stored, matched)
        for stored in snapshot.definitions
        for rank, matched in _best_match(stored.definition, words)
    ]
    ranked = sorted(matches, key=lambda match: match[0])
    hits = [
        Hit(
            kind=stored.kind,
            code=stored.code,
            name=stored.definition.name,
            description=stored.definition.description,
            matched=matched,
        )
        for _, stored, matched in ranked[:limit]
    ]
    return Hits(items=hits, total=len(ranked))


def _best_match(definition: AnyDefinition, words: list[str]) -> Iterator[tuple[int, str]]:
    """Yield the first part of the definition, by weight, that holds all words; else the whole when that does."""
    parts = [
        ("code", definition.code.lower()),
        ("name", definition.name.lower()),
        ("tags", " ".join(definition.tags).lower() if isinstance(definition, Kpi) else ""),
        ("description", definition.description.lower()),
        ("formula", definition.formula.lower() if isinstance(definition, Kpi) else ""),
        ("attributes", " ".join(attribute.name for attribute in getattr(definition, "attributes", ()))),
    ]
    if [definition.code.lower()] == words:
        yield 0, "code"
        return
    for rank, (name, part) in enumerate(parts, start=1):
        if all(word in part for word in words):
            yield rank, name
            return
    whole = " ".join(part for _, part in parts)
    if all(word in whole for word in words):
        yield len(parts) + 1, "several"


def stats_of(snapshot: Snapshot) -> Stats:
    kinds = Counter(stored.kind for stored in snapshot.definitions)
    kpis = [stored.definition for stored in snapshot.of_kind(Kind.KPI) if isinstance(stored.definition, Kpi)]
    statuses = Counter(kpi.status for kpi in kpis)
    return Stats(
        catalog_version=snapshot.version,
        changed_at=snapshot.changed_at,
        value_chains=kinds[Kind.VALUE_CHAIN],
        modules=kinds[Kind.MODULE],
        object_models=kinds[Kind.OBJECT_MODEL],
        kpis=kinds[Kind.KPI],
        kpis_by_status={status: statuses[status] for status in KpiStatus},
        kpis_by_module=dict(sorted(Counter(kpi.module for kpi in kpis).items())),
        own_definitions=sum(_is_own(stored) for stored in snapshot.definitions),
    )


def _is_own(stored: Stored) -> bool:
    return stored.client_id != GLOBAL
