"""The typed tree: what a formula means. Nodes are immutable and equal when they mean the same.

There are two levels. A *row* expression is computed from one row of an object model: columns, constants, children.
A *cell* expression is computed from aggregates over the rows of a cell: terms, and arithmetic over them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from analytics_engine.kpi.formula.syntax import LiteralValue
from analytics_engine.kpi.model.frames import Duration, Edge, Frame, FrameStep
from analytics_engine.kpi.model.hashed import Hashed, hashed_once
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.model.units import BARE, Unit


@hashed_once
@dataclass(frozen=True, slots=True)
class Constant(Hashed):
    """A value of the formula; a bare ``null`` has no type of its own."""

    value: LiteralValue
    type: DataType | None
    unit: Unit = BARE


@hashed_once
@dataclass(frozen=True, slots=True)
class Given(Hashed):
    """A value that comes with the question, by its position, so that one plan serves every value."""

    position: int
    type: DataType
    unit: Unit = BARE


@hashed_once
@dataclass(frozen=True, slots=True)
class Parameter(Hashed):
    """A value that comes with the question by its name, or else the KPI's default."""

    name: str
    type: DataType
    unit: Unit = BARE
    default: LiteralValue = None


@hashed_once
@dataclass(frozen=True, slots=True)
class Column(Hashed):
    """An attribute of the row, or of the one row that its relations lead to."""

    relations: tuple[str, ...]
    attribute: str
    type: DataType
    unit: Unit = BARE
    nullable: bool = True

    def __str__(self) -> str:
        return ".".join((*self.relations, self.attribute))


@hashed_once
@dataclass(frozen=True, slots=True)
class Rate(Hashed):
    """What one unit of a row's currency is worth in the client's base currency, on the day of a moment.

    Nulls: null where no rate of that day, or of the few days before that still count, is known.
    """

    currency: Column
    anchor: Column
    type: DataType = DataType.DECIMAL
    unit: Unit = BARE


@hashed_once
@dataclass(frozen=True, slots=True)
class PeriodBound(Hashed):
    """The start or the end of the period a row is counted in, as an instant or a date of the zone."""

    edge: Edge
    type: DataType
    unit: Unit = BARE


COPIES: Mapping[str, int] = MappingProxyType(
    {"greatest": 2, "least": 2, "ln": 2, "sqrt": 2, "rank": 2}
    | {"growth_of": 3, "modulo": 3, "round": 3}
    | {"power": 4, "truncated": 4}
)
"""How often the SQL of a scalar holds an operand, where it is more than once."""


@dataclass(frozen=True, slots=True)
class _Inner(Hashed):
    """An expression that has others inside, and knows its extent: how deep it is, and how many parts its SQL has."""

    levels: int = field(default=1, init=False, compare=False, repr=False)
    parts: int = field(default=1, init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        parts = _inside(self)
        copies = COPIES.get(self.operator, 1) if isinstance(self, Operation) else 1
        object.__setattr__(self, "levels", 1 + max(map(depth_of, parts), default=0))
        object.__setattr__(self, "parts", 1 + copies * sum(map(size_of, parts)))


@hashed_once
@dataclass(frozen=True, slots=True)
class Child(_Inner):
    """An aggregate over the rows of another object model that belong to one row here.

    Args:
        function: ``every``, ``any``, ``count``, ``sum``, ``avg``, ``min`` or ``max``.
        relations: the way from the row to the one whose children they are.
        model: the children's object model.
        keys: pairs of an attribute of that owner and the attribute of the child that equals it.
        argument: what is aggregated per child; a condition for every and any; None for counting.
        where: which children count.
        at: only children that are there at this end of the period the row is counted in.
        anchor: the moment of a child, where ``at`` or ``within`` ask for it.
        since: the moment of the row, where ``within`` asks for it.
        within: only children from ``since`` on, and less than this long after it.
    """

    function: str
    relations: tuple[str, ...]
    model: str
    keys: tuple[tuple[str, str], ...]
    argument: Expression | None
    where: Expression | None
    type: DataType
    unit: Unit = BARE
    at: Edge | None = None
    anchor: Column | None = None
    since: Column | None = None
    within: Duration | None = None


@hashed_once
@dataclass(frozen=True, slots=True)
class Operation(_Inner):
    """A scalar function or operator of the catalogue, applied to operands of its own level."""

    operator: str
    operands: tuple[Expression, ...]
    type: DataType | None
    unit: Unit = BARE


@hashed_once
@dataclass(frozen=True, slots=True)
class Term(_Inner):
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
        second: the weight, or the other variable, of functions of two operands.
        at: asked at this end of the period instead of over it.
        per: what tells series apart, in functions of series.
        pick: ``first`` or ``last``: only this row of each series is aggregated.
        having: the condition on each different value, over aggregates of its rows.
        frame: the span that is read for a cell's period, where it is another than the period itself.
        total: over all members of every dimension.
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
    second: Expression | None = None
    at: Edge | None = None
    per: tuple[Column, ...] = ()
    pick: str | None = None
    having: Expression | None = None
    frame: Frame = ()
    total: bool = False

    def filtered(self, condition: Expression, text: str) -> Term:
        """Return the term over only those of its rows that also meet a condition."""
        where = condition if self.where is None else conjunction(self.where, condition)
        return replace(self, where=where, label=f"{self.label} filter (where {text})")


@hashed_once
@dataclass(frozen=True, slots=True)
class TimeAverage(_Inner):
    """The mean, over the local days of the period, of what an expression is when the day is its period.

    Nulls: null where it is null on any day that has begun within the loaded data.
    """

    operand: Expression
    type: DataType
    unit: Unit = BARE
    frame: Frame = ()
    total: bool = False
    label: str = field(default="", compare=False)


@hashed_once
@dataclass(frozen=True, slots=True)
class PeriodDays(Hashed):
    """How many calendar days of the zone the period has."""

    type: DataType = DataType.INTEGER
    unit: Unit = BARE
    frame: Frame = ()


Leaf = Term | TimeAverage | PeriodDays
"""What a cell expression is made of, constants aside."""

Expression = (
    Constant | Given | Parameter | Column | Rate | PeriodBound | Child | Operation | Term | TimeAverage | PeriodDays
)


def conjunction(first: Expression, *others: Expression) -> Expression:
    """Return the condition that all of these hold."""
    whole = first
    for condition in others:
        whole = Operation("and", (whole, condition), DataType.BOOLEAN)
    return whole


def parts_of(expression: Expression) -> tuple[Expression, ...]:
    """Return the expressions directly inside an expression."""
    match expression:
        case Operation(operands=operands):
            return operands
        case Term():
            optional = (expression.argument, expression.second, expression.where, expression.having)
            return (expression.anchor, *(part for part in optional if part is not None), *expression.per)
        case TimeAverage(operand=operand):
            return (operand,)
        case Rate(currency=currency, anchor=anchor):
            return (currency, anchor)
        case _:
            return ()


def _inside(expression: object) -> tuple[Expression, ...]:
    match expression:
        case Child(argument=argument, where=where):
            return tuple(part for part in (argument, where) if part is not None)
        case Operation() | Term() | TimeAverage():
            return parts_of(expression)
        case _:
            return ()


def depth_of(expression: Expression) -> int:
    """Return how many levels an expression has, what is inside of terms and children included."""
    return expression.levels if isinstance(expression, _Inner) else 1


def size_of(expression: Expression) -> int:
    """Return about how many parts an expression has when it is written out for an engine."""
    return expression.parts if isinstance(expression, _Inner) else 1


def walk(expression: Expression) -> Iterator[Expression]:
    """Yield the expression and everything inside it that is of the same rows; the inside of children is not."""
    yield expression
    for part in parts_of(expression):
        yield from walk(part)


def leaves_of(expression: Expression) -> tuple[Leaf, ...]:
    """Return the distinct leaves of a cell expression, in the order they are written."""
    return tuple(dict.fromkeys(_leaves(expression)))


def _leaves(expression: Expression) -> Iterator[Leaf]:
    match expression:
        case Term() | TimeAverage() | PeriodDays():
            yield expression
        case Operation(operands=operands):
            for operand in operands:
                yield from _leaves(operand)
        case _:
            return


def terms_of(expression: Expression) -> tuple[Term, ...]:
    """Return the distinct terms of a cell expression, those inside of time averages included."""
    found: dict[Term, None] = {}
    for leaf in _leaves(expression):
        if isinstance(leaf, Term):
            found[leaf] = None
        elif isinstance(leaf, TimeAverage):
            found |= dict.fromkeys(terms_of(leaf.operand))
    return tuple(found)


def map_leaves(expression: Expression, change: Callable[[Leaf], Expression]) -> Expression:
    """Return a cell expression with each of its leaves replaced."""
    match expression:
        case Term() | TimeAverage() | PeriodDays():
            return change(expression)
        case Operation():
            operands = tuple(map_leaves(operand, change) for operand in expression.operands)
            return expression if operands == expression.operands else replace(expression, operands=operands)
        case _:
            return expression


def map_terms(expression: Expression, change: Callable[[Term], Expression]) -> Expression:
    """Return a cell expression with each of its terms replaced, those inside of time averages included."""

    def changed(leaf: Leaf) -> Expression:
        match leaf:
            case Term():
                return change(leaf)
            case TimeAverage():
                return replace(leaf, operand=map_terms(leaf.operand, change))
            case PeriodDays():
                return leaf

    return map_leaves(expression, changed)


def framed(expression: Expression, step: FrameStep) -> Expression:
    """Return a cell expression as it is for the span that a step makes of the period."""
    return map_leaves(expression, lambda leaf: replace(leaf, frame=(step, *leaf.frame)))


def over_all_members(expression: Expression) -> Expression:
    """Return a cell expression as it is for the whole period, all members of its dimensions together."""
    return map_leaves(expression, lambda leaf: leaf if isinstance(leaf, PeriodDays) else replace(leaf, total=True))


def map_columns(expression: Expression, change: Callable[[Column], Expression]) -> Expression:
    """Return a row expression with each column of its own rows replaced; children keep to their owner."""
    match expression:
        case Column():
            return change(expression)
        case Operation():
            operands = tuple(map_columns(operand, change) for operand in expression.operands)
            return replace(expression, operands=operands)
        case _:
            return expression


def rerooted(expression: Expression, route: tuple[str, ...]) -> Expression:
    """Return a row expression as it is seen from rows that a route leads away from."""
    if not route:
        return expression
    match expression:
        case Column():
            return replace(expression, relations=(*route, *expression.relations), nullable=True)
        case Rate(currency=currency, anchor=anchor):
            return replace(
                expression,
                currency=replace(currency, relations=(*route, *currency.relations)),
                anchor=replace(anchor, relations=(*route, *anchor.relations)),
            )
        case Child():
            since = rerooted(expression.since, route) if expression.since else None
            assert since is None or isinstance(since, Column)
            return replace(expression, relations=(*route, *expression.relations), since=since)
        case Operation():
            return replace(expression, operands=tuple(rerooted(part, route) for part in expression.operands))
        case _:
            return expression


def depends_on_period(expression: Expression | None) -> bool:
    """Return whether a row expression has another value when the row is counted in another period."""
    match expression:
        case PeriodBound():
            return True
        case Child(at=at, argument=argument, where=where):
            return at is not None or depends_on_period(argument) or depends_on_period(where)
        case Operation(operands=operands):
            return any(map(depends_on_period, operands))
        case _:
            return False
