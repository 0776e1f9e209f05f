"""Formulas to text and back."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from analytics_engine.kpi.formula.layout import write
from analytics_engine.kpi.formula.parser import parse
from analytics_engine.kpi.formula.syntax import Call, Literal, Modified, Node, Operation, Path

NAMES = st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_]{0,8}", fullmatch=True) | st.sampled_from(["filter", "by", 'a "b" c', "é"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map(lambda parts: Path(tuple(parts)))
DECIMALS = st.decimals(min_value=0, max_value=10**12, allow_nan=False, allow_infinity=False, places=6)
LITERALS = st.one_of(
    st.integers(0, 10**18), DECIMALS, st.booleans(), st.none(), st.text(max_size=12), st.dates(),
    st.datetimes(timezones=st.timezones().map(lambda _: __import__("datetime").UTC)),
).map(Literal)  # fmt: skip
BINARY = ["add", "subtract", "multiply", "divide", "modulo", "equal", "not_equal", "less", "less_or_equal", "greater",
          "greater_or_equal", "and", "or"]  # fmt: skip
CALLABLE = st.sampled_from(["count", "sum", "percentile", "coalesce", "nullif", "year"])


def larger(nodes: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    lists = st.lists(nodes, min_size=1, max_size=3)
    return st.one_of(
        st.builds(lambda name, left, right: Operation(name, (left, right)), st.sampled_from(BINARY), nodes, nodes),
        st.builds(
            lambda name, only: Operation(name, (only,)),
            st.sampled_from(["not", "negate", "is_null", "is_not_null"]),
            nodes,
        ),
        st.builds(lambda first, rest: Operation("in", (first, *rest)), nodes, lists),
        st.builds(lambda a, b, c: Operation("between", (a, b, c)), nodes, nodes, nodes),
        st.builds(lambda a, b, rest: Operation("case", (a, b, *rest[:1])), nodes, nodes, lists),
        st.builds(lambda name, arguments, d: Call(name, tuple(arguments), d), CALLABLE, lists, st.booleans()),
        st.builds(
            lambda name, argument, by, where: Modified(Call(name, (argument,)), by, where),
            CALLABLE, nodes, PATHS, nodes,
        ),
    )  # fmt: skip


TREES = st.recursive(PATHS | LITERALS, larger, max_leaves=12)


@given(TREES)
def test_writing_a_tree_and_reading_it_gives_the_same_tree(tree: Node) -> None:
    assert parse(write(tree)) == tree


def test_the_layout_is_standard() -> None:
    text = "COUNT( order )FILTER(where order.cancelled and(order.weight<>2.50))  / nullif((ORDERS),0)"
    assert (
        write(parse(text)) == "count(order) filter (where order.cancelled and order.weight != 2.50) / nullif(ORDERS, 0)"
    )


def test_a_number_written_with_a_fraction_stays_exact() -> None:
    assert parse("0.1") == Literal(Decimal("0.1"))
