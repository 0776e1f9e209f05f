"""What formulas are grown with: drawn choices, and pieces of text whose type and unit are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from hypothesis import strategies as st

from analytics_engine.errors import FormulaError
from analytics_engine.kpi.formula.parser import parse
from analytics_engine.kpi.formula.syntax import Node
from analytics_engine.kpi.formula.typed import Expression
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.model.units import BARE, Unit
from differential.catalogs import Recipe
from differential.data import Scene

Chosen = TypeVar("Chosen")


class Choices:
    """Draws; what stands first or is likelier is what failing examples shrink to."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw

    def one_of(self, options: Sequence[Chosen]) -> Chosen:
        return options[0] if len(options) == 1 else options[self._draw(_below(len(options)))]

    def number(self) -> Piece:
        """Return a number that is written out, or comes with the question."""
        return self.one_of(_WRITTEN)

    def now_and_then(self, times: int = 4) -> bool:
        """Return true once in so many times."""
        return self._draw(_below(times)) == times - 1


def _below(count: int) -> st.SearchStrategy[int]:
    if count not in _INTEGERS:
        _INTEGERS[count] = st.integers(0, count - 1)
    return _INTEGERS[count]


_INTEGERS: dict[int, st.SearchStrategy[int]] = {}


@dataclass(frozen=True)
class Ground:
    """Where formulas grow: the catalog and the scene they are asked in.

    Args:
        codes: the object models that are aggregated.
    """

    recipe: Recipe
    scene: Scene
    choices: Choices
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Piece:
    """A part of a formula.

    Args:
        exact: the engines agree on it to the last digit, so that it may decide a condition, a rank or a quotient's 0.
        named: it names an attribute of the rows it is over.
        stock: it is asked at an instant, so that no window is taken of it.
        compared: it compares periods or cells, so that no window is taken of it.
    """

    text: str
    type: DataType
    unit: Unit = BARE
    exact: bool = True
    named: bool = True
    stock: bool = False
    compared: bool = False


def literal(value: Any) -> str:
    """Return a value as it is written in a formula."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            quoted = value.replace("'", "''")
            return f"'{quoted}'"
        case datetime():
            return f"timestamp '{value.isoformat()}'"
        case date():
            return f"date '{value.isoformat()}'"
        case int() | Decimal():
            return str(value) if value >= 0 else f"({value})"
        case _:
            raise TypeError(f"{value!r} is not written in formulas")


def of(expression: Expression, text: str, *parts: Piece, exact: bool = True) -> Piece:
    """Return a piece with the type and unit that the resolver gave it, made of other pieces."""
    assert expression.type is not None
    mixed = expression.type is DataType.FLOAT and any(part.type is DataType.DECIMAL for part in parts if part.named)
    return Piece(
        text,
        expression.type,
        expression.unit,
        exact=exact and not mixed and all(part.exact for part in parts),
        named=any(part.named for part in parts),
        stock=any(part.stock for part in parts),
        compared=any(part.compared for part in parts),
    )


def meant(resolve: Callable[[Node], Expression], text: str) -> Expression:
    """Return what a text means; it should mean something, so a refusal names it."""
    try:
        return resolve(parse(text))
    except FormulaError as error:
        error.add_note(f"grown: {text}")
        raise


def constant(value: int | Decimal) -> Piece:
    kind = DataType.INTEGER if isinstance(value, int) else DataType.DECIMAL
    return Piece(literal(value), kind, named=False)


LEAST = Piece(":least", DataType.INTEGER, named=False)
CHOSEN = Piece(":chosen", DataType.TEXT, named=False)
"""The parameters of every KPI."""

NUMBERS: tuple[int | Decimal, ...] = (1, 0, 2, Decimal("0.5"), Decimal("2.5"), 3, 10)
"""Constants that floats hold exactly."""
_WRITTEN = (*map(constant, NUMBERS), LEAST)
