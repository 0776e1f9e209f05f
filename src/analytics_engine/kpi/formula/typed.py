"""The typed tree: what a formula means. Nodes are immutable and equal when they mean the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from analytics_engine.kpi.formula.syntax import LiteralValue
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.model.units import BARE, Unit


@dataclass(frozen=True, slots=True)
class Constant:
    """A value of the formula; a bare ``null`` has no type of its own."""

    value: LiteralValue
    type: DataType | None
    unit: Unit = BARE


@dataclass(frozen=True, slots=True)
class Given:
    """A value that comes with the question, by its position, so that one plan serves every value."""

    position: int
    type: DataType
    unit: Unit = BARE


@dataclass(frozen=True, slots=True)
class Column:
    """An attribute of the row, or of the one row that its relations lead to."""

    relations: tuple[str, ...]
    attribute: str
    type: DataType
    unit: Unit = BARE
    nullable: bool = True

    def __str__(self) -> str:
        return ".".join((*self.relations, self.attribute))


@dataclass(frozen=True, slots=True)
class Operation:
    """A scalar function or operator of the catalogue, applied to operands of its own level."""

    operator: str
    operands: tuple[Expression, ...]
    type: DataType | None
    unit: Unit = BARE


@dataclass(frozen=True, slots=True)
class Term:
    """An aggregate over the rows of one object model: the leaf of a KPI's formula.

    Grain: any; the plan decides. Rows belong to the period that holds their ``anchor``.

    Args:
        function: the aggregate's name in the catalogue.
        model: the object model whose rows are aggregated.
        argument: what is aggregated, per row; None for counting rows.
        parameters: constants such as the rank of a percentile.
        anchor: the date or timestamp that puts a row into a period.
        where: the condition a row must meet; unknown is not met.
        via: relations that a path must take where several lead to one object model.
        label: the term as an analyst would write it.
    """

    function: str
    model: str
    argument: Expression | None
    parameters: tuple[LiteralValue, ...]
    anchor: Column
    where: Expression | None
    via: tuple[str, ...]
    type: DataType
    unit: Unit = BARE
    label: str = field(default="", compare=False)

    def filtered(self, condition: Expression, text: str) -> Term:
        """Return the term over only those of its rows that also meet a condition."""
        where = condition if self.where is None else conjunction(self.where, condition)
        return replace(self, where=where, label=f"{self.label} filter (where {text})")


Expression = Constant | Given | Column | Operation | Term


def conjunction(first: Expression, *others: Expression) -> Expression:
    """Return the condition that all of these hold."""
    whole = first
    for condition in others:
        whole = Operation("and", (whole, condition), DataType.BOOLEAN)
    return whole


def walk(expression: Expression) -> Iterator[Expression]:
    """Yield the expression and everything inside it, terms' arguments and conditions included."""
    yield expression
    match expression:
        case Operation(operands=operands):
            for operand in operands:
                yield from walk(operand)
        case Term():
            yield expression.anchor
            for part in (expression.argument, expression.where):
                if part is not None:
                    yield from walk(part)
        case _:
            return


def terms_of(expression: Expression) -> tuple[Term, ...]:
    """Return the distinct terms of a cell expression, in the order they are written."""
    found = (part for part in _outer(expression) if isinstance(part, Term))
    return tuple(dict.fromkeys(found))


def _outer(expression: Expression) -> Iterator[Expression]:
    yield expression
    if isinstance(expression, Operation):
        for operand in expression.operands:
            yield from _outer(operand)


def map_terms(expression: Expression, change: dict[Term, Term]) -> Expression:
    """Return a cell expression with some of its terms replaced."""
    match expression:
        case Term():
            return change.get(expression, expression)
        case Operation():
            operands = tuple(map_terms(operand, change) for operand in expression.operands)
            return replace(expression, operands=operands)
        case _:
            return expression
