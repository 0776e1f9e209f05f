"""What a statement may hold: words the compiler writes, numbers, names of the catalog in quotes, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from sqlglot.dialects.dialect import Dialect as Language
from sqlglot.tokens import Token, TokenType

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NUMBER = re.compile(r"\d{1,40}(\.\d{1,40})?([eE]-?\d{1,3})?")
_OWN_NAME = re.compile(
    r"(a|c|d|h|j|k|m|n|o|p|r|s|t|v|x|cut_|pairs_|spans_|covered_|days_|scan_|m_)\d+(_(rows|things|members|cells|all|\d+))*"
    r"|(a\d+_)?(scan_\d+(_(rows|things|counts|\d+))*|terms|merged|totals|days|mean|(merged|totals)_(cells|members|cells_all))"
)
_OWN_NAMES = frozenset(())
_SYMBOLS = frozenset("( ) , . + - * / % = < > <= >= <> != [ ] { } : :: $ -> ? || ".split())
_TEXTS = re.compile(
    r"\d+ seconds?|UTC|second|minute|hour|day|week|month|quarter|year|[A-Z][A-Za-z0-9(), ]*|"
)
_STRINGS = frozenset(kind for kind in TokenType if kind.name.endswith("STRING"))


def foreign(sql: str, dialect: str, names: frozenset[str], words: frozenset[str]) -> list[str]:
    """Return what a statement holds that the compiler does not write: a text, a name, a comment, a second statement."""
    return list(dict.fromkeys(_foreign(tokens_of(sql, dialect), names, words)))


def tokens_of(sql: str, dialect: str) -> list[Token]:
    return list(_language(dialect).tokenize(sql))


@cache
def _language(dialect: str) -> Language:
    return Language.get_or_raise(dialect)


def _foreign(tokens: list[Token], names: frozenset[str], words: frozenset[str]) -> Iterator[str]:
    for token in tokens:
        if token.comments:
            yield f"comment {token.comments}"
        if token.token_type in _STRINGS:
            if not _TEXTS.fullmatch(token.text):
                yield f"text {token.text!r}"
        elif token.token_type is TokenType.IDENTIFIER:
            if token.text not in names:
                yield f"name {token.text!r}"
        elif token.token_type is TokenType.NUMBER:
            if not _NUMBER.fullmatch(token.text):
                yield f"number {token.text!r}"
        elif _WORD.fullmatch(token.text):
            if token.text.upper() not in words and not _OWN_NAME.fullmatch(token.text):
                yield f"word {token.text!r}"
        elif token.text not in _SYMBOLS:
            yield f"symbol {token.text!r}"
