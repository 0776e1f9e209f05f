"""Text to tokens, each with the line and column it starts at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from analytics_engine.errors import FormulaError


class TokenKind(StrEnum):
    NAME = "name"
    QUOTED_NAME = "quoted name"
    KEYWORD = "keyword"
    NUMBER = "number"
    STRING = "string"
    SYMBOL = "symbol"
    END = "end of the formula"


KEYWORDS = frozenset(
    {"and", "or", "not", "is", "null", "in", "between", "case", "when", "then", "else", "end", "true", "false"}
    | {"distinct", "filter", "where", "by", "via", "date", "timestamp"}
)
"""Reserved words; in double quotes they are names."""

SOFT_KEYWORDS = frozenset({"at", "start", "per", "having", "on", "within", "matching", "of"})
"""Words that mean something only behind a value; everywhere else they are names."""


@dataclass(frozen=True, slots=True)
class Span:
    """Where something stands in the text; lines and columns count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Token:
    kind: TokenKind
    text: str
    span: Span


_PATTERN = re.compile(
    r"""(?P<space>\s+)
      | (?P<comment>--|/\*)
      | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
      | (?P<string>'(?:[^']|'')*')
      | (?P<quoted>"(?:[^"]|"")+")
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<symbol><=|>=|<>|!=|[-+*/%(),.:=<>])""",
    re.VERBOSE,
)


def formula_error(detail: str, span: Span, *, remedy: str = "") -> FormulaError:
    """Return an error at a place in the text."""
    return FormulaError(detail, remedy=remedy, line=span.line, column=span.column)


def tokenize(text: str) -> list[Token]:
    """Return the tokens of a formula, the last one of kind END.

    Raises:
        FormulaError: a character, an unfinished string or a comment has no place here.
    """
    tokens: list[Token] = []
    line, line_start, position = 1, 0, 0
    while position < len(text):
        span = Span(line, position - line_start + 1)
        match = _PATTERN.match(text, position)
        if match is None:
            raise _unreadable(text[position], span)
        position = match.end()
        value = match[0]
        token = _token(match.lastgroup or "", value, span)
        if token is not None:
            tokens.append(token)
        if "\n" in value:
            line += value.count("\n")
            line_start = match.start() + value.rindex("\n") + 1
    tokens.append(Token(TokenKind.END, "", Span(line, position - line_start + 1)))
    return tokens


def _token(group: str, value: str, span: Span) -> Token | None:
    match group:
        case "space":
            return None
        case "comment":
            raise formula_error(
                "A formula holds no comments.", span, remedy="Write the remark into the KPI's description."
            )
        case "number":
            return Token(TokenKind.NUMBER, value, span)
        case "string":
            return Token(TokenKind.STRING, value[1:-1].replace("''", "'"), span)
        case "quoted":
            return Token(TokenKind.QUOTED_NAME, value[1:-1].replace('""', '"'), span)
        case "name" if value.lower() in KEYWORDS:
            return Token(TokenKind.KEYWORD, value.lower(), span)
        case "name":
            return Token(TokenKind.NAME, value, span)
        case _:
            return Token(TokenKind.SYMBOL, "!=" if value == "<>" else value, span)


def _unreadable(character: str, span: Span) -> FormulaError:
    if character in "'\"":
        return formula_error("This quotation has no end.", span, remedy=f"Close it with {character}.")
    return formula_error(f"The character {character!r} has no meaning in a formula.", span)
