"""Text to tree: what binds to what, what is a name, and what a formula may not be."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from analytics_engine.errors import FormulaError
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
from analytics_engine.kpi.formula.tokens import SOFT_KEYWORDS
from analytics_engine.kpi.model.frames import Duration, Edge

A, B, C = (Path((name,)) for name in "abc")


def op(name: str, *operands: Node) -> Operation:
    return Operation(name, operands)


BINDING: dict[str, Node] = {
    "a + b * c": op("add", A, op("multiply", B, C)),
    "(a + b) * c": op("multiply", op("add", A, B), C),
    "a - b - c": op("subtract", op("subtract", A, B), C),
    "a / b / c": op("divide", op("divide", A, B), C),
    "-a * b": op("multiply", op("negate", A), B),
    "- + - a": op("negate", op("negate", A)),
    "a - -b": op("subtract", A, op("negate", B)),
    "a or b and c": op("or", A, op("and", B, C)),
    "not a and b": op("and", op("not", A), B),
    "not a = b": op("not", op("equal", A, B)),
    "not not a": op("not", op("not", A)),
    "a <> b": op("not_equal", A, B),
    "a = b + c": op("equal", A, op("add", B, C)),
    "a is null": op("is_null", A),
    "a + b is not null": op("is_not_null", op("add", A, B)),
    "a in (1, b)": op("in", A, Literal(1), B),
    "a not in (1)": op("not", op("in", A, Literal(1))),
    "a between b and c": op("between", A, B, C),
    "a between b and c and a": op("and", op("between", A, B, C), A),
    "a not between 1 and 2": op("not", op("between", A, Literal(1), Literal(2))),
    "case when a then b when c then a else b end": op("case", A, B, C, A, B),
    "case when a then b end": op("case", A, B),
    "count(a) / count(b) filter (where c)": op("divide", Call("count", (A,)), Modified(Call("count", (B,)), where=C)),
    "-count(a) at end": op("negate", Modified(Call("count", (A,)), at=Edge.END)),
}


@pytest.mark.parametrize("text", BINDING)
def test_operators_bind_as_in_sql(text: str) -> None:
    assert parse(text) == BINDING[text]


FORMS: dict[str, Node] = {
    "COUNT(a)": Call("count", (A,)),
    "count(distinct a)": Call("count", (A,), distinct=True),
    "count(distinct a having count(b) > 1)": Call(
        "count", (A,), distinct=True, having=op("greater", Call("count", (B,)), Literal(1))
    ),
    "last(a per b, c.d)": Call("last", (A,), per=(B, Path(("c", "d")))),
    "f()": Call("f", ()),
    "count(a) by b.c filter (where a) at start via b.c": Modified(
        Call("count", (A,)), Path(("b", "c")), A, Edge.START, ("b", "c")
    ),
    "converted(a, b on c within 7 days)": Call("converted", (A, Collection(B, (("c", "c"),), Duration(7, "day")))),
    "any(a on b = c and c matching a = b at end, b)": Call(
        "any", (Collection(A, (("b", "c"), ("c", "c")), None, (("a", "b"),), Edge.END), B)
    ),
    "f(a within 1 hour)": Call("f", (Collection(A, within=Duration(1, "hour")),)),
    "previous(a, 1 month)": Call("previous", (A, DurationLiteral(Duration(1, "month")))),
    "previous(a, 2 QUARTERS)": Call("previous", (A, DurationLiteral(Duration(2, "quarter")))),
    "previous(a, 2 retail_months)": Call("previous", (A, DurationLiteral(Duration(2, "retail_month")))),
    "at_period(a, end of year)": Call("at_period", (A, PeriodEdge(Edge.END, "year"))),
    "at_period(a, START OF Year)": Call("at_period", (A, PeriodEdge(Edge.START, "year"))),
    ":least": Parameter("least"),
    '1000 "kg/t"': Literal(1000, "kg/t"),
    "true": Literal(value=True),
    "NULL": Literal(None),
    "'it''s'": Literal("it's"),
    '"say ""hi"""': Path(('say "hi"',)),
    "0.10": Literal(Decimal("0.10")),
    "1e3": Literal(Decimal("1E+3")),
    "9223372036854775807": Literal(2**63 - 1),
    "9223372036854775808": Literal(Decimal(2**63)),
    "date '2026-01-31'": Literal(date(2026, 1, 31)),
    "timestamp '2026-01-31T12:00:00+00:00'": Literal(datetime(2026, 1, 31, 12, tzinfo=UTC)),
    "a\n\t+\u00a0b": op("add", A, B),
}


@pytest.mark.parametrize("text", FORMS)
def test_every_form_of_the_language_is_read(text: str) -> None:
    assert parse(text) == FORMS[text]


@pytest.mark.parametrize("word", sorted(SOFT_KEYWORDS))
def test_words_that_mean_something_only_behind_a_value_are_names_elsewhere(word: str) -> None:
    """An attribute may be called start, and an object model of."""
    assert parse(f"sum({word}.{word})") == Call("sum", (Path((word, word)),))
    assert parse(f"count(a) by {word}") == Modified(Call("count", (A,)), by=Path((word,)))


@pytest.mark.parametrize("word", ["by", "end", "filter", "date", "distinct", "case"])
def test_a_reserved_word_in_quotes_is_a_name(word: str) -> None:
    assert parse(f'a."{word}"') == Path(("a", word))
    with pytest.raises(FormulaError, match="is a reserved word"):
        parse(f"a.{word}")


def test_places_count_lines_and_columns_from_1() -> None:
    tree = parse("count(a)\n  + 'two\nlines' = b")
    assert isinstance(tree, Operation)
    left, right = tree.operands
    assert isinstance(left, Operation)
    assert (left.span.line, left.span.column) == (2, 3)
    assert (left.operands[1].span.line, left.operands[1].span.column) == (2, 5)
    assert (right.span.line, right.span.column) == (3, 10)


def test_trees_are_equal_wherever_they_stand() -> None:
    assert parse("a + b") == parse("  a\n+ b")
    assert hash(parse("a + b")) == hash(parse("  a\n+ b"))


# --- limits -----------------------------------------------------------------------------------------------------------

TOO_MUCH: dict[str, tuple[str, str]] = {
    "text": ("a + " * 6_000 + "a", "The formula has 24,001 characters; 20,000 are the most."),
    "parentheses": ("(" * 61 + "a" + ")" * 61, "The formula is nested more than 60 levels deep."),
    "functions": ("abs(" * 61 + "a" + ")" * 61, "The formula is nested more than 60 levels deep."),
    "cases": ("case when a then " * 61 + "1" + " end" * 61, "The formula is nested more than 60 levels deep."),
    "filters": ("f(a) filter (where " * 61 + "a" + ")" * 61, "The formula is nested more than 60 levels deep."),
    "chain": ("+".join("a" * 101), "The formula has more than 100 levels; each operator of a chain is one."),
    "conditions": (" and ".join("a" * 102), "The formula has more than 100 levels; each operator of a chain is one."),
    "nots": ("not " * 4_000 + "a", "The formula has more than 100 levels; each operator of a chain is one."),
    "signs": ("- " * 9_000 + "a", "The formula has more than 100 levels; each operator of a chain is one."),
    "postfixes": ("(" * 50 + "a" + ") at end" * 50 + "+a" * 60, "The formula has more than 100 levels"),
    "digits": ("1" * 39, "The number " + "1" * 39 + " has more than 38 digits before and behind the point."),
    "many digits": ("9" * 5_000, "The number 99999999999999999999... has more than 38 digits"),
    "exponent": ("1e999999", "The number 1e999999 has more than 38 digits before and behind the point."),
    "small": ("1e-38", "The number 1e-38 has more than 38 digits before and behind the point."),
    "endless": ("1e99999999999999999999", "The number 1e99999999999999999999 has more than 38 digits"),
    "name": ("a" * 64, "The name aaaaaaaaaaaaaaaaaaaa... has more than 63 characters."),
    "quoted name": (f'"{"a" * 64}"', "The name aaaaaaaaaaaaaaaaaaaa... has more than 63 characters."),
    "time": (
        "previous(a, 100001 days)",
        "A length of time is a whole number from 1 to 100,000 of units, not 100001 day",
    ),
}


@pytest.mark.parametrize("kind", TOO_MUCH)
def test_what_is_too_much_is_refused(kind: str) -> None:
    text, detail = TOO_MUCH[kind]
    with pytest.raises(FormulaError) as refusal:
        parse(text)
    assert refusal.value.detail.startswith(detail)


def test_the_place_of_too_many_levels_is_where_they_are() -> None:
    with pytest.raises(FormulaError) as refusal:
        parse("count(b)\n+ count(" + "+".join("a" * 120) + ")")
    assert refusal.value.facts["line"] == 2
    assert "(a + b) + (c + d)" in refusal.value.remedy


def deeper(levels: int, work: Callable[[], Node]) -> Node:
    return work() if levels == 0 else deeper(levels - 1, work)


@pytest.mark.parametrize("text", ["abs(" * 59 + "a" + ")" * 59, "a in (" * 59 + "b" + ")" * 59, "+".join("a" * 99)])
def test_what_is_allowed_needs_no_deeper_stack_than_there_is(text: str) -> None:
    """A service calls from within its own frames, some hundred of them at most."""
    used = len(list(frames()))
    assert deeper(max(0, 130 - used), lambda: parse(text)).depth > 50
    assert sys.getrecursionlimit() == 1_000


def frames() -> list[object]:
    found: list[object] = []
    frame = sys._getframe()
    while frame is not None:
        found.append(frame)
        frame = frame.f_back  # type: ignore[assignment]  # the outermost has none
    return found


HOSTILE = (
    "\x00", "a\x00", "'\x00'", '"\x00"', "'\ud800'", '"\udfff"', "\u200bcount(a)", "\u202ea", "\uff07", "\u0661",
    "\u00b2", "a;", "$$a$$", "a@b", "a#b", "`a`", "a\\b", "[a]", "{a}", "a||b", "a!b", "a & b", "a ^ b", "~a",
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_characters_without_a_meaning_are_named(text: str) -> None:
    with pytest.raises(FormulaError, match=r"^The character .* has no (meaning in a formula|place in a text)\.$"):
        parse(text)
