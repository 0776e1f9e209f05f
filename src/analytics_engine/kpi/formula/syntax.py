"""The syntax tree: what was written, before anything is known of its names. Nodes are immutable."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from analytics_engine.kpi.formula.tokens import Span

LiteralValue = int | Decimal | str | bool | date | datetime | None
_SPAN: Span = Span(1, 1)


@dataclass(frozen=True, slots=True)
class Node:
    """A place in the text; places do not count when trees are compared."""

    span: Span = field(default=_SPAN, compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A value as written: ``15``, ``0.5``, ``'JFK'``, ``true``, ``null``, ``date '2026-01-31'``."""

    value: LiteralValue


@dataclass(frozen=True, slots=True)
class Path(Node):
    """Names joined by dots: ``flight.airline.name``, ``SA_NET_REVENUE``, ``flight``."""

    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Operation(Node):
    """An operator applied to operands, by the operator's name in the function catalogue."""

    operator: str
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function call: ``percentile(flight.departure_delay, 0.95)``, ``count(distinct order.customer_id)``."""

    name: str
    arguments: tuple[Node, ...]
    distinct: bool = False


@dataclass(frozen=True, slots=True)
class Modified(Node):
    """An aggregate, or a reference to a KPI, with its postfixes ``by``, ``filter`` and ``via``."""

    base: Node
    by: Path | None = None
    where: Node | None = None
    via: tuple[str, ...] = ()
