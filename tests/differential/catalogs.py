"""Random catalogs: two to seven object models of every nature, and what can be reached from their rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from hypothesis import strategies as st

from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.formula.resolve import Resolver
from analytics_engine.kpi.formula.typed import Parameter
from analytics_engine.kpi.model.catalog import Catalog, KpiVersion, ObjectModelVersion
from analytics_engine.kpi.model.kpi import Direction, Kpi, KpiParameter
from analytics_engine.kpi.model.object_model import (
    Attribute,
    Binding,
    Cardinality,
    DataType,
    Nature,
    ObjectModel,
    Relation,
    Segment,
)

NEVER, PERHAPS, ALWAYS = "never", "perhaps", "always"
"""Whether an attribute may be null."""

PARAMETERS = (
    KpiParameter(name="least", type=DataType.INTEGER, default=2),
    KpiParameter(name="chosen", type=DataType.TEXT, default="a"),
)
"""What every KPI may be told with the question."""

MODELS = ("line", "customer", "contract", "stock", "visit", "receipt")
"""The object models that a catalog may have besides orders."""
_STALENESS = ("", "2 days", "36 hours")
_MOST_ATTRIBUTES = 10
_KEPT = 200
"""How many catalogs are remembered."""


@dataclass(frozen=True)
class Recipe:
    """What tells one random catalog from another.

    Args:
        models: the object models besides ``order``.
        nullable: bit by bit, which of the attributes that may be null are.
        by_days: whether contracts begin and end on dates; else at instants.
        text_keys: whether customers are known by a text; else by a number.
        two_ways: whether orders lead to customers in two ways.
        currencies: whether the amount of an order names its currency, so that exchange rates are needed.
    """

    models: tuple[str, ...]
    nullable: int = 0
    by_days: bool = False
    text_keys: bool = False
    two_ways: bool = False
    staleness: str = ""
    currencies: bool = False

    @property
    def shape(self) -> str:
        """What tells the tables of a recipe from those whose columns have other types."""
        return f"_{'text' if self.text_keys else 'number'}_{'day' if self.by_days else 'instant'}"


@st.composite
def recipes(draw: st.DrawFn, *, dates: bool = True) -> Recipe:
    """Draw what a catalog is made of; without ``dates`` nothing in it is dated by days."""
    known = [name for name in MODELS if dates or name != "visit"]
    chosen = draw(st.lists(st.sampled_from(known), min_size=1, max_size=4, unique=True))
    return Recipe(
        models=tuple(sorted(chosen)),
        nullable=draw(st.integers(0, 2**_MOST_ATTRIBUTES - 1)),
        by_days=dates and draw(st.booleans()),
        text_keys=draw(st.booleans()),
        two_ways=draw(st.booleans()),
        staleness=draw(st.sampled_from(_STALENESS)),
        currencies=draw(st.integers(0, 4)) == 4,
    )


_Declared = tuple[str, DataType, str, str]
"""Name, type, unit, and whether it may be null."""


@lru_cache(_KEPT)
def catalog_of(recipe: Recipe, kpis: tuple[tuple[str, str, str], ...] = ()) -> Catalog:
    """Return the catalog of a recipe, with KPIs given as code, formula and filter."""
    models = [_order(recipe), *(_BUILDERS[name](recipe) for name in MODELS if name in recipe.models)]
    models += [_fx_rate(recipe)] if recipe.currencies else []
    return Catalog(
        version="random",
        object_models=tuple(ObjectModelVersion(definition=model) for model in models),
        kpis=tuple(
            KpiVersion(
                definition=Kpi(
                    code=code,
                    name=code,
                    module="RANDOM",
                    formula=formula,
                    filter=condition,
                    direction=Direction.HIGHER,
                    parameters=PARAMETERS,
                )
            )
            for code, formula, condition in kpis
        ),
    )


@lru_cache(_KEPT)
def checker_of(recipe: Recipe, kpis: tuple[tuple[str, str, str], ...] = ()) -> KpiChecker:
    return KpiChecker(catalog_of(recipe, kpis))


@lru_cache(_KEPT)
def resolver_of(recipe: Recipe, kpis: tuple[tuple[str, str, str], ...] = ()) -> Resolver:
    """Return what gives texts their meaning; every KPI has the same parameters."""
    checker = checker_of(recipe, kpis)
    known = {
        declared.name: Parameter(declared.name, declared.type, default=_default(declared)) for declared in PARAMETERS
    }
    return Resolver(checker.catalog, checker.paths, lambda code, _: checker.kpi(code).expression, known.get)


def _default(declared: KpiParameter) -> int | str:
    assert isinstance(declared.default, int | str)
    return declared.default


# --- the object models -----------------------------------------------------------------------------------------------


def _model(recipe: Recipe, code: str, nature: Nature, declared: list[_Declared], **more: Any) -> ObjectModel:
    attributes = [
        Attribute(
            name=name,
            type=kind,
            unit=unit,
            nullable=_nullable(recipe, number, null),
            currency="currency" if recipe.currencies and (code, name) == ("order", "amount") else None,
        )
        for number, (name, kind, unit, null) in enumerate(declared)
    ]
    binding = Binding(table=f"{code}{recipe.shape}")
    return ObjectModel(code=code, name=code, nature=nature, attributes=attributes, binding=binding, **more)


def _nullable(recipe: Recipe, number: int, null: str) -> bool:
    drawn = bool(recipe.nullable >> number % _MOST_ATTRIBUTES & 1)
    return null == ALWAYS or (null == PERHAPS and drawn)


def _customer_key(recipe: Recipe) -> DataType:
    return DataType.TEXT if recipe.text_keys else DataType.INTEGER


def _order(recipe: Recipe) -> ObjectModel:
    relations = []
    if "customer" in recipe.models:
        relations.append(Relation(name="customer", target="customer", on={"customer_id": "customer_id"}))
        if recipe.two_ways:
            payer = Relation(name="payer", target="customer", on={"payer_id": "customer_id"}, inverse="paid_orders")
            relations.append(payer)
    if "contract" in recipe.models:
        as_of = "due_on" if recipe.by_days else "ordered_at"
        on = {"contract_id": "contract_id"}
        relations.append(Relation(name="contract", target="contract", on=on, as_of=as_of, inverse="called_off"))
    return _model(
        recipe,
        "order",
        Nature.EVENT,
        [
            ("order_id", DataType.INTEGER, "", NEVER),
            ("ordered_at", DataType.TIMESTAMP, "", NEVER),
            ("paid_at", DataType.TIMESTAMP, "", ALWAYS),
            ("due_on", DataType.DATE, "", PERHAPS),
            ("customer_id", _customer_key(recipe), "", PERHAPS),
            ("payer_id", _customer_key(recipe), "", ALWAYS),
            ("contract_id", DataType.INTEGER, "", PERHAPS),
            ("items", DataType.INTEGER, "piece", PERHAPS),
            ("grade", DataType.INTEGER, "", PERHAPS),
            ("amount", DataType.DECIMAL, "EUR", PERHAPS),
            ("discount", DataType.DECIMAL, "EUR", PERHAPS),
            ("weight", DataType.FLOAT, "kg", PERHAPS),
            ("score", DataType.FLOAT, "", PERHAPS),
            ("group", DataType.TEXT, "", PERHAPS),
            ("gift", DataType.BOOLEAN, "", PERHAPS),
            ("currency", DataType.TEXT, "", PERHAPS),
        ],
        key=("order_id",),
        time_attribute="ordered_at",
        relations=tuple(relations),
        segments=(Segment(name="large", condition="amount >= 10 and not coalesce(gift, false)"),),
    )


def _line(recipe: Recipe) -> ObjectModel:
    return _model(
        recipe,
        "line",
        Nature.EVENT,
        [
            ("line_id", DataType.INTEGER, "", NEVER),
            ("order_id", DataType.INTEGER, "", PERHAPS),
            ("booked_at", DataType.TIMESTAMP, "", NEVER),
            ("quantity", DataType.INTEGER, "piece", PERHAPS),
            ("price", DataType.DECIMAL, "EUR", PERHAPS),
            ("done", DataType.BOOLEAN, "", PERHAPS),
            ("kind", DataType.TEXT, "", PERHAPS),
        ],
        key=("line_id",),
        time_attribute="booked_at",
        relations=(Relation(name="order", target="order", on={"order_id": "order_id"}, inverse="lines"),),
    )


def _customer(recipe: Recipe) -> ObjectModel:
    return _model(
        recipe,
        "customer",
        Nature.DIMENSION,
        [
            ("customer_id", _customer_key(recipe), "", NEVER),
            ("region", DataType.TEXT, "", PERHAPS),
            ("age", DataType.INTEGER, "", PERHAPS),
            ("rating", DataType.DECIMAL, "", PERHAPS),
            ("joined_at", DataType.TIMESTAMP, "", PERHAPS),
        ],
        key=("customer_id",),
    )


def _contract(recipe: Recipe) -> ObjectModel:
    moment = DataType.DATE if recipe.by_days else DataType.TIMESTAMP
    return _model(
        recipe,
        "contract",
        Nature.INTERVAL,
        [
            ("contract_id", DataType.INTEGER, "", NEVER),
            ("start", moment, "", NEVER),
            ("finish", moment, "", ALWAYS),
            ("customer_id", _customer_key(recipe), "", PERHAPS),
            ("fee", DataType.DECIMAL, "EUR", PERHAPS),
            ("seats", DataType.INTEGER, "", PERHAPS),
            ("tier", DataType.TEXT, "", PERHAPS),
        ],
        key=("contract_id", "start"),
        time_attribute="start",
        valid_from="start",
        valid_to="finish",
        relations=_to_customer(recipe, "contracts"),
    )


def _to_customer(recipe: Recipe, inverse: str) -> tuple[Relation, ...]:
    if "customer" not in recipe.models:
        return ()
    on = {"customer_id": "customer_id"}
    return (Relation(name="customer", target="customer", on=on, inverse=inverse),)


def _stock(recipe: Recipe) -> ObjectModel:
    return _model(
        recipe,
        "stock",
        Nature.SNAPSHOT,
        [
            ("product", DataType.TEXT, "", NEVER),
            ("taken_at", DataType.TIMESTAMP, "", NEVER),
            ("level", DataType.INTEGER, "piece", PERHAPS),
            ("value", DataType.DECIMAL, "EUR", PERHAPS),
            ("place", DataType.TEXT, "", PERHAPS),
            ("fresh", DataType.BOOLEAN, "", PERHAPS),
        ],
        key=("product", "taken_at"),
        time_attribute="taken_at",
        staleness=recipe.staleness,
    )


def _visit(recipe: Recipe) -> ObjectModel:
    return _model(
        recipe,
        "visit",
        Nature.EVENT,
        [
            ("visit_id", DataType.INTEGER, "", NEVER),
            ("day", DataType.DATE, "", NEVER),
            ("customer_id", _customer_key(recipe), "", PERHAPS),
            ("minutes", DataType.INTEGER, "min", PERHAPS),
            ("page", DataType.TEXT, "", PERHAPS),
        ],
        key=("visit_id",),
        time_attribute="day",
        relations=_to_customer(recipe, "visits"),
    )


def _receipt(recipe: Recipe) -> ObjectModel:
    to_order = Relation(
        name="order",
        target="order",
        on={"order_id": "order_id"},
        inverse="receipt",
        cardinality=Cardinality.ONE_TO_ONE,
    )
    return _model(
        recipe,
        "receipt",
        Nature.EVENT,
        [
            ("receipt_id", DataType.INTEGER, "", NEVER),
            ("order_id", DataType.INTEGER, "", PERHAPS),
            ("issued_at", DataType.TIMESTAMP, "", NEVER),
            ("total", DataType.DECIMAL, "EUR", PERHAPS),
        ],
        key=("receipt_id",),
        time_attribute="issued_at",
        relations=(to_order,),
    )


def _fx_rate(recipe: Recipe) -> ObjectModel:
    return _model(
        recipe,
        "fx_rate",
        Nature.SNAPSHOT,
        [
            ("from_currency", DataType.TEXT, "", NEVER),
            ("to_currency", DataType.TEXT, "", NEVER),
            ("quoted_on", DataType.DATE, "", NEVER),
            ("rate", DataType.DECIMAL, "", NEVER),
        ],
        key=("from_currency", "to_currency", "quoted_on"),
        time_attribute="quoted_on",
        staleness="2 days" if recipe.staleness else "",
    )


_BUILDERS = {
    "line": _line,
    "customer": _customer,
    "contract": _contract,
    "stock": _stock,
    "visit": _visit,
    "receipt": _receipt,
}


# --- what can be reached ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reached:
    """An attribute as it is written from the rows of an object model."""

    text: str
    attribute: Attribute


LONGEST_PATH = 2


@lru_cache(_KEPT)
def reached_from(recipe: Recipe, code: str) -> tuple[Reached, ...]:
    """Return the attributes of an object model, and those its relations lead to, written in full."""
    return tuple(_reached(checker_of(recipe), checker_of(recipe).paths.model(code), code, LONGEST_PATH))


def _reached(checker: KpiChecker, model: ObjectModel, prefix: str, left: int) -> list[Reached]:
    found = [Reached(f"{prefix}.{attribute.name}", attribute) for attribute in model.attributes]
    if left == 0:
        return found
    for name in _steps(checker, model):
        step = checker.paths.step(model, name)
        if step is not None:
            found += _reached(checker, checker.paths.model(step.target), f"{prefix}.{name}", left - 1)
    return found


def _steps(checker: KpiChecker, model: ObjectModel) -> list[str]:
    forward = [relation.name for relation in model.relations]
    back = [
        relation.inverse or version.definition.code
        for version in checker.catalog.object_models
        for relation in version.definition.relations
        if relation.target == model.code and relation.cardinality is Cardinality.ONE_TO_ONE
    ]
    return [*forward, *back]
