"""The parameters of a statement: what each stands for, so that one compiled plan serves every run of its shape."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from analytics_engine.kpi.formula.syntax import LiteralValue
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.sql.nodes import cast
from analytics_engine.kpi.sql.nodes import number as literal


@dataclass(frozen=True, slots=True)
class ClientSlot:
    """The client whose rows are read."""


@dataclass(frozen=True, slots=True)
class WindowSlot:
    """The start or the end of the whole asked range: an instant, or a date for anchors that are dates."""

    end: bool
    type: DataType


@dataclass(frozen=True, slots=True)
class PeriodStartsSlot:
    """The starts of all periods, ascending: instants, or dates."""

    type: DataType


@dataclass(frozen=True, slots=True)
class CoveredSlot:
    """For each period, whether an object model's loaded coverage spans it."""

    model: str


@dataclass(frozen=True, slots=True)
class ZoneSlot:
    """The question's time zone."""


@dataclass(frozen=True, slots=True)
class GivenSlot:
    """A value that comes with the question."""

    position: int
    type: DataType


@dataclass(frozen=True, slots=True)
class ConstantSlot:
    """A value of a formula."""

    value: LiteralValue
    type: DataType


@dataclass(frozen=True, slots=True)
class LimitSlot:
    """How many rows to return at most."""


Slot = ClientSlot | WindowSlot | PeriodStartsSlot | CoveredSlot | ZoneSlot | GivenSlot | ConstantSlot | LimitSlot


class Parameters:
    """Numbers slots in the order they are first used; equal slots share a number."""

    def __init__(self) -> None:
        self._numbers: dict[Slot, int] = {}

    def __call__(self, slot: Slot, sql_type: str) -> exp.Expr:
        """Return the parameter of a slot, cast to its SQL type so that no engine has to guess it."""
        number = self._numbers.setdefault(slot, len(self._numbers) + 1)
        parameter = exp.Parameter(this=literal(number))
        return cast(parameter, sql_type)

    @property
    def slots(self) -> tuple[Slot, ...]:
        return tuple(self._numbers)
