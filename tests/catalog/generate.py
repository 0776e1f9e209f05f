"""Random rows of the starter catalog's object models: seeded, referentially whole, and awkward on purpose.

The rows span December 2025 to the start of May 2026 in America/New_York. A few moments in a hundred lie exactly on the
start of a local month or day, a microsecond before it, or around the change of the clocks; about as many attributes
are unknown. Orders are cancelled early and late, shipped in parts or too much, returned; invoices are unpaid,
overpaid, prepaid, overdue, in other currencies, with and without a rate; customers and amounts come and go.
"""

from __future__ import annotations

from catalog.generator.customers import make_customers, make_leads_and_opportunities, make_service
from catalog.generator.money import make_invoices, make_ledger, make_supplier_invoices
from catalog.generator.orders import make_orders
from catalog.generator.people import make_staff
from catalog.generator.supply import make_dimensions, make_purchases, make_stock
from catalog.generator.world import Rows, World


def generate(seed: int, *, customers: int = 60, orders: int = 400) -> Rows:
    """Return rows of all 39 object models; the sizes of the others follow from customers and orders."""
    world = World(seed)
    make_dimensions(world)
    make_staff(world, max(12, customers // 2))
    make_customers(world, customers)
    make_orders(world, orders)
    make_stock(world)
    make_purchases(world, orders // 4)
    make_leads_and_opportunities(world, orders // 2)
    make_service(world, orders // 2)
    make_invoices(world, orders // 2)
    make_supplier_invoices(world, orders // 5)
    make_ledger(world, orders)
    return world.rows
