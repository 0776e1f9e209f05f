"""What a statement may hold: words the compiler writes, numbers, names of the catalog in quotes, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from sqlglot.dialects.dialect import Dialect as Language
from sqlglot.tokens import Token, TokenType

from analytics_engine.kpi.formula.typing import TRUNCATIONS
from fuzz.words import compiler_texts, compiler_words

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*( [A-Z]+)*")
_NUMBER = re.compile(r"\d{1,40}(\.\d{1,40})?([eE]-?\d{1,2})?")
_OWN = re.compile(
    r"([acdhjkmnoprstvxyz]|cut_|pairs_|spans_|covered_|days_|integer_|decimal_|text_|float_|date_|timestamp_|boolean_)\d+(_[a-z]+|_\d+)*"
    r"|(a\d+_)?(scan_\d+|terms|merged|totals|days|mean)(_[a-z]+|_\d+)*"
    r"|(starts|ends)_(at|on)(_held)?"
)
"""The names of the parts of a statement, most of them numbered."""
_OF_MODELS = "repeated_"
_SYMBOLS = frozenset("(),.+-*/%=<>[]{}:$?&|^~") | {"//", "<=", ">=", "<>", "!=", "::", "->", "||", "<<", ">>"}
_TEXT = re.compile("|".join([r"\d+ seconds", "UTC", "1970-01-01", *TRUNCATIONS]))
_SECONDS_OF = ["DATE_PART", "(", "epoch"]
"""The one place where this text may stand."""
_STRINGS = frozenset(kind for kind in TokenType if kind.name.endswith("STRING"))


def foreign(sql: str, dialect: str, names: frozenset[str]) -> list[str]:
    """Return what a statement holds that the compiler does not write: a text, a name, a comment, a second statement."""
    tokens = _language(dialect).tokenize(sql)
    return list(dict.fromkeys(_foreign(tokens, names, compiler_words())))


@cache
def _language(dialect: str) -> Language:
    return Language.get_or_raise(dialect)


def _foreign(tokens: list[Token], names: frozenset[str], words: frozenset[str]) -> Iterator[str]:
    for place, token in enumerate(tokens):
        if token.comments:
            yield f"comment {token.comments}"
        if [before.text for before in tokens[max(0, place - 2) : place + 1]] == _SECONDS_OF:
            continue
        kind, allowed = _allowed(token, names, words)
        if not allowed:
            yield f"{kind} {token.text!r}"


def _allowed(token: Token, names: frozenset[str], words: frozenset[str]) -> tuple[str, bool]:
    """Return what a token is, and whether the compiler writes such a one."""
    text = token.text
    if token.token_type in _STRINGS:
        return "text", _TEXT.fullmatch(text) is not None or (" " in text and text in compiler_texts())
    if token.token_type is TokenType.IDENTIFIER:
        return "name", text in names or text.isdigit()
    if token.token_type is TokenType.NUMBER:
        return "number", _NUMBER.fullmatch(text) is not None
    if _WORD.fullmatch(text):
        return "word", words.issuperset(text.upper().split()) or _is_own(text, names)
    return "symbol", text in _SYMBOLS


def _is_own(name: str, names: frozenset[str]) -> bool:
    """Return whether the compiler gives such a name, perhaps to what it makes of an object model."""
    return _OWN.fullmatch(name) is not None or (name.startswith(_OF_MODELS) and name.removeprefix(_OF_MODELS) in names)
