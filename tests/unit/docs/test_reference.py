"""The pages of the reference say what is so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics_engine.bootstrap.settings import Settings
from analytics_engine.errors import FormulaError
from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.formula.functions import (
    AGGREGATES,
    CELL_FUNCTIONS,
    CHILD_FUNCTIONS,
    KNOWN_FUNCTIONS,
    PERIOD_FUNCTIONS,
    SCALARS,
    StateClass,
)
from analytics_engine.kpi.formula.parser import parse
from analytics_engine.kpi.formula.reference import types_of, with_reference
from analytics_engine.kpi.formula.syntax import Call, Node, Operation, children
from analytics_engine.kpi.formula.syntax import Path as Name
from analytics_engine.kpi.values.reasons import NullReason
from golden.shop import shop_catalog

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "reference" / "kpi-language.md").read_text(encoding="utf-8")
CHECKER = KpiChecker(shop_catalog())


def test_the_reference_page_shows_the_function_catalogue_as_it_is() -> None:
    """After a change of the catalogue, `make docs` writes the page anew."""
    assert with_reference(PAGE) == PAGE


def test_the_page_names_every_function_with_its_meaning_and_its_example() -> None:
    for entry in (
        *AGGREGATES.values(),
        *CELL_FUNCTIONS.values(),
        *CHILD_FUNCTIONS.values(),
        *PERIOD_FUNCTIONS.values(),
    ):
        assert f"| {entry.meaning} |" in PAGE
        assert f"| `{entry.example}` |" in PAGE
    for scalar in SCALARS.values():
        assert scalar.internal or f"| {scalar.meaning} |" in PAGE
    for name in KNOWN_FUNCTIONS:
        assert re.search(rf"\| `{name}(\(period\))?` \|", PAGE), name


def test_every_function_says_which_types_and_units_it_takes_and_gives() -> None:
    """The first line of its rule's docstring, one sentence."""
    for entry in (*AGGREGATES.values(), *SCALARS.values()):
        assert re.fullmatch(r"[A-Z][^.]*\.", types_of(entry.rule)), entry.name
    for entry in (*CELL_FUNCTIONS.values(), *CHILD_FUNCTIONS.values(), *PERIOD_FUNCTIONS.values()):
        assert re.fullmatch(r"[A-Z][^.]*\.", entry.gives), entry.name


def test_the_page_explains_every_class_of_state_and_every_reason_of_a_null() -> None:
    for word in (*StateClass, *NullReason):
        assert word.value in PAGE, word


# --- examples ---------------------------------------------------------------------------------------------------------


def means_something(text: str) -> None:
    """Resolve an example over the shop: as a formula, or else over the rows that it names first."""
    try:
        CHECKER.formula(text)
    except FormulaError:
        tree = parse(text)
        head = next(iter(paths_in(tree))).parts[0]
        CHECKER.resolver.row(tree, CHECKER.paths.model("order" if head == "customer" else head))


def paths_in(node: Node) -> Iterator[Name]:
    if isinstance(node, Name):
        yield node
    for part in children(node):
        yield from paths_in(part)


def functions_in(node: Node) -> Iterator[str]:
    if isinstance(node, Call):
        yield node.name
    if isinstance(node, Operation):
        yield node.operator
    for part in children(node):
        yield from functions_in(part)


@pytest.mark.parametrize("name", sorted(AGGREGATES))
def test_the_example_of_an_aggregate_is_a_formula_with_it(name: str) -> None:
    example = AGGREGATES[name].example
    assert ("count" if name == "count_distinct" else name) in functions_in(parse(example))
    assert CHECKER.formula(example).terms


@pytest.mark.parametrize("name", sorted(CELL_FUNCTIONS) + sorted(PERIOD_FUNCTIONS))
def test_the_example_of_a_function_of_time_is_a_formula_with_it(name: str) -> None:
    entry = CELL_FUNCTIONS.get(name) or PERIOD_FUNCTIONS[name]
    assert name in functions_in(parse(entry.example))
    assert CHECKER.formula(entry.example).terms


@pytest.mark.parametrize("name", sorted(CHILD_FUNCTIONS))
def test_the_example_of_a_function_of_children_is_a_value_of_a_row(name: str) -> None:
    tree = parse(CHILD_FUNCTIONS[name].example)
    assert name in functions_in(tree)
    assert CHECKER.resolver.row(tree, CHECKER.paths.model("order")).type is not None


@pytest.mark.parametrize("name", sorted(name for name, scalar in SCALARS.items() if not scalar.internal))
def test_the_example_of_a_scalar_holds_it_and_means_something(name: str) -> None:
    example = SCALARS[name].example
    assert name in functions_in(parse(example))
    means_something(example)


PROSE = re.sub(r"```.*?```", "", PAGE.partition("## Grammar")[0], flags=re.DOTALL).replace("\n", " ")
EXAMPLES = [
    text for text in re.findall(r"`([^`]+)`", PROSE) if re.match(r"[a-z_]+\(|REVENUE /", text) and "..." not in text
]


@pytest.mark.parametrize("text", EXAMPLES)
def test_what_the_page_writes_as_a_formula_is_one(text: str) -> None:
    """Every call in the prose can be read; where `x` and `k` stand for any value, or a part stands alone, no more."""
    parse(text)
    if not re.search(r"\b[xk]\b|^\w+\(period\)$", text):
        means_something(text)


def test_the_page_has_examples_of_most_forms() -> None:
    used = {name for text in EXAMPLES for name in functions_in(parse(text))}
    assert used >= CELL_FUNCTIONS.keys() | CHILD_FUNCTIONS.keys() - {"min", "avg"} | {"converted", "lost", "prorate"}


def test_the_limits_on_the_page_are_the_real_ones() -> None:
    from analytics_engine.kpi.formula import extent, parser, tokens

    for number in (tokens.LONGEST_TEXT, parser._LONGEST, extent.MOST_PARTS):
        assert f"{number:,}" in PAGE
    for number, of in (
        (tokens.LONGEST_NAME, "characters"),
        (parser._DEEPEST, "levels of nesting"),
        (parser._MOST_LEVELS, "levels"),
        (extent.MOST_LEVELS, "levels"),
        (extent.MOST_STEPS, "deep"),
        (tokens._MOST_DIGITS, "digits"),
    ):
        assert f"{number} {of}" in PAGE


def test_every_setting_is_described_in_the_example_file() -> None:
    """.env.example names each setting, and no other."""
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    named = {
        line.lstrip("#").partition("=")[0].lower()
        for line in text.splitlines()
        if "=" in line and " " not in line.partition("=")[0]
    }
    assert named == set(Settings.model_fields)
