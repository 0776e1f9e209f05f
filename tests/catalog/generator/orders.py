"""Orders, their lines, shipments and returns."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from catalog.generator.world import EDGE, REGIONS, Row, World


def make_orders(world: World, size: int) -> None:
    for number in range(1, size + 1):
        ordered = world.moment()
        promised = world.after(ordered + timedelta(days=3), 12)
        cancelled = world.after(ordered, 60) if world.chance(0.1) else None
        delivered = _delivery(world, ordered, promised) if cancelled is None or world.chance(0.2) else None
        order = world.add(
            "order",
            order_id=f"O{number}",
            customer_id=world.customer_at(ordered),
            channel_code=world.known(world.pick("channel", "code")),
            region=world.known(world.random.choice(REGIONS)),
            currency=world.known(world.random.choice(("USD", "EUR"))),
            ordered_at=ordered,
            requested_at=world.known(promised + timedelta(days=world.random.choice((-1, 0, 2)))),
            promised_at=world.known(promised),
            delivered_at=delivered,
            cancelled_at=cancelled,
            damage_free=None if delivered is None else world.known(world.chance(0.95)),
            docs_ok=None if delivered is None else world.known(world.chance(0.95)),
        )
        _lines_and_shipments(world, order)


def _delivery(world: World, ordered: datetime, promised: datetime) -> datetime | None:
    if world.chance(0.1):
        return None
    if world.chance(EDGE):
        return promised
    return world.after(ordered + timedelta(days=1), 14)


def _lines_and_shipments(world: World, order: Row) -> None:
    lines = [_line(world, order) for _ in range(world.random.choice((0, 1, 1, 2, 2, 3)))]
    shipments = _shipments(world, order)
    for line in lines:
        arrived = Decimal(0)
        whole = line["qty_ordered"] or Decimal(1)
        parts = world.random.sample(shipments, k=min(len(shipments), world.random.choice((1, 1, 2))))
        for shipment in parts:
            share = whole / len(parts) * (Decimal("0.5") if world.chance(0.05) else 1)
            qty = world.known(share + (1 if world.chance(0.03) else 0))
            world.add(
                "shipment_line",
                shipment_id=shipment["shipment_id"],
                order_line_id=line["order_line_id"],
                shipped_at=shipment["shipped_at"],
                qty=qty,
            )
            arrived += qty or 0
        line["qty_shipped"] = world.known(arrived)
        line["qty_delivered"] = world.known(arrived if order["delivered_at"] else Decimal(0))
        _return(world, order, line)


def _line(world: World, order: Row) -> Row:
    price = world.amount(5, 90)
    qty = world.quantity(1, 20)
    return world.add(
        "order_line",
        order_line_id=f"L{len(world.rows['order_line']) + 1}",
        order_id=order["order_id"],
        product_id=world.known(world.pick("product", "product_id")),
        ordered_at=order["ordered_at"],
        qty_ordered=world.known(qty),
        qty_shipped=None,
        qty_delivered=None,
        unit_price=world.known(price),
        discount=(qty * price * world.random.choice((0, 0, 5, 10)) / 100).quantize(Decimal("0.01")),
        unit_cost=world.known((price * Decimal("0.6")).quantize(Decimal("0.01"))),
    )


def _shipments(world: World, order: Row) -> list[Row]:
    last = order["delivered_at"] or order["cancelled_at"]
    if last is None and world.chance(0.4):
        return []
    last = last or order["ordered_at"] + timedelta(days=20)
    made = []
    for _ in range(world.random.choice((1, 1, 2))):
        shipped = world.moment(order["ordered_at"], max(last, order["ordered_at"] + timedelta(hours=1)))
        arrived = order["delivered_at"] if world.chance(0.6) else world.after(shipped, 6)
        made.append(
            world.add(
                "shipment",
                shipment_id=f"S{len(world.rows['shipment']) + 1}",
                order_id=order["order_id"],
                carrier=world.known(world.random.choice(("FAST", "SLOW"))),
                shipped_at=shipped,
                promised_at=world.known(arrived if arrived and world.chance(0.1) else world.after(shipped, 8)),
                delivered_at=arrived if order["delivered_at"] else None,
                freight_cost=world.known(world.amount(3, 60)),
                weight_kg=world.known(world.quantity(0, 400)),
                distance_km=world.known(Decimal(world.random.randrange(10, 900))),
                co2_kg=world.known(world.amount(0, 40)),
            )
        )
    return made


def _return(world: World, order: Row, line: Row) -> None:
    if order["delivered_at"] and world.chance(0.1):
        world.add(
            "return_line",
            return_id=f"R{len(world.rows['return_line']) + 1}",
            order_line_id=world.known(line["order_line_id"]),
            returned_at=world.after(order["delivered_at"], 30),
            qty=world.known(world.quantity(1, 4)),
            reason=world.known(world.random.choice(("damaged", "wrong item", "no longer wanted"))),
        )
