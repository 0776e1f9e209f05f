"""What data a choice of KPIs needs: derived from their formulas down to the attribute, never guessed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.model.catalog import Catalog
from analytics_engine.kpi.model.object_model import ObjectModel
from analytics_engine.services.demo_config_service.schemas import RequiredAttribute, RequiredObject, RequiredObjects


def required_objects(catalog: Catalog, codes: Sequence[str]) -> RequiredObjects:
    """Return the minimal object models and attributes for these KPIs.

    Raises:
        KpiNotFound: there is no KPI of one of these codes.
        FormulaError: a formula is wrong, so what it needs cannot be known.
    """
    checker = KpiChecker(catalog)
    wanted = list(dict.fromkeys(codes))
    readers: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for code in wanted:
        for path in checker.kpi(code).attributes:
            model, _, attribute = path.partition(".")
            readers[model][attribute].append(code)
    return RequiredObjects(
        catalog_version=catalog.version,
        kpis=wanted,
        object_models=[_required(catalog.object_model(model).definition, readers[model]) for model in sorted(readers)],
    )


def _required(model: ObjectModel, readers: dict[str, list[str]]) -> RequiredObject:
    """Beside what is read, a row needs its key and every attribute that must not be null."""
    needed = {*readers, *model.key, *(attribute.name for attribute in model.attributes if not attribute.nullable)}
    return RequiredObject(
        code=model.code,
        name=model.name,
        attributes=[
            RequiredAttribute(
                name=attribute.name,
                type=attribute.type.value,
                unit=attribute.unit,
                description=attribute.description,
                kpis=readers.get(attribute.name, []),
            )
            for attribute in model.attributes
            if attribute.name in needed
        ],
        not_required=[attribute.name for attribute in model.attributes if attribute.name not in needed],
    )
