"""A syntax tree back to text, in the one standard layout; parsing the text gives the same tree."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from analytics_engine.kpi.formula.syntax import (
    Call,
    Collection,
    DurationLiteral,
    Literal,
    LiteralValue,
    Modified,
    Node,
    Operation,
    Parameter,
    Path,
    PeriodEdge,
)
from analytics_engine.kpi.formula.tokens import KEYWORDS

_BINARY = {
    "or": ("or", 1), "and": ("and", 2),
    "equal": ("=", 4), "not_equal": ("!=", 4), "less": ("<", 4), "less_or_equal": ("<=", 4),
    "greater": (">", 4), "greater_or_equal": (">=", 4),
    "add": ("+", 5), "subtract": ("-", 5), "multiply": ("*", 6), "divide": ("/", 6), "modulo": ("%", 6),
}  # fmt: skip
_NOT, _COMPARISON, _SUM, _SIGN, _POSTFIXED, _TIGHTEST = 3, 4, 5, 7, 8, 9


def write(tree: Node) -> str:
    """Return a tree as text in the standard layout."""
    return _write(tree)[0]


def write_name(name: str) -> str:
    plain = name.replace("_", "a").isalnum() and not name[0].isdigit() and name.isascii()
    return name if plain and name.lower() not in KEYWORDS else '"' + name.replace('"', '""') + '"'


def _write(tree: Node) -> tuple[str, int]:
    """Return the text and how tightly it binds."""
    match tree:
        case Literal(value, unit):
            named = ' "' + unit.replace('"', '""') + '"' if unit else ""
            return write_literal(value) + named, _TIGHTEST
        case Path(parts):
            return ".".join(map(write_name, parts)), _TIGHTEST
        case Call():
            return _call(tree), _TIGHTEST
        case Modified(base, by, where, at, via):
            text = _within(base, _TIGHTEST)
            text += f" by {write(by)}" if by else ""
            text += f" filter (where {write(where)})" if where else ""
            text += f" at {at}" if at else ""
            text += f" via {'.'.join(map(write_name, via))}" if via else ""
            return text, _POSTFIXED
        case Collection():
            return _collection(tree), _TIGHTEST
        case DurationLiteral(value):
            return str(value), _TIGHTEST
        case PeriodEdge(edge, grain):
            return f"{edge} of {write_name(grain)}", _TIGHTEST
        case Parameter(name):
            return f":{write_name(name)}", _TIGHTEST
        case Operation(operator, operands):
            return _operation(operator, operands)
        case _:
            raise TypeError(f"not a syntax node: {tree!r}")


def _call(call: Call) -> str:
    inside = ", ".join(map(write, call.arguments))
    inside = f"distinct {inside}" if call.distinct else inside
    inside += f" per {', '.join(map(write, call.per))}" if call.per else ""
    inside += f" having {write(call.having)}" if call.having else ""
    return f"{write_name(call.name)}({inside})"


def _collection(collection: Collection) -> str:
    text = write(collection.path)
    text += f" on {_pairs(collection.on)}" if collection.on else ""
    text += f" within {collection.within}" if collection.within else ""
    text += f" matching {_pairs(collection.matching)}" if collection.matching else ""
    return text + (f" at {collection.at}" if collection.at else "")


def _pairs(pairs: tuple[tuple[str, str], ...]) -> str:
    written = (write_name(here) + ("" if here == there else f" = {write_name(there)}") for here, there in pairs)
    return " and ".join(written)


def _within(tree: Node, level: int) -> str:
    """Return the text, in parentheses where it binds more loosely than its place asks."""
    text, binding = _write(tree)
    return text if binding >= level else f"({text})"


def _operation(operator: str, operands: tuple[Node, ...]) -> tuple[str, int]:
    if operator in _BINARY:
        symbol, level = _BINARY[operator]
        left = level + 1 if level == _COMPARISON else level
        return f"{_within(operands[0], left)} {symbol} {_within(operands[1], level + 1)}", level
    first = operands[0]
    match operator:
        case "not":
            return f"not {_within(first, _NOT)}", _NOT
        case "negate":
            return f"-{_within(first, _POSTFIXED)}", _SIGN  # two signs side by side would begin a comment
        case "is_null":
            return f"{_within(first, _SUM)} is null", _COMPARISON
        case "is_not_null":
            return f"{_within(first, _SUM)} is not null", _COMPARISON
        case "in":
            return f"{_within(first, _SUM)} in ({', '.join(map(write, operands[1:]))})", _COMPARISON
        case "between":
            low, high = (_within(bound, _SUM) for bound in operands[1:])
            return f"{_within(first, _SUM)} between {low} and {high}", _COMPARISON
        case "case":
            return _case(operands), _TIGHTEST
        case _:
            raise TypeError(f"not an operator: {operator}")


def _case(operands: tuple[Node, ...]) -> str:
    branches = [
        f"when {write(condition)} then {write(value)}"
        for condition, value in zip(operands[0::2], operands[1::2], strict=False)
    ]
    default = f" else {write(operands[-1])}" if len(operands) % 2 else ""
    return f"case {' '.join(branches)}{default} end"


def write_literal(value: LiteralValue) -> str:
    """Return a value as it is written in a formula."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case Decimal():
            text = format(value, "f")
            return text if "." in text else text + ".0"
        case datetime():
            return f"timestamp '{value.isoformat()}'"
        case date():
            return f"date '{value.isoformat()}'"
        case str():
            return "'" + value.replace("'", "''") + "'"
