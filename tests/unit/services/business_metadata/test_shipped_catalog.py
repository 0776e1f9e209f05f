from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.model.catalog import Catalog
from analytics_engine.services.business_metadata.bundle import Entry, read_bundle, read_directory
from analytics_engine.services.business_metadata.checks import problems_of
from analytics_engine.services.business_metadata.definitions import Stored
from analytics_engine.services.business_metadata.snapshot import catalog_of

CATALOG = Path(__file__).parents[4] / "catalog"

UNITS = {
    "FL_FLIGHTS": "flight",
    "FL_CANCELLATION_RATE": "",
    "FL_ON_TIME_DEPARTURE_RATE": "",
    "FL_DEPARTURE_DELAY_P95": "min",
    "FL_DELAY_RECOVERED": "min",
    "FL_DISTANCE": "mile",
    "FL_AIR_TIME_HOURS": "h",
    "FL_AVERAGE_SPEED": "mile/h",
    "FL_SEATS_PER_FLIGHT": "seat/flight",
    "WX_AVG_TEMPERATURE": "degF",
}
TIME_WORDS = re.compile(
    r"\b(hourly|daily|weekly|monthly|quarterly|yearly|annual|annually|ytd|mtd|yoy|mom|rolling)\b", re.IGNORECASE
)


@pytest.fixture(scope="module")
def entries() -> tuple[Entry, ...]:
    return read_bundle(read_directory(CATALOG))


@pytest.fixture(scope="module")
def catalog(entries: tuple[Entry, ...]) -> Catalog:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return catalog_of("shipped", [Stored("", 1, "shipped", now, entry.definition) for entry in entries])


def test_every_shipped_definition_fits_the_others(entries: tuple[Entry, ...], catalog: Catalog) -> None:
    """Modules, relations and formulas of the shipped catalog have no problem at all."""
    assert problems_of(catalog, {entry.key for entry in entries}) == []


def test_there_are_enough_kpis_over_enough_object_models(catalog: Catalog) -> None:
    """At least 22 KPIs in at least 4 modules, over at least 3 object models, every one of them described."""
    checker = KpiChecker(catalog)
    models = {model for kpi in catalog.kpis for model in checker.kpi(kpi.definition.code).object_models}
    assert len(catalog.kpis) >= 22
    assert len({kpi.definition.module for kpi in catalog.kpis}) >= 4
    assert models == {"flight", "plane", "weather"}
    assert all(len(kpi.definition.description) > 40 for kpi in catalog.kpis)


def test_no_name_or_formula_carries_a_time_modifier(catalog: Catalog) -> None:
    """Grain, comparison and windows are chosen when asking."""
    named = [kpi.definition.code for kpi in catalog.kpis if TIME_WORDS.search(kpi.definition.name)]
    assert named == []


@pytest.mark.parametrize(("code", "unit"), UNITS.items())
def test_units_follow_from_the_attributes(catalog: Catalog, code: str, unit: str) -> None:
    """A KPI's unit is what its formula makes of its attributes' units."""
    assert str(KpiChecker(catalog).kpi(code).unit) == unit
