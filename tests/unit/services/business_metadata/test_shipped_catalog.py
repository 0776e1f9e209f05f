from __future__ import annotations

import re
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

import pytest

from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.model.catalog import Catalog
from analytics_engine.kpi.model.kpi import Direction, KpiStatus, Target
from analytics_engine.kpi.model.object_model import Nature, ObjectModel
from analytics_engine.services.business_metadata.bundle import Entry, read_bundle, read_directory
from analytics_engine.services.business_metadata.checks import problems_of
from analytics_engine.services.business_metadata.definitions import Stored
from analytics_engine.services.business_metadata.snapshot import catalog_of

CATALOG = Path(__file__).parents[4] / "catalog"

BARE = ""
UNITS_OF_CHAIN = {
    "SUPPLY_CHAIN": {
        "SC_PERFECT_ORDER": BARE,
        "SC_ON_TIME_DELIVERY": BARE,
        "SC_OTIF": BARE,
        "SC_ORDER_CYCLE_TIME": "day",
        "SC_ORDER_CYCLE_P90": "day",
        "SC_FILL_RATE": BARE,
        "SC_BACKORDER_VALUE": "currency",
        "SC_INVENTORY_VALUE": "currency",
        "SC_INVENTORY_TURNS": BARE,
        "SC_DAYS_INVENTORY": "day",
        "SC_STOCKOUT_RATE": BARE,
        "SC_INVENTORY_ACCURACY": BARE,
        "SC_FREIGHT_PCT_SALES": BARE,
        "SC_CO2_PER_TKM": "kgCO2e/km/t",
        "SC_RETURN_RATE": BARE,
        "SC_SUPPLIER_ON_TIME": BARE,
        "SC_SUPPLIER_DEFECT_PPM": BARE,
        "SC_PRICE_VARIANCE": "currency",
        "SC_MAVERICK_SPEND": BARE,
    },
    "SALES": {
        "SA_NET_REVENUE": "currency",
        "SA_AVG_ORDER_VALUE": "currency/order",
        "SA_DISCOUNT_RATE": BARE,
        "SA_GROSS_MARGIN": BARE,
        "SA_LEAD_CONVERSION": BARE,
        "SA_LEAD_RESPONSE_P50": "h",
        "SA_WIN_RATE": BARE,
        "SA_SALES_CYCLE": "day",
        "SA_PIPELINE_VALUE": "currency",
        "SA_WEIGHTED_PIPELINE": "currency",
        "SA_QUOTA_ATTAINMENT": BARE,
        "SA_VELOCITY": "currency/day",
        "SA_CAC": "currency/customer",
    },
    "CUSTOMER": {
        "CU_ACTIVE_CUSTOMERS": "customer_id",
        "CU_CHURN_RATE": BARE,
        "CU_RETENTION_RATE": BARE,
        "CU_MRR": "currency",
        "CU_ARPA": "currency/customer_id",
        "CU_NET_REV_RETENTION": BARE,
        "CU_REPEAT_RATE": BARE,
        "CU_NPS": BARE,
        "CU_CSAT": BARE,
        "CU_FIRST_CONTACT_RES": BARE,
        "CU_RESOLUTION_P90": "h",
        "CU_SLA_COMPLIANCE": BARE,
        "CU_TICKET_BACKLOG": "ticket",
    },
    "FINANCE": {
        "FI_REVENUE": "currency",
        "FI_COGS": "currency",
        "FI_GROSS_MARGIN": BARE,
        "FI_OPERATING_MARGIN": BARE,
        "FI_BUDGET_VARIANCE": BARE,
        "FI_CASH_BALANCE": "currency",
        "FI_AR_BALANCE": "currency",
        "FI_DSO": "day",
        "FI_DPO": "day",
        "FI_OVERDUE_AR": BARE,
        "FI_CURRENT_RATIO": BARE,
        "FI_CASH_CYCLE": "day",
    },
    "WORKFORCE": {
        "WF_HEADCOUNT": "employee",
        "WF_TURNOVER": BARE,
        "WF_ABSENCE_RATE": BARE,
        "WF_OVERTIME_RATE": BARE,
        "WF_TIME_TO_FILL_P50": "day",
        "WF_OFFER_ACCEPTANCE": BARE,
        "WF_TRAINING_PER_FTE": "h/FTE",
        "WF_INCIDENT_RATE": "safety_incident/h",
        "WF_SPAN_OF_CONTROL": "employee/manager_id",
        "WF_REVENUE_PER_FTE": "currency/FTE",
    },
}
"""The starter catalog: every KPI of each value chain, and the unit its formula gives."""
STARTER_KPIS = {code for units in UNITS_OF_CHAIN.values() for code in units}
STARTER_OBJECT_MODELS = {
    *{"absence", "account", "budget", "channel", "customer", "department", "employee", "fx_rate", "goods_receipt"},
    *{"inventory_snapshot", "invoice", "lead", "ledger_entry", "marketing_spend", "mrr_change", "offer"},
    *{"opportunity", "order", "order_line", "payment", "po_line", "product", "purchase_order", "quota"},
    *{"requisition", "return_line", "safety_incident", "shipment", "shipment_line", "stock_count", "subscription"},
    *{"supplier", "supplier_invoice", "supplier_payment", "survey", "ticket", "timesheet", "training", "warehouse"},
}
STARTER_MODULES = {
    "SUPPLY_CHAIN": {"FULFILMENT", "INVENTORY", "LOGISTICS", "PROCUREMENT"},
    "SALES": {"REVENUE", "LEADS", "PIPELINE", "QUOTA"},
    "CUSTOMER": {"RETENTION", "RECURRING_REVENUE", "SERVICE"},
    "FINANCE": {"PROFITABILITY", "WORKING_CAPITAL", "CONTROL"},
    "WORKFORCE": {"HEADCOUNT", "TALENT", "SAFETY"},
}
BANDS = {
    *{"SC_INVENTORY_VALUE", "FI_CASH_BALANCE", "FI_DPO", "FI_CURRENT_RATIO", "WF_HEADCOUNT", "WF_SPAN_OF_CONTROL"},
}
"""KPIs for which neither more nor less is better."""
ASKED_BY_MONTH = {"FI_BUDGET_VARIANCE", "FI_DSO", "FI_DPO", "FI_OVERDUE_AR", "FI_CASH_CYCLE"}
FINER_THAN_A_MONTH = {"second", "minute", "hour", "day", "week"}
FLIGHT_UNITS = {
    "FL_FLIGHTS": "flight",
    "FL_CANCELLATION_RATE": BARE,
    "FL_ON_TIME_DEPARTURE_RATE": BARE,
    "FL_DEPARTURE_DELAY_P95": "min",
    "FL_DELAY_RECOVERED": "min",
    "FL_DISTANCE": "mile",
    "FL_AIR_TIME_HOURS": "h",
    "FL_AVERAGE_SPEED": "mile/h",
    "FL_SEATS_PER_FLIGHT": "seat/flight",
    "WX_AVG_TEMPERATURE": "degF",
}
UNITS = [*FLIGHT_UNITS.items(), *(item for units in UNITS_OF_CHAIN.values() for item in units.items())]
TIME_WORDS = re.compile(
    r"\b(hourly|daily|weekly|monthly|quarterly|yearly|annual|annually|annualised|ytd|mtd|yoy|mom|rolling)\b",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def entries() -> tuple[Entry, ...]:
    return read_bundle(read_directory(CATALOG))


@pytest.fixture(scope="module")
def catalog(entries: tuple[Entry, ...]) -> Catalog:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return catalog_of("shipped", [Stored("", 1, "shipped", now, entry.definition) for entry in entries])


@pytest.fixture(scope="module")
def checker(catalog: Catalog) -> KpiChecker:
    return KpiChecker(catalog)


@pytest.fixture(scope="module")
def models(catalog: Catalog) -> dict[str, ObjectModel]:
    return {version.definition.code: version.definition for version in catalog.object_models}


def test_every_shipped_definition_fits_the_others(entries: tuple[Entry, ...], catalog: Catalog) -> None:
    """Modules, relations and formulas of the shipped catalog have no problem at all."""
    assert problems_of(catalog, {entry.key for entry in entries}) == []


def test_the_flights_catalog_is_there(catalog: Catalog, checker: KpiChecker) -> None:
    """At least 22 KPIs of flights in at least 4 modules, over flight, plane and weather."""
    kpis = [kpi.definition for kpi in catalog.kpis if kpi.definition.code not in STARTER_KPIS]
    assert len(kpis) >= 22
    assert len({kpi.module for kpi in kpis}) >= 4
    assert {model for kpi in kpis for model in checker.kpi(kpi.code).object_models} == {"flight", "plane", "weather"}


def test_the_starter_catalog_has_exactly_its_kpis(catalog: Catalog) -> None:
    """The five value chains hold 67 KPIs, each in the chain its code tells of, all certified, with no target set."""
    chains_of = {module.code: module.value_chains for module in catalog.modules}
    found: dict[str, set[str]] = defaultdict(set)
    for kpi in (version.definition for version in catalog.kpis):
        for chain in chains_of[kpi.module]:
            found[chain].add(kpi.code)
    assert {chain: found[chain] for chain in UNITS_OF_CHAIN} == {
        chain: set(units) for chain, units in UNITS_OF_CHAIN.items()
    }
    assert len(STARTER_KPIS) == 67
    assert {kpi.definition.status for kpi in catalog.kpis} == {KpiStatus.CERTIFIED}
    assert all(kpi.definition.target == Target() for kpi in catalog.kpis)


def test_the_starter_catalog_has_17_modules_and_none_is_empty(catalog: Catalog) -> None:
    """Every value chain has its modules, and every module a KPI."""
    found: dict[str, set[str]] = defaultdict(set)
    for module in catalog.modules:
        for chain in module.value_chains:
            found[chain].add(module.code)
    assert {chain: found[chain] for chain in STARTER_MODULES} == STARTER_MODULES
    assert sum(len(codes) for codes in STARTER_MODULES.values()) == 17
    assert {module.code for module in catalog.modules} == {kpi.definition.module for kpi in catalog.kpis}


def test_the_starter_catalog_has_39_object_models(models: dict[str, ObjectModel]) -> None:
    """Besides those of the flights there are the 39 of the starter catalog, and no other."""
    assert models.keys() - {"flight", "plane", "weather", "airline", "airport"} == STARTER_OBJECT_MODELS
    assert len(STARTER_OBJECT_MODELS) == 39


def test_everything_is_described(catalog: Catalog, models: dict[str, ObjectModel]) -> None:
    """Value chains, modules, object models, attributes, relations and KPIs all say what they are."""
    described = {
        **{f"value chain {chain.code}": chain.description for chain in catalog.value_chains},
        **{f"module {module.code}": module.description for module in catalog.modules},
        **{f"object model {model.code}": model.description for model in models.values()},
        **{f"{model.code}.{part.name}": part.description for model in models.values() for part in model.attributes},
        **{f"{model.code}.{part.name}": part.description for model in models.values() for part in model.relations},
    }
    assert [place for place, description in described.items() if not description.endswith(".")] == []
    assert [kpi.definition.code for kpi in catalog.kpis if len(kpi.definition.description) <= 40] == []


def test_a_ratio_says_when_it_is_null(catalog: Catalog) -> None:
    """The description of every starter KPI that divides names the case in which there is no value."""
    silent = [
        kpi.definition.code
        for kpi in catalog.kpis
        if kpi.definition.code in STARTER_KPIS
        and "/" in kpi.definition.formula
        and "Null where" not in kpi.definition.description
    ]
    assert silent == []


def test_no_name_or_formula_carries_a_time_modifier(catalog: Catalog) -> None:
    """Grain, comparison and windows are chosen when asking."""
    named = [kpi.definition.code for kpi in catalog.kpis if TIME_WORDS.search(kpi.definition.name)]
    modified = re.compile(r"\b(previous|growth|to_date|rolling|at_period)\(")
    assert named == []
    assert [kpi.definition.code for kpi in catalog.kpis if modified.search(kpi.definition.formula)] == []


def test_an_object_model_is_in_every_module_whose_kpis_read_it(
    catalog: Catalog, checker: KpiChecker, models: dict[str, ObjectModel]
) -> None:
    """The modules an object model names include all that need its rows."""
    missing = {
        (model, kpi.definition.module)
        for kpi in catalog.kpis
        if kpi.definition.code in STARTER_KPIS
        for model in checker.kpi(kpi.definition.code).object_models
        if kpi.definition.module not in models[model].modules
    }
    assert missing == set()


def test_every_collection_has_a_name_of_its_own(models: dict[str, ObjectModel]) -> None:
    """Each relation of the starter catalog names its inverse, which clashes with nothing on the target."""
    names: dict[str, list[str]] = defaultdict(list)
    for model in (models[code] for code in STARTER_OBJECT_MODELS):
        names[model.code] += [attribute.name for attribute in model.attributes]
        names[model.code] += [relation.name for relation in model.relations]
        for relation in model.relations:
            assert relation.inverse is not None, f"{model.code}.{relation.name}"
            names[relation.target].append(relation.inverse)
    assert {code: listed for code, listed in names.items() if len(listed) != len(set(listed))} == {}


def test_customers_are_met_as_they_were(models: dict[str, ObjectModel]) -> None:
    """A customer can come back, so every relation to one names the moment that chooses the stay."""
    assert models["customer"].series == ("customer_id",)
    relations = [
        (model, relation) for model in models.values() for relation in model.relations if relation.target == "customer"
    ]
    assert len(relations) == 7
    assert all(relation.as_of is not None for _, relation in relations)


def test_money_is_in_the_base_currency_unless_it_names_one(models: dict[str, ObjectModel]) -> None:
    """Amounts have the unit currency; only an invoice's is in a currency of its own, which fx_rate converts."""
    named = {f"{model.code}.{part.name}" for model in models.values() for part in model.attributes if part.currency}
    assert named == {"invoice.amount"}
    assert models["fx_rate"].series == ("from_currency", "to_currency")
    money = {"amount", "mrr", "delta", "debit", "credit", "discount", "freight_cost"}
    prices = {"unit_price", "unit_cost", "baseline_price"}
    for model in models.values():
        for part in model.attributes:
            wanted = "currency" if part.name in money else "currency/unit" if part.name in prices else part.unit
            assert part.unit == wanted, f"{model.code}.{part.name}"


def test_states_and_spans_are_bounded(models: dict[str, ObjectModel]) -> None:
    """A snapshot has an age after which it no longer counts, and an interval an end that is not part of it."""
    starter = [models[code] for code in STARTER_OBJECT_MODELS]
    snapshots = [model.code for model in starter if model.nature is Nature.SNAPSHOT and model.staleness]
    intervals = {model.code for model in starter if model.nature is Nature.INTERVAL}
    assert sorted(snapshots) == ["fx_rate", "inventory_snapshot"]
    assert intervals == {"budget", "customer", "employee", "opportunity", "quota", "requisition", "subscription"}


def test_directions_leave_bands_to_the_client(catalog: Catalog) -> None:
    """Where neither more nor less is better, the direction is that of a target the client sets."""
    bands = {kpi.definition.code for kpi in catalog.kpis if kpi.definition.direction is Direction.TARGET}
    assert bands & STARTER_KPIS == BANDS


def test_what_is_booked_by_month_is_asked_by_month_or_coarser(catalog: Catalog) -> None:
    """Five KPIs of finance refuse finer grains; no other starter KPI refuses any."""
    limited = {kpi.definition.code: set(kpi.definition.allowed_grains) for kpi in catalog.kpis}
    assert {code for code, grains in limited.items() if grains} == ASKED_BY_MONTH
    assert all(limited[code] & FINER_THAN_A_MONTH == set() for code in ASKED_BY_MONTH)
    assert all({"month", "quarter", "year"} <= limited[code] for code in ASKED_BY_MONTH)


@pytest.mark.parametrize(("code", "unit"), UNITS)
def test_units_follow_from_the_attributes(checker: KpiChecker, code: str, unit: str) -> None:
    """A KPI's unit is what its formula makes of its attributes' units."""
    assert str(checker.kpi(code).unit) == unit
