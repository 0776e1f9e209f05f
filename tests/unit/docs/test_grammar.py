"""The grammar in the reference is the parser's: rule by rule, word by word, sentence by sentence."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from random import Random

import pytest

from analytics_engine.errors import FormulaError
from analytics_engine.kpi.formula.parser import _Parser, parse
from analytics_engine.kpi.formula.tokens import KEYWORDS, SOFT_KEYWORDS
from fuzz.attempts import Attempts
from golden.shop import shop_catalog
from unit.docs.ebnf import Form, Writer, is_sentence, names_of, read_grammar, words_of

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "kpi-language.md"
OF_TOKENS = {"word", "quoted", "string", "numeral"}
"""Rules of the grammar that say what a token is."""
CHARACTERS = {"letter", "digit", "character"}
NOT_OF_THE_GRAMMAR = {"at_end", "advance", "takes", "keyword", "symbol", "word", "expect", "surprise", "next"}
"""Methods of the parser that go through its tokens."""


@cache
def grammar() -> dict[str, Form]:
    (found,) = re.findall(r"```ebnf\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return read_grammar(found)


def test_the_grammar_has_a_rule_for_each_rule_of_the_parser_and_no_other() -> None:
    methods = {name.lstrip("_") for name, value in vars(_Parser).items() if callable(value) and "__" not in name}
    assert set(grammar()) - OF_TOKENS - {"comparator"} == methods - NOT_OF_THE_GRAMMAR


def test_the_grammar_refers_only_to_its_own_rules_and_uses_each() -> None:
    assert names_of(grammar()) == set(grammar()) - {"formula"} | CHARACTERS


def test_the_grammar_has_every_word_and_symbol_of_the_language() -> None:
    words = words_of(grammar())
    assert words >= KEYWORDS | SOFT_KEYWORDS
    assert words - KEYWORDS - SOFT_KEYWORDS == set("-+*/%(),.:=<>\"'_e") | {"!=", "<>", "<=", ">="}


@pytest.mark.parametrize("part", range(8))
def test_every_sentence_of_the_grammar_can_be_read(part: int) -> None:
    """What the reference allows, the parser takes."""
    leaves = {
        "word": ("order", "weight", "x", "Period"),
        "quoted": ('"end"', '"kg/t"'),
        "string": ("'x'", "''"),
        "numeral": ("1", "28"),
        "moment": ("date '2026-01-31'", "TIMESTAMP '2026-01-31T12:00:00+00:00'"),
    }
    writer = Writer(grammar(), Random(part), leaves)
    for _ in range(60):
        text = writer.sentence("formula", 40)
        parse(text)
        assert is_sentence(grammar(), text, "formula")


def test_everything_that_can_be_read_is_a_sentence_of_the_grammar() -> None:
    """What the parser takes, the reference allows: right formulas and broken ones."""
    formulas = [version.definition.formula for version in shop_catalog().kpis]
    formulas += [text for attempt in Attempts(3).draw(1_500) for text in attempt.question.kpis if len(text) < 400]
    read = 0
    for text in formulas:
        try:
            parse(text)
        except FormulaError:
            continue
        read += 1
        assert is_sentence(grammar(), text, "formula"), text
    assert read > 400
