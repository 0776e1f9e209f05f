"""What is left of the rows in one cell of a dimension: statements that delete all others.

A KPI's plain SQL on what is left is its value in that cell. ``$1`` is the member; rows of object models that the KPI
does not read may stay.
"""

from __future__ import annotations

_LINE = 'FROM facts."order" o WHERE o.client_id = x.client_id AND o.order_id = x.order_id'
_PRODUCT = "FROM facts.product p WHERE p.client_id = x.client_id AND p.product_id = x.product_id"

ONLY: dict[str, tuple[str, ...]] = {
    "order.region": (
        f"DELETE FROM facts.order_line x WHERE (SELECT o.region {_LINE}) IS DISTINCT FROM $1",
        f"DELETE FROM facts.shipment x WHERE (SELECT o.region {_LINE}) IS DISTINCT FROM $1",
        'DELETE FROM facts."order" WHERE region IS DISTINCT FROM $1',
    ),
    "order.channel_code": (
        f"DELETE FROM facts.order_line x WHERE (SELECT o.channel_code {_LINE}) IS DISTINCT FROM $1",
        'DELETE FROM facts."order" WHERE channel_code IS DISTINCT FROM $1',
    ),
    "shipment.carrier": ("DELETE FROM facts.shipment WHERE carrier IS DISTINCT FROM $1",),
    "product.category": (f"DELETE FROM facts.order_line x WHERE (SELECT p.category {_PRODUCT}) IS DISTINCT FROM $1",),
    "product.product_id": (
        """
        DELETE FROM facts.return_line x
        WHERE (SELECT l.product_id FROM facts.order_line l
               WHERE l.client_id = x.client_id AND l.order_line_id = x.order_line_id) IS DISTINCT FROM $1
        """,
        "DELETE FROM facts.order_line WHERE product_id IS DISTINCT FROM $1",
    ),
    "inventory_snapshot.warehouse_id": ("DELETE FROM facts.inventory_snapshot WHERE warehouse_id IS DISTINCT FROM $1",),
    "supplier.tier": (
        """
        DELETE FROM facts.po_line x
        WHERE (SELECT s.tier FROM facts.purchase_order po
               JOIN facts.supplier s ON s.client_id = po.client_id AND s.supplier_id = po.supplier_id
               WHERE po.client_id = x.client_id AND po.po_id = x.po_id) IS DISTINCT FROM $1
        """,
    ),
    "opportunity.owner_id": ("DELETE FROM facts.opportunity WHERE owner_id IS DISTINCT FROM $1",),
    "employee.employee_id": (
        "DELETE FROM facts.opportunity WHERE owner_id IS DISTINCT FROM $1",
        "DELETE FROM facts.quota WHERE employee_id IS DISTINCT FROM $1",
    ),
    "customer.segment": ("DELETE FROM facts.customer WHERE segment IS DISTINCT FROM $1",),
    "customer.region": (
        """
        DELETE FROM facts.subscription x
        WHERE (SELECT c.region FROM facts.customer c
               WHERE c.client_id = x.client_id AND c.customer_id = x.customer_id AND c.acquired_at <= x.started_at
                 AND (c.churned_at IS NULL OR c.churned_at > x.started_at)) IS DISTINCT FROM $1
        """,
    ),
    "department.code": (
        "DELETE FROM facts.ledger_entry WHERE department_code IS DISTINCT FROM $1",
        "DELETE FROM facts.budget WHERE department_code IS DISTINCT FROM $1",
        "DELETE FROM facts.employee WHERE department_code IS DISTINCT FROM $1",
    ),
}
