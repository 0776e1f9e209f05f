"""The words that statements are made of: those of SQL, and those that stand as names in the compiler's own source.

Whatever else stands in a statement came from outside.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import analytics_engine.kpi.sql as compiler

_NAMES = re.compile(r"[A-Za-z0-9_(), ]+")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SQL = frozenset((
    "ABS", "ALL", "AND", "ARRAY", "AS", "ASC", "AT", "BETWEEN", "BY", "CASE", "CAST", "COALESCE", "COUNT", "CROSS",
    "DATE", "DATETIME64", "DAY", "DECIMAL", "DESC", "DISTINCT", "DIV", "ELSE", "END", "EXP", "EXTRACT", "FALSE",
    "FILTER", "FIRST", "FROM", "GROUP", "IN", "INT", "INT32", "INTERVAL", "IS", "JOIN", "LAST", "LEFT", "LIMIT",
    "MAX", "MIN", "NOT", "NULL", "NULLIF", "NULLS", "OFFSET", "ON", "OR", "ORDER", "ORDINALITY", "OVER", "PARTITION",
    "PRECISION", "RANGE", "ROWS", "SELECT", "SUM", "THEN", "TIME", "TRUE", "TRY_CAST", "UNION", "UNNEST", "WHEN",
    "WHERE", "WITH", "WITHIN", "ZONE",
))  # fmt: skip
"""What sqlglot writes for the nodes of a tree."""


@cache
def compiler_words() -> frozenset[str]:
    """Return the words of statements, in capitals."""
    return _SQL | {word.upper() for text in compiler_texts() if _NAMES.fullmatch(text) for word in _WORD.findall(text)}


@cache
def compiler_texts() -> frozenset[str]:
    """Return the texts that stand in the compiler's source: names, and what a statement says when it gives up."""
    folder = Path(compiler.__file__).parent
    return frozenset(text for path in folder.rglob("*.py") for text in _texts_of(path))


def _texts_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
