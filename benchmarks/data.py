"""Orders and customers, made inside each engine from whole numbers alone, so that every engine holds the same rows.

Row i of a column is drawn by a square modulo a prime: ``x = (i * factor + shift) % prime``, ``x * x % prime``. Orders
come in the order of their time, as they do in life: two years of them, spread evenly, each up to an hour late.
"""

from __future__ import annotations

from dataclasses import dataclass

from analytics_engine.kpi.model.object_model import ObjectModel
from analytics_engine.kpi.sql.dialects import Dialect

CLIENT = "shop"
FIRST_SECOND = 1_735_689_600
"""2025-01-01 in UTC; the orders end with 2026."""
SECONDS = 730 * 86_400
MONTHS = 24
REGIONS = ("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west")
CATEGORIES = (
    "audio",
    "books",
    "bikes",
    "cameras",
    "clothes",
    "games",
    "garden",
    "kitchen",
    "music",
    "phones",
    "tools",
    "toys",
)
SEGMENTS = ("consumer", "business", "public", "partner")

_PRIME = 2_147_483_647
_BITS = 20


@dataclass(frozen=True)
class Size:
    """How many orders there are; one in fifty is another client's, and there is a customer for twenty orders."""

    orders: int

    @property
    def customers(self) -> int:
        return self.orders // 20

    def __str__(self) -> str:
        return f"{self.orders // 1_000_000}M" if self.orders % 1_000_000 == 0 else f"{self.orders // 1_000}k"


def orders(size: Size, series: str) -> str:
    """Return the query of all orders; ``series`` is the engine's table of the numbers from 1 on, as ``n(i)``."""
    step = (SECONDS << _BITS) // size.orders
    placed = f"{FIRST_SECOND} + ((i * {step}) >> {_BITS}) + {_draw(1)} % 3600"
    drawn = {"u": _bits(2), "v": _draw(3), "w": _draw(4), "x": _draw(5), "y": _draw(6), "z": _draw(7), "t": _bits(8)}
    names = ", ".join(f"{formula} AS {name}" for name, formula in drawn.items())
    return f"""
SELECT
  CASE WHEN i % 50 = 7 THEN 'other' ELSE '{CLIENT}' END AS client_id,
  i AS order_id,
  to_timestamp(placed) AS ordered_at,
  CASE WHEN z % 33 <> 0 THEN to_timestamp(placed + 3600 + ((t * t) >> 21)) END AS delivered_at,
  1 + ((((u * u) >> {_BITS}) * {size.customers}) >> {_BITS}) AS customer_id,
  CASE WHEN v % 100 <> 0 THEN {_one_of("v", REGIONS)} END AS region,
  {_one_of("w", CATEGORIES)} AS category,
  1 + (w >> 8) % 10 AS quantity,
  CASE WHEN x % 97 <> 0 THEN CAST((x % 50000 + 100) * 0.01 AS DECIMAL(12, 2)) END AS amount,
  CASE WHEN y % 4 = 0 THEN CAST(y % 500 * 0.01 AS DECIMAL(12, 2)) END AS discount,
  z % 20 = 0 AS returned
FROM (SELECT i, {placed} AS placed, {names} FROM {series}) AS drawn"""


def customers(_: Size, series: str) -> str:
    """Return the query of all customers of the client."""
    return f"SELECT '{CLIENT}' AS client_id, i AS customer_id, {_one_of(_draw(9), SEGMENTS)} AS segment FROM {series}"


def columns(model: ObjectModel, dialect: Dialect, **other: str) -> str:
    """Return the columns of an object model's table, in the engine's types, or in others by name of the kind."""
    types = {kind: other.get(kind.value, name) for kind, name in dialect.types.items()}
    named = [(attribute.name, types[attribute.type], attribute.nullable) for attribute in model.attributes]
    listed = [f'"{name}" {kind}{"" if nullable else " NOT NULL"}' for name, kind, nullable in named]
    return ", ".join(["client_id TEXT NOT NULL", *listed])


def _draw(stream: int) -> str:
    """Return the number of a row in a stream, below the prime."""
    residue = f"((CAST(i AS BIGINT) * {48_271 + 7_919 * stream * stream} + {1_013 * stream}) % {_PRIME})"
    return f"({residue} * {residue} % {_PRIME})"


def _bits(stream: int) -> str:
    """Return the number of a row in a stream, of twenty bits."""
    return f"({_draw(stream)} >> 11)"


def _one_of(drawn: str, members: tuple[str, ...]) -> str:
    listed = ", ".join(f"'{member}'" for member in members)
    return f"(ARRAY[{listed}])[1 + CAST({drawn} % {len(members)} AS INTEGER)]"
