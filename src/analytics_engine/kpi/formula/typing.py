"""Typing rules: what a function gives for operands of given types and units, or why it refuses them.

The first line of a rule's docstring says that in the reference of the language.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from analytics_engine.kpi.formula.typed import Constant, Expression, Parameter
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.model.units import BARE, Unit, time_factor


class TypeMistake(Exception):
    """Operands a function does not take: ``operand`` is the index of the one to point at."""

    def __init__(self, detail: str, *, remedy: str = "", operand: int = 0) -> None:
        super().__init__(detail)
        self.detail = detail
        self.remedy = remedy
        self.operand = operand


@dataclass(frozen=True, slots=True)
class Signature:
    """What a function gives: a type (None for a bare null) and a unit."""

    type: DataType | None
    unit: Unit = BARE


TypingRule = Callable[[Sequence[Expression]], Signature]

MOST_DECIMALS = 12
TRUNCATIONS = ("second", "minute", "hour", "day", "week", "month", "quarter", "year")
"""The grains a time can be cut down to in a row expression."""

_WIDTH = {DataType.INTEGER: 0, DataType.DECIMAL: 1, DataType.FLOAT: 2}


def describe(operand: Expression) -> str:
    """Return an operand's type and unit for a message, such as ``integer (min)``."""
    name = operand.type.value if operand.type else "null"
    return f"{name} ({operand.unit})" if not operand.unit.bare else name


def expect_number(operands: Sequence[Expression]) -> None:
    for index, operand in enumerate(operands):
        if operand.type is not None and not operand.type.numeric:
            raise TypeMistake(f"A number is needed here, not {describe(operand)}.", operand=index)


def expect_condition(operands: Sequence[Expression]) -> None:
    for index, operand in enumerate(operands):
        if operand.type not in {DataType.BOOLEAN, None}:
            raise TypeMistake(
                f"A condition is needed here, not {describe(operand)}.",
                remedy="Compare it with something, such as = or >.",
                operand=index,
            )


def expect_time(operands: Sequence[Expression]) -> None:
    for index, operand in enumerate(operands):
        if operand.type is not None and not operand.type.temporal:
            raise TypeMistake(f"A date or timestamp is needed here, not {describe(operand)}.", operand=index)


def widest(operands: Sequence[Expression]) -> DataType | None:
    """Return the number type that holds all of these: integer, then decimal, then float."""
    types = [operand.type for operand in operands if operand.type is not None]
    return max(types, key=_WIDTH.__getitem__) if types else None


def common_unit(operands: Sequence[Expression]) -> Unit:
    """Return the one unit of numbers that are added or compared; a bare constant takes the other's unit.

    Raises:
        TypeMistake: the units differ: minutes and miles do not add up.
    """
    united = [
        (index, operand)
        for index, operand in enumerate(operands)
        if not (isinstance(operand, Constant | Parameter) and operand.unit.bare)
        and (operand.type is None or operand.type.numeric)
    ]
    if not united:
        return BARE
    unit = united[0][1].unit
    for index, operand in united[1:]:
        if operand.unit != unit:
            raise TypeMistake(
                f"Units do not fit: {_unit_name(unit)} and {_unit_name(operand.unit)}.",
                remedy=_unit_remedy(unit, operand.unit),
                operand=index,
            )
    return unit


def _unit_name(unit: Unit) -> str:
    return str(unit) or "a bare number"


def _unit_remedy(one: Unit, other: Unit) -> str:
    if time_factor(one, "h") and time_factor(other, "h"):
        return "Bring both to one unit of time with in_minutes(...), in_hours(...) or in_days(...)."
    return "Add and compare only what is measured in the same unit; divide to make a ratio."


def same_kind(operands: Sequence[Expression]) -> DataType | None:
    """Return the one type these values share; numbers widen, everything else must be equal.

    Raises:
        TypeMistake: they cannot be compared or stand in one column.
    """
    typed = [(index, operand) for index, operand in enumerate(operands) if operand.type is not None]
    if not typed:
        return None
    if all(operand.type and operand.type.numeric for _, operand in typed):
        return widest([operand for _, operand in typed])
    first = typed[0][1]
    for index, operand in typed[1:]:
        if operand.type is not first.type:
            raise TypeMistake(
                f"{describe(first)} and {describe(operand)} do not fit together.",
                remedy=_kind_remedy(first, operand),
                operand=index,
            )
    return first.type


def _kind_remedy(one: Expression, other: Expression) -> str:
    kinds = {one.type, other.type}
    if kinds == {DataType.DATE, DataType.TIMESTAMP}:
        return "Cut the timestamp to its day with truncated(..., day)."
    if DataType.BOOLEAN in kinds:
        return "A condition stands by itself, or is compared with true or false."
    return "Compare and combine only values of one type."


# --- rules ---------------------------------------------------------------------------------------------------


def additive(operands: Sequence[Expression]) -> Signature:
    """Numbers of one unit give a number of that unit."""
    expect_number(operands)
    return Signature(widest(operands), common_unit(operands))


def product(operands: Sequence[Expression]) -> Signature:
    """Numbers give a number; their units are multiplied."""
    expect_number(operands)
    return Signature(widest(operands), operands[0].unit.times(operands[1].unit))


def quotient(operands: Sequence[Expression]) -> Signature:
    """Numbers give a number, integers a decimal; their units are divided, and equal ones cancel."""
    expect_number(operands)
    kind = widest(operands)
    return Signature(DataType.DECIMAL if kind is DataType.INTEGER else kind, operands[0].unit.per(operands[1].unit))


def same_as_first(operands: Sequence[Expression]) -> Signature:
    """A number gives a number of its type and unit."""
    expect_number(operands)
    return Signature(operands[0].type, operands[0].unit)


def comparison(operands: Sequence[Expression]) -> Signature:
    """Values of one type, and numbers of one unit, give a condition."""
    same_kind(operands)
    common_unit(operands)
    return Signature(DataType.BOOLEAN)


def condition(operands: Sequence[Expression]) -> Signature:
    """Conditions give a condition."""
    expect_condition(operands)
    return Signature(DataType.BOOLEAN)


def null_test(_: Sequence[Expression]) -> Signature:
    """Any value gives a condition."""
    return Signature(DataType.BOOLEAN)


def one_of(operands: Sequence[Expression]) -> Signature:
    """Values of one type and unit give one of that type and unit."""
    kind = same_kind(operands)
    return Signature(kind, common_unit(operands) if kind is None or kind.numeric else BARE)


def branches(operands: Sequence[Expression]) -> Signature:
    """Conditions, each followed by a value, give one of these values: all are of one type and unit."""
    conditions = operands[0 : len(operands) // 2 * 2 : 2]
    expect_condition(conditions)
    values = [*operands[1::2], *operands[-1:]] if len(operands) % 2 else list(operands[1::2])
    return one_of(values)


def real(operands: Sequence[Expression]) -> Signature:
    """Bare numbers give a bare float."""
    expect_number(operands)
    for index, operand in enumerate(operands):
        if not operand.unit.bare:
            raise TypeMistake(f"A bare number is needed here, not {describe(operand)}.", operand=index)
    return Signature(DataType.FLOAT)


def rounded(operands: Sequence[Expression]) -> Signature:
    """A number, and how many decimals (0 to 12, written out), give a number of the same type and unit."""
    expect_number(operands[:1])
    if len(operands) > 1:
        digits = operands[1]
        if not isinstance(digits, Constant) or digits.type is not DataType.INTEGER:
            raise TypeMistake("How many decimals is a whole number written out, such as 2.", operand=1)
        if not 0 <= digits.value <= MOST_DECIMALS:  # type: ignore[operator]  # the type was checked the line before
            raise TypeMistake(f"Between 0 and {MOST_DECIMALS} decimals can be kept.", operand=1)
    return Signature(operands[0].type, operands[0].unit)


def truncated(operands: Sequence[Expression]) -> Signature:
    """A date or timestamp, and a grain, give a date; a second, minute or hour gives a timestamp."""
    expect_time(operands[:1])
    grain = operands[1]
    name = grain.value if isinstance(grain, Constant) else None
    if name not in TRUNCATIONS:
        raise TypeMistake(
            "The second operand is the name of a grain.", remedy=f"One of {', '.join(TRUNCATIONS)}.", operand=1
        )
    finer_than_day = TRUNCATIONS.index(str(name)) < TRUNCATIONS.index("day")
    if finer_than_day and operands[0].type is DataType.DATE:
        raise TypeMistake(f"A date has no {name}.", operand=1)
    return Signature(DataType.TIMESTAMP if finer_than_day else DataType.DATE)


def elapsed(unit: str) -> TypingRule:
    """Two timestamps give the elapsed time between them in a unit."""

    def rule(operands: Sequence[Expression]) -> Signature:
        for index, operand in enumerate(operands):
            if operand.type is not DataType.TIMESTAMP:
                raise TypeMistake(f"A timestamp is needed here, not {describe(operand)}.", operand=index)
        return Signature(DataType.DECIMAL, Unit.parse(unit))

    rule.__doc__ = f"Two timestamps give a decimal in {unit}."
    return rule


def converted(unit: str) -> TypingRule:
    """A number in a unit of elapsed time gives the same time in another unit."""

    def rule(operands: Sequence[Expression]) -> Signature:
        expect_number(operands)
        if time_factor(operands[0].unit, unit) is None:
            raise TypeMistake(
                f"A number in a unit of time (s, min, h, day) is needed here, not {describe(operands[0])}.",
                remedy="Give the attribute its unit in the object model.",
            )
        kind = operands[0].type
        return Signature(DataType.DECIMAL if kind is DataType.INTEGER else kind, Unit.parse(unit))

    rule.__doc__ = f"A number in s, min, h or day gives one in {unit}."
    return rule


def clock_part(operands: Sequence[Expression]) -> Signature:
    """A timestamp gives a bare integer; a date has no time of day."""
    expect_time(operands)
    if operands[0].type is DataType.DATE:
        raise TypeMistake("A date has no time of day.", remedy="Name a timestamp.")
    return Signature(DataType.INTEGER)


def date_part(operands: Sequence[Expression]) -> Signature:
    """A date or timestamp gives a bare integer."""
    expect_time(operands)
    return Signature(DataType.INTEGER)
