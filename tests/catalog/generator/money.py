"""Invoices, payments, the ledger and its budget."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from catalog.generator.world import FIRST, MONTHS, ZONE, World


def make_invoices(world: World, size: int) -> None:
    for number in range(1, size + 1):
        issued = world.moment()
        amount = world.amount(50, 900)
        world.add(
            "invoice",
            invoice_id=f"I{number}",
            customer_id=world.customer_at(issued),
            issued_at=issued,
            due_at=world.known(issued.astimezone(ZONE).date() + timedelta(days=world.random.choice((14, 30, 31)))),
            amount=world.known(amount),
            currency=world.random.choice(("USD", "USD", "USD", "EUR", "GBP", "JPY" if world.chance(0.1) else "EUR")),
        )
        parts = world.random.choice((0, 1, 1, 2))
        paid = issued - timedelta(days=3) if world.chance(0.05) else issued
        for _ in range(parts):
            world.add(
                "payment",
                payment_id=f"Y{len(world.rows['payment']) + 1}",
                invoice_id=f"I{number}",
                paid_at=world.after(paid, 60),
                amount=world.known((amount / parts + (10 if world.chance(0.1) else 0)).quantize(Decimal("0.01"))),
            )


def make_supplier_invoices(world: World, size: int) -> None:
    for number in range(1, size + 1):
        issued = world.moment()
        amount = world.amount(50, 900)
        world.add(
            "supplier_invoice",
            sinv_id=f"SI{number}",
            supplier_id=world.known(world.pick("supplier", "supplier_id")),
            issued_at=issued,
            due_at=world.known(issued.astimezone(ZONE).date() + timedelta(days=30)),
            amount=world.known(amount),
        )
        if world.chance(0.7):
            world.add(
                "supplier_payment",
                spay_id=f"SP{number}",
                sinv_id=f"SI{number}",
                paid_at=world.after(issued, 50),
                amount=world.known(amount),
            )


def make_ledger(world: World, size: int) -> None:
    _book(world, FIRST, ("1000", "3000"), Decimal(50000))
    _book(world, FIRST, ("1200", "2000"), Decimal(30000))
    for _ in range(size):
        _book(world, world.moment(), world.random.choice(_BOOKINGS), world.amount(5, 600))
    for month, following in pairwise(MONTHS):
        for department in world.rows["department"]:
            for account in ("6000", "6100", "4000"):
                if world.chance(0.8):
                    world.add(
                        "budget",
                        account_id=account,
                        department_code=department["code"],
                        month=month,
                        month_end=following,
                        amount=world.known(world.amount(300, 4000)),
                    )


def _book(world: World, moment: datetime, accounts: tuple[str, str], amount: Decimal) -> None:
    """Debit the first account and credit the second."""
    debit, credit = accounts
    for account, sides in ((debit, (amount, Decimal(0))), (credit, (Decimal(0), amount))):
        world.add(
            "ledger_entry",
            entry_id=f"N{len(world.rows['ledger_entry']) + 1}",
            account_id=account,
            department_code=world.known(world.pick("department", "code")),
            posted_at=moment,
            debit=sides[0],
            credit=sides[1],
        )


_BOOKINGS = (
    ("1100", "4000"),
    ("1100", "4000"),
    ("4000", "1100"),
    ("5000", "1200"),
    ("6000", "1000"),
    ("6100", "1000"),
    ("1000", "1100"),
    ("1200", "2000"),
    ("2000", "1000"),
    ("1500", "2500"),
    ("1900", "3000"),
)
