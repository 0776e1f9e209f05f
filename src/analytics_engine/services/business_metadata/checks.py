"""What must hold between definitions, checked before a change of any of them is kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager

from analytics_engine.errors import AnalyticsEngineError, InvalidDefinition
from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.model.catalog import Catalog
from analytics_engine.kpi.model.kpi import Module
from analytics_engine.kpi.model.object_model import Cardinality, DataType, Nature, ObjectModel, Relation
from analytics_engine.kpi.model.suggest import did_you_mean
from analytics_engine.kpi.sql.keeping import keeping_of
from analytics_engine.services.business_metadata.definitions import Key, Kind

Problem = tuple[Key, AnalyticsEngineError]

_CODE = re.compile(r"[A-Z][A-Z0-9_]*")


def problems_of(catalog: Catalog, changed: AbstractSet[Key]) -> list[Problem]:
    """Return what is wrong in a catalog to be: with the changed definitions, and with those that read them."""
    findings = _Findings()
    chains = {chain.code for chain in catalog.value_chains}
    for module in catalog.modules:
        if (Kind.MODULE, module.code) in changed:
            with findings.about(Kind.MODULE, module.code):
                _check_module(module, chains)
    for version in catalog.object_models:
        model = version.definition
        if any((Kind.OBJECT_MODEL, code) in changed for code in (model.code, *_targets(model))):
            with findings.about(Kind.OBJECT_MODEL, model.code):
                _check_object_model(catalog, model)
    checker = KpiChecker(catalog)
    for code in _kpis_to_check(catalog, changed):
        with findings.about(Kind.KPI, code):
            _check_kpi(catalog, code, checker)
    for rollup in catalog.rollups:
        if (Kind.ROLLUP, rollup.definition.code) in changed:
            with findings.about(Kind.ROLLUP, rollup.definition.code):
                keeping_of(rollup.definition, checker)
    return findings.problems


class _Findings:
    def __init__(self) -> None:
        self.problems: list[Problem] = []

    @contextmanager
    def about(self, kind: Kind, code: str) -> Iterator[None]:
        try:
            yield
        except AnalyticsEngineError as error:
            self.problems.append(((kind, code), error))


def _targets(model: ObjectModel) -> set[str]:
    return {relation.target for relation in model.relations}


def _check_kpi(catalog: Catalog, code: str, checker: KpiChecker) -> None:
    kpi = catalog.kpi(code).definition
    modules = {module.code for module in catalog.modules}
    _known("module", kpi.module, modules, place="module")
    if kpi.replaced_by is not None:
        _known("KPI", kpi.replaced_by, {other.definition.code for other in catalog.kpis}, place="replaced_by")
    checker.kpi(code)


def _kpis_to_check(catalog: Catalog, changed: AbstractSet[Key]) -> list[str]:
    """Return the changed KPIs, then those whose formulas lead to a change: all where an object model changed."""
    codes = [kpi.definition.code for kpi in catalog.kpis]
    codes.sort(key=lambda code: (Kind.KPI, code) not in changed)
    if any(kind is Kind.OBJECT_MODEL for kind, _ in changed):
        return codes
    reached = {code for kind, code in changed if kind is Kind.KPI}
    mentions = {
        kpi.definition.code: set(_CODE.findall(f"{kpi.definition.formula} {kpi.definition.filter}"))
        for kpi in catalog.kpis
    }
    while more := {code for code, named in mentions.items() if code not in reached and named & reached}:
        reached |= more
    return [code for code in codes if code in reached]


def _check_module(module: Module, chains: AbstractSet[str]) -> None:
    for chain in module.value_chains:
        _known("value chain", chain, chains, place="value_chains")


def _check_object_model(catalog: Catalog, model: ObjectModel) -> None:
    modules = {module.code for module in catalog.modules}
    for module in model.modules:
        _known("module", module, modules, place="modules")
    targets = {other.definition.code: other.definition for other in catalog.object_models}
    for relation in model.relations:
        _known("object model", relation.target, targets.keys(), place=f"relations.{relation.name}.target")
        _check_relation(model, relation, targets[relation.target])


def _check_relation(model: ObjectModel, relation: Relation, target: ObjectModel) -> None:
    """A relation leads to at most one row only when it names the whole key of its target, or a version of it."""
    place = f"relations.{relation.name}.on"
    whole = target.key
    if relation.as_of is not None:
        _check_version(model, relation, target)
        whole = target.series
    if set(relation.on.values()) != set(whole):
        raise InvalidDefinition(
            f"{place} must name the whole key of {target.code} ({', '.join(whole)}), "
            f"and names {', '.join(relation.on.values())}.",
            remedy="Otherwise one row here could meet several there, and be counted more than once.",
            place=place,
        )
    if relation.cardinality is Cardinality.ONE_TO_ONE and set(relation.on) != set(model.key):
        raise InvalidDefinition(
            f"relations.{relation.name} is one_to_one, but {', '.join(relation.on)} is not the whole key of "
            f"{model.code} ({', '.join(model.key)}): several rows here could point to one there.",
            remedy="Make it many_to_one, or key the rows here by what points there.",
            place=f"relations.{relation.name}.cardinality",
        )
    for here, there in relation.on.items():
        own, other = model.attribute(here), target.attribute(there)
        assert own is not None
        assert other is not None
        if own.type is not other.type:
            raise InvalidDefinition(
                f"{place} joins {model.code}.{here} ({own.type.value}) to {target.code}.{there} ({other.type.value}).",
                remedy="Give both the same type.",
                place=place,
            )


def _check_version(model: ObjectModel, relation: Relation, target: ObjectModel) -> None:
    """``as_of`` chooses among the versions of an interval, by a moment that can be compared with theirs."""
    place = f"relations.{relation.name}.as_of"
    if target.nature is not Nature.INTERVAL or target.valid_from is None or relation.as_of is None:
        raise InvalidDefinition(
            f"{place} chooses a version of {target.code}, which is of nature {target.nature} and has none.",
            remedy="Leave as_of out, or make the target an interval with valid_from and valid_to.",
            place=place,
        )
    moment, begins = model.attribute(relation.as_of), target.attribute(target.valid_from)
    assert moment is not None
    assert begins is not None
    if (moment.type, begins.type) == (DataType.DATE, DataType.TIMESTAMP):
        raise InvalidDefinition(
            f"{place} names a day, {model.code}.{moment.name}; versions of {target.code} change at instants.",
            remedy="Name a timestamp, or date the versions by days.",
            place=place,
        )


def _known(noun: str, code: str, known: AbstractSet[str], *, place: str) -> None:
    if code not in known:
        raise InvalidDefinition(
            f"{place} names the {noun} {code!r}, which does not exist.",
            remedy=did_you_mean(code, known) or f"There are: {', '.join(sorted(known)) or 'none yet'}.",
            place=place,
        )
