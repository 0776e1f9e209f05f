"""What rows are made of: random choices that are awkward on purpose, and the rows made so far."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

Row = dict[str, Any]
Rows = dict[str, list[Row]]
Some = TypeVar("Some")

ZONE = ZoneInfo("America/New_York")
FIRST = datetime(2025, 12, 1, tzinfo=ZONE).astimezone(UTC)
LAST = datetime(2026, 5, 1, tzinfo=ZONE).astimezone(UTC)
DAYS = (date(2026, 5, 1) - date(2025, 12, 1)).days
_MICROSECOND = timedelta(microseconds=1)
MONTHS = [date(2025, 12, 1), *(date(2026, month, 1) for month in range(1, 6))]
REGIONS = ("North", "South", "West")
UNKNOWN = 0.04
EDGE = 0.06


def _local_midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZONE).astimezone(UTC)


EDGES = [
    moment
    for day in (*MONTHS[1:-1], date(2026, 3, 8), date(2026, 3, 9))
    for moment in (_local_midnight(day), _local_midnight(day) - _MICROSECOND)
] + [datetime(2026, 3, 8, 6, 59, 59, tzinfo=UTC), datetime(2026, 3, 8, 7, 0, tzinfo=UTC)]


OBJECT_MODELS = (
    "absence",
    "account",
    "budget",
    "channel",
    "customer",
    "department",
    "employee",
    "fx_rate",
    "goods_receipt",
    "inventory_snapshot",
    "invoice",
    "lead",
    "ledger_entry",
    "marketing_spend",
    "mrr_change",
    "offer",
    "opportunity",
    "order",
    "order_line",
    "payment",
    "po_line",
    "product",
    "purchase_order",
    "quota",
    "requisition",
    "return_line",
    "safety_incident",
    "shipment",
    "shipment_line",
    "stock_count",
    "subscription",
    "supplier",
    "supplier_invoice",
    "supplier_payment",
    "survey",
    "ticket",
    "timesheet",
    "training",
    "warehouse",
)


class World:
    """The rows so far, and choices of the next."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.rows: Rows = {code: [] for code in OBJECT_MODELS}

    def add(self, model: str, **row: Any) -> Row:
        self.rows[model].append(row)
        return row

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def known(self, value: Some) -> Some | None:
        """The value, or now and then nothing."""
        return None if self.chance(UNKNOWN) else value

    def pick(self, model: str, attribute: str) -> Any:
        return self.random.choice(self.rows[model])[attribute]

    def moment(self, start: datetime = FIRST, end: datetime = LAST) -> datetime:
        """A moment in the span, now and then an edge of a period in it."""
        edges = [edge for edge in EDGES if start <= edge < end]
        if edges and self.chance(EDGE):
            return self.random.choice(edges)
        seconds = max(1, int((end - start).total_seconds()))
        return start + timedelta(seconds=self.random.randrange(seconds))

    def after(self, moment: datetime, days: float) -> datetime:
        """A later moment, by some days at most, now and then an edge."""
        return self.moment(moment + timedelta(seconds=1), moment + timedelta(days=days))

    def day(self) -> date:
        if self.chance(EDGE):
            return self.random.choice([day - timedelta(days=self.random.randrange(2)) for day in MONTHS[1:-1]])
        return MONTHS[0] + timedelta(days=self.random.randrange(DAYS))

    def amount(self, low: int, high: int) -> Decimal:
        """Money with cents."""
        return Decimal(self.random.randrange(low * 100, high * 100)) / 100

    def quantity(self, low: int, high: int) -> Decimal:
        """Mostly whole, sometimes with a half."""
        halves = self.random.randrange(low * 2, high * 2)
        return Decimal(halves - halves % 2 if self.chance(0.8) else halves) / 2

    def customer_at(self, moment: datetime) -> str | None:
        present = [
            row["customer_id"]
            for row in self.rows["customer"]
            if row["acquired_at"] <= moment and (row["churned_at"] is None or row["churned_at"] > moment)
        ]
        return self.known(self.random.choice(present)) if present else None
