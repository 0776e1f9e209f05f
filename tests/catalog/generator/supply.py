"""Products and where they are, stock, purchases and receipts."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from catalog.generator.world import DAYS, FIRST, MONTHS, REGIONS, Row, World


def make_dimensions(world: World) -> None:
    for code in ("SALES", "OPS", "LAB", "OFFICE"):
        world.add("department", code=code, name=code.title())
    for code in ("WEB", "STORE", "PARTNER"):
        world.add("channel", code=code, name=code.title())
    for number in range(1, 9):
        world.add(
            "product",
            product_id=f"P{number}",
            name=world.known(f"Product {number}"),
            category=world.known(world.random.choice(("Small parts", "Machines", "Supplies"))),
            unit_cost=world.known(world.amount(2, 40)),
        )
    for number in range(1, 6):
        world.add(
            "supplier",
            supplier_id=f"SUP{number}",
            name=f"Supplier {number}",
            country=world.known(world.random.choice(("US", "DE", "CN"))),
            tier=world.known(world.random.choice(("strategic", "preferred", "occasional"))),
        )
    for number, region in enumerate(REGIONS, 1):
        world.add("warehouse", warehouse_id=f"W{number}", name=f"Warehouse {number}", region=world.known(region))
    for account, (kind, subclass) in _ACCOUNTS.items():
        world.add("account", account_id=account, name=f"Account {account}", **{"class": kind}, subclass=subclass)
    _rates(world)


def _rates(world: World) -> None:
    for currency, base in (("EUR", 108), ("GBP", 127)):
        for number in range(DAYS):
            day = MONTHS[0] + timedelta(days=number)
            missing = date(2026, 2, 10) <= day < date(2026, 2, 24)  # longer than a rate holds
            if day.weekday() < 5 and not missing and world.chance(0.9):
                rate = Decimal(base * 100 + world.random.randrange(-400, 400)) / 10000
                world.add("fx_rate", from_currency=currency, to_currency="USD", quoted_on=day, rate=rate)


def make_stock(world: World) -> None:
    counts = 0
    for product in world.rows["product"]:
        for warehouse in world.rows["warehouse"]:
            if world.chance(0.3):
                continue
            series = {"product_id": product["product_id"], "warehouse_id": warehouse["warehouse_id"]}
            _snapshots(world, series)
            for _ in range(world.random.randrange(6)):
                counts += 1
                book = world.quantity(0, 100)
                counted = book if world.chance(0.7) else book + 1
                world.add(
                    "stock_count",
                    count_id=f"K{counts}",
                    **series,
                    counted_at=world.moment(),
                    qty_book=world.known(book),
                    qty_counted=world.known(counted),
                )


def _snapshots(world: World, series: Row) -> None:
    """Taken at noon, every week or month; some stop, some pause for longer than a snapshot holds."""
    pace = world.random.choice((7, 7, 28, 30))
    stops = DAYS if world.chance(0.8) else world.random.randrange(30, DAYS)
    number = world.random.randrange(12)
    while number < stops:
        on_hand = world.quantity(0, 60)
        world.add(
            "inventory_snapshot",
            **series,
            snapshot_at=FIRST + timedelta(days=number, hours=12),
            qty_on_hand=world.known(on_hand),
            qty_reserved=world.known(min(on_hand, world.quantity(0, 60))),
            unit_cost=world.known(world.amount(2, 40)),
        )
        number += pace + (50 if world.chance(0.05) else 0)


def make_purchases(world: World, size: int) -> None:
    for number in range(1, size + 1):
        ordered = world.moment()
        world.add(
            "purchase_order",
            po_id=f"PO{number}",
            supplier_id=world.known(world.pick("supplier", "supplier_id")),
            contract_id=f"CT{world.random.randrange(1, 5)}" if world.chance(0.7) else None,
            requisitioned_at=world.known(ordered - timedelta(days=world.random.randrange(1, 20))),
            ordered_at=ordered,
        )
        for _ in range(world.random.choice((1, 1, 2, 3))):
            _po_line(world, f"PO{number}", ordered)


def _po_line(world: World, po_id: str, ordered: datetime) -> None:
    price = world.amount(2, 40)
    qty = world.quantity(1, 80)
    promised = world.after(ordered + timedelta(days=2), 30)
    line = f"PL{len(world.rows['po_line']) + 1}"
    world.add(
        "po_line",
        po_line_id=line,
        po_id=po_id,
        product_id=world.known(world.pick("product", "product_id")),
        promised_at=promised,
        qty=world.known(qty),
        unit_price=world.known(price),
        baseline_price=world.known(price + world.random.choice((-1, 0, 0, 1))),
    )
    parts = world.random.choice((0, 1, 1, 1, 2))
    for _ in range(parts):
        world.add(
            "goods_receipt",
            receipt_id=f"G{len(world.rows['goods_receipt']) + 1}",
            po_line_id=world.known(line),
            received_at=promised if world.chance(0.2) else world.after(ordered + timedelta(days=1), 30),
            qty_received=world.known(qty / parts),
            qty_rejected=world.known(Decimal(world.random.choice((0, 0, 0, 1)))),
        )


_ACCOUNTS = {
    "1000": ("asset", "cash"),
    "1100": ("asset", "current"),
    "1200": ("asset", "current"),
    "1500": ("asset", "non_current"),
    "1900": ("asset", None),
    "2000": ("liability", "current"),
    "2500": ("liability", "non_current"),
    "3000": ("equity", None),
    "4000": ("revenue", None),
    "5000": ("cogs", None),
    "6000": ("opex", None),
    "6100": ("opex", None),
}
