"""The syntax tree: what was written, before anything is known of its names. Nodes are immutable.

A node knows how many levels deep it is, so that no formula is deeper than what goes through it can follow.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from analytics_engine.kpi.formula.tokens import Span
from analytics_engine.kpi.model.frames import Duration, Edge

LiteralValue = int | Decimal | str | bool | date | datetime | None
_SPAN: Span = Span(1, 1)


@dataclass(frozen=True, slots=True)
class Node:
    """A place in the text; places do not count when trees are compared."""

    span: Span = field(default=_SPAN, compare=False, kw_only=True)

    @property
    def depth(self) -> int:
        return 1


@dataclass(frozen=True, slots=True)
class _Inner(Node):
    """A node that has others inside."""

    _depth: int = field(default=1, init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_depth", 1 + max((part.depth for part in children(self)), default=0))

    @property
    def depth(self) -> int:
        return self._depth


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A value as written: ``15``, ``0.5``, ``1000 "kg/t"``, ``'JFK'``, ``true``, ``null``, ``date '2026-01-31'``."""

    value: LiteralValue
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Path(Node):
    """Names joined by dots: ``flight.airline.name``, ``SA_NET_REVENUE``, ``flight``."""

    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Operation(_Inner):
    """An operator applied to operands, by the operator's name in the function catalogue."""

    operator: str
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Call(_Inner):
    """A function call: ``percentile(flight.departure_delay, 0.95)``, ``count(distinct order.customer_id)``.

    ``per`` names the series of ``last(stock.quantity per stock.product_id)``; ``having`` is the condition on each
    different value of ``count(distinct order.customer_id having count(order) >= 2)``.
    """

    name: str
    arguments: tuple[Node, ...]
    distinct: bool = False
    per: tuple[Path, ...] = ()
    having: Node | None = None


@dataclass(frozen=True, slots=True)
class DurationLiteral(Node):
    """A length of time as written: ``28 days``."""

    value: Duration


@dataclass(frozen=True, slots=True)
class PeriodEdge(Node):
    """One end of an enclosing period: ``end of year``."""

    edge: Edge
    grain: str


@dataclass(frozen=True, slots=True)
class Parameter(Node):
    """A value that comes with the question, by its name: ``:threshold``."""

    name: str


@dataclass(frozen=True, slots=True)
class Collection(_Inner):
    """The rows of another object model that belong to one row here.

    ``order.lines`` follows a relation backwards; ``purchase on customer_id within 7 days`` matches equal values.
    ``on`` and ``matching`` are pairs of an attribute here and the attribute there.
    """

    path: Path
    on: tuple[tuple[str, str], ...] = ()
    within: Duration | None = None
    matching: tuple[tuple[str, str], ...] = ()
    at: Edge | None = None


@dataclass(frozen=True, slots=True)
class Modified(_Inner):
    """An aggregate, or a reference to a KPI, with its postfixes ``by``, ``filter``, ``at`` and ``via``."""

    base: Node
    by: Path | None = None
    where: Node | None = None
    at: Edge | None = None
    via: tuple[str, ...] = ()


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly inside a node, as they are written."""
    match node:
        case Operation(operands=parts):
            return parts
        case Call(arguments=arguments, per=per, having=having):
            return (*arguments, *per, *((having,) if having else ()))
        case Modified(base=base, by=by, where=where):
            return (base, *(part for part in (by, where) if part is not None))
        case Collection(path=path):
            return (path,)
        case _:
            return ()
