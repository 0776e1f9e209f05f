"""Formulas to text and back."""

from __future__ import annotations

from datetime import UTC
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_engine.kpi.formula.layout import write
from analytics_engine.kpi.formula.parser import parse
from analytics_engine.kpi.formula.syntax import (
    Call,
    Collection,
    DurationLiteral,
    Literal,
    Modified,
    Node,
    Operation,
    Parameter,
    Path,
    PeriodEdge,
)
from analytics_engine.kpi.model.frames import Duration, Edge

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
NAMES = (
    st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_]{0,8}", fullmatch=True)
    | st.sampled_from(["filter", "by", "At", "start", "of", "per", "day", 'a "b" c', "é", "'", "--", "1"])
    | TEXTS.filter(bool)
)
PATHS = st.lists(NAMES, min_size=1, max_size=3).map(lambda parts: Path(tuple(parts)))
DECIMALS = st.decimals(min_value=0, max_value=10**12, allow_nan=False, allow_infinity=False, places=6)
NUMBERS = st.integers(0, 2**63 - 1) | DECIMALS
EDGES = st.sampled_from(Edge)
DURATIONS = st.builds(
    Duration,
    st.integers(1, 100_000),
    st.sampled_from(["second", "hour", "day", "week", "month", "fiscal_year", "moon"]),
)
LITERALS = st.one_of(
    NUMBERS.map(Literal),
    st.builds(Literal, NUMBERS, TEXTS),
    st.one_of(st.booleans(), st.none(), TEXTS, st.dates(), st.datetimes(timezones=st.just(UTC))).map(Literal),
)
LEAVES = st.one_of(
    PATHS,
    LITERALS,
    NAMES.map(Parameter),
    DURATIONS.map(DurationLiteral),
    st.builds(PeriodEdge, EDGES, st.sampled_from(["year", "retail_month", "end", "a b"])),
)
BINARY = ["add", "subtract", "multiply", "divide", "modulo", "equal", "not_equal", "less", "less_or_equal", "greater",
          "greater_or_equal", "and", "or"]  # fmt: skip
UNARY = ["not", "negate", "is_null", "is_not_null"]
CALLABLE = ["count", "sum", "percentile", "coalesce", "nullif", "year", "previous", "at", "first"]
PAIRS = st.lists(st.tuples(NAMES, NAMES) | NAMES.map(lambda name: (name, name)), max_size=2).map(tuple)
COLLECTIONS = st.builds(Collection, PATHS, PAIRS, st.none() | DURATIONS, PAIRS, st.none() | EDGES).filter(
    lambda collection: bool(collection.on or collection.within or collection.matching)
)
Draw = st.DrawFn


@st.composite
def trees(draw: Draw) -> Node:
    return tree_of(draw, draw(st.integers(0, 4)))


def tree_of(draw: Draw, depth: int) -> Node:
    if depth == 0:
        return draw(LEAVES)
    make = draw(st.sampled_from([operation, membership, case, call, of_collections, modified]))
    return make(draw, depth - 1)


def several(draw: Draw, depth: int, least: int) -> tuple[Node, ...]:
    return tuple(tree_of(draw, depth) for _ in range(draw(st.integers(least, 3))))


def perhaps(draw: Draw, depth: int) -> Node | None:
    return tree_of(draw, depth) if draw(st.booleans()) else None


def operation(draw: Draw, depth: int) -> Node:
    if draw(st.booleans()):
        return Operation(draw(st.sampled_from(UNARY)), (tree_of(draw, depth),))
    return Operation(draw(st.sampled_from(BINARY)), (tree_of(draw, depth), tree_of(draw, depth)))


def membership(draw: Draw, depth: int) -> Node:
    if draw(st.booleans()):
        return Operation("in", several(draw, depth, 2))
    return Operation("between", (tree_of(draw, depth), tree_of(draw, 0), tree_of(draw, depth)))


def case(draw: Draw, depth: int) -> Node:
    return Operation("case", several(draw, depth, 2))


def call(draw: Draw, depth: int) -> Node:
    name, per = draw(st.sampled_from(CALLABLE)), draw(st.lists(PATHS, max_size=2))
    return Call(name, several(draw, depth, 1), draw(st.booleans()), tuple(per), perhaps(draw, depth))


def of_collections(draw: Draw, depth: int) -> Node:
    collections = tuple(draw(st.lists(COLLECTIONS, max_size=2)))
    return Call(draw(st.sampled_from(CALLABLE)), (*collections, *((tree_of(draw, depth),) if collections else ())))


def modified(draw: Draw, depth: int) -> Node:
    base, by, at, via = tree_of(draw, depth), draw(st.none() | PATHS), draw(st.none() | EDGES), draw(PATHS).parts
    return Modified(base, by, perhaps(draw, depth), at, via)


@settings(max_examples=6000)
@given(trees())
def test_writing_a_tree_and_reading_it_gives_the_same_tree(tree: Node) -> None:
    assert parse(write(tree)) == tree


LAYOUTS = {
    "COUNT( order )FILTER(where order.cancelled and(order.weight<>2.50))  / nullif((ORDERS),0)":
        "count(order) filter (where order.cancelled and order.weight != 2.50) / nullif(ORDERS, 0)",
    "- -a": "-(-a)",
    "(a filter (where b)) filter (where c)": "(a filter (where b)) filter (where c)",
    "-(a filter (where b))": "-a filter (where b)",
    "(a+b)*(c-d)/(e)": "(a + b) * (c - d) / e",
    "not(a and b)or c": "not (a and b) or c",
    "a-(b-c)": "a - (b - c)",
    "(a=b)is null": "(a = b) is null",
    "SUM(LAST(stock.quantity PER stock.product_id,stock.warehouse_id))":
        "sum(last(stock.quantity per stock.product_id, stock.warehouse_id))",
    "count(DISTINCT order.customer_id HAVING count(order)>=2)":
        "count(distinct order.customer_id having count(order) >= 2)",
    "converted(visit,purchase ON customer_id=customer_id AND k=l WITHIN 7 day MATCHING campaign)":
        "converted(visit, purchase on customer_id and k = l within 7 days matching campaign)",
    "any(order.lines AT END,quantity>1)": "any(order.lines at end, quantity > 1)",
    "previous(ORDERS,1 months)": "previous(ORDERS, 1 month)",
    "at_period(ORDERS,END OF YEAR)": "at_period(ORDERS, end of year)",
    "at_period(ORDERS,Start of Year)": "at_period(ORDERS, start of year)",
    'sum(shipment.weight_kg)/1000"kg/t"': 'sum(shipment.weight_kg) / 1000 "kg/t"',
    "365 days/days(period)": "365 days / days(period)",
    "count(order)by delivered_at filter(where :least<weight)at start via customer.region":
        "count(order) by delivered_at filter (where :least < weight) at start via customer.region",
    "case when a then 1 when b then 2 else 3 end": "case when a then 1 when b then 2 else 3 end",
    "'it''s'": "'it''s'",
    '"plain"."by"."with ""quotes"""': 'plain."by"."with ""quotes"""',
    "1e3": "1000.0",
    "007": "7",
}  # fmt: skip


@pytest.mark.parametrize("text", LAYOUTS)
def test_the_layout_is_standard(text: str) -> None:
    assert write(parse(text)) == LAYOUTS[text]
    assert parse(LAYOUTS[text]) == parse(text)


def test_a_number_written_with_a_fraction_stays_exact() -> None:
    assert parse("0.1") == Literal(Decimal("0.1"))
