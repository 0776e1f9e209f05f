"""Text to tokens, each with the line and column it starts at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
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


LONGEST_TEXT = 20_000
"""How many characters a formula may have."""
LONGEST_NAME = 63
"""How many characters a name may have, as those of a catalog."""
_LONGEST_DETAIL = 600
_MOST_DIGITS = 38
GREATEST_INTEGER = 2**63 - 1

UNREADABLE = re.compile("[\x00\ud800-\udfff]")
"""What no database holds in a text: the null character, and halves of characters."""
_PATTERN = re.compile(
    r"""(?P<space>\s+)
      | (?P<comment>--|/\*)
      | (?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)
      | (?P<string>'(?:[^']|'')*')
      | (?P<quoted>"(?:[^"]|"")*")
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<symbol><=|>=|<>|!=|[-+*/%(),.:=<>])""",
    re.VERBOSE,
)


def formula_error(detail: str, span: Span, *, remedy: str = "") -> FormulaError:
    """Return an error at a place in the text; of a long one the middle is left out."""
    if len(detail) > _LONGEST_DETAIL:
        detail = f"{detail[: _LONGEST_DETAIL // 2]} ... {detail[-_LONGEST_DETAIL // 2 :]}"
    return FormulaError(detail, remedy=remedy, line=span.line, column=span.column)


def tokenize(text: str) -> list[Token]:
    """Return the tokens of a formula, the last one of kind END.

    Raises:
        FormulaError: a character, an unfinished string or a comment has no place here.
    """
    if len(text) > LONGEST_TEXT:
        raise formula_error(
            f"The formula has {len(text):,} characters; {LONGEST_TEXT:,} are the most.",
            Span(1, 1),
            remedy="Give parts of it codes as KPIs of their own.",
        )
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


def number_of(token: Token) -> int | Decimal:
    """Return the number a token stands for, exactly; a whole number past 64 bits is a decimal.

    Raises:
        FormulaError: it has more digits than engines hold.
    """
    try:
        number = Decimal(token.text)
    except InvalidOperation:  # an exponent past all bounds
        number = Decimal("NaN")
    if not holds(number):
        raise formula_error(
            f"The number {shown(token.text)} has more than {_MOST_DIGITS} digits before and behind the point.",
            token.span,
            remedy="Round it.",
        )
    return int(number) if token.text.isdigit() and number <= GREATEST_INTEGER else number


def holds(number: Decimal) -> bool:
    """Return whether every engine holds a number: it is one, of not too many digits before and behind the point."""
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int):
        return False
    return max(number.adjusted() + 1, 1) + max(-exponent, 0) <= _MOST_DIGITS


def shown(text: str) -> str:
    """Return a text as an error shows it: of a long one only how it begins."""
    return text if len(text) <= LONGEST_NAME else f"{text[:20]}..."


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
            _check_text(value, span)
            return Token(TokenKind.STRING, value[1:-1].replace("''", "'"), span)
        case "quoted":
            _check_text(value, span)
            return Token(TokenKind.QUOTED_NAME, _checked_name(value[1:-1].replace('""', '"'), span), span)
        case "name" if value.lower() in KEYWORDS:
            return Token(TokenKind.KEYWORD, value.lower(), span)
        case "name":
            return Token(TokenKind.NAME, _checked_name(value, span), span)
        case _:
            return Token(TokenKind.SYMBOL, "!=" if value == "<>" else value, span)


def _checked_name(name: str, span: Span) -> str:
    if not name:
        raise formula_error("There is no name between these quotes.", span)
    if len(name) > LONGEST_NAME:
        raise formula_error(f"The name {shown(name)} has more than {LONGEST_NAME} characters.", span)
    return name


def _check_text(text: str, span: Span) -> None:
    found = UNREADABLE.search(text)
    if found is not None:
        raise formula_error(f"The character {found[0]!r} has no place in a text.", span)


def _unreadable(character: str, span: Span) -> FormulaError:
    if character in "'\"":
        return formula_error("This quotation has no end.", span, remedy=f"Close it with {character}.")
    return formula_error(f"The character {character!r} has no meaning in a formula.", span)
