"""Customers, what they pay, what they ask, and who might become one."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from catalog.generator.world import FIRST, LAST, REGIONS, World


def make_customers(world: World, size: int) -> None:
    for number in range(1, size + 1):
        acquired = world.moment(FIRST - timedelta(days=90), LAST)
        for _ in range(3):
            stays = world.chance(0.6)
            churned = None if stays else world.after(acquired, 120)
            _stay(world, f"C{number}", acquired, churned)
            if churned is None or not world.chance(0.6):
                break
            acquired = world.after(churned + timedelta(hours=1), 40)


def _stay(world: World, customer: str, acquired: datetime, churned: datetime | None) -> None:
    world.add(
        "customer",
        customer_id=customer,
        acquired_at=acquired,
        churned_at=churned,
        segment=world.known(world.random.choice(("SMB", "ENT"))),
        region=world.known(world.random.choice(REGIONS)),
    )
    if not world.chance(0.8):
        return
    started, before, kind = acquired, Decimal(0), "new"
    end = churned or LAST + timedelta(days=30)
    while True:
        mrr = world.amount(10, 300)
        changes = world.after(started, 90)
        ended = changes if changes < end and world.chance(0.6) else churned
        sub_id = f"B{len(world.rows['subscription']) + 1}"
        known_mrr = world.known(mrr)
        world.add(
            "subscription", sub_id=sub_id, customer_id=customer, started_at=started, ended_at=ended, mrr=known_mrr
        )
        if kind != "new":
            kind = "expansion" if mrr >= before else "contraction"
        _change(world, customer, sub_id, at=started, kind=kind, delta=mrr - before)
        if ended is None or ended == churned:
            break
        started, before, kind = ended, mrr, "change"
    if churned is not None:
        _change(world, customer, sub_id, at=churned, kind="churn", delta=-mrr)


def _change(world: World, customer: str, sub_id: str, *, at: datetime, kind: str, delta: Decimal) -> None:
    world.add(
        "mrr_change",
        change_id=f"X{len(world.rows['mrr_change']) + 1}",
        customer_id=customer,
        sub_id=world.known(sub_id),
        changed_at=at,
        kind=kind,
        delta=world.known(delta),
    )


def make_leads_and_opportunities(world: World, size: int) -> None:
    for number in range(1, size + 1):
        created = world.moment()
        world.add(
            "lead",
            lead_id=f"LD{number}",
            source=world.known(world.random.choice(("search", "fair", "recommendation"))),
            owner_id=world.known(world.pick("employee", "employee_id")),
            created_at=created,
            responded_at=world.after(created, 3) if world.chance(0.8) else None,
            converted_at=world.after(created, 40) if world.chance(0.4) else None,
        )
        world.add(
            "marketing_spend",
            spend_id=f"M{number}",
            channel_code=world.known(world.pick("channel", "code")),
            spent_at=world.moment(),
            amount=world.known(world.amount(20, 400)),
        )
        _opportunity(world, f"OP{number}")


def _opportunity(world: World, opp_id: str) -> None:
    created = world.moment(FIRST - timedelta(days=60), LAST)
    closed = world.after(created, 70) if world.chance(0.7) else None
    world.add(
        "opportunity",
        opp_id=opp_id,
        owner_id=world.known(world.pick("employee", "employee_id")),
        customer_id=world.customer_at(created),
        created_at=created,
        closed_at=closed,
        amount=world.known(world.amount(200, 5000)),
        probability=world.known(Decimal(world.random.randrange(1, 20)) / 20),
        won=None if closed is None else world.known(world.chance(0.5)),
    )


def make_service(world: World, size: int) -> None:
    for number in range(1, size + 1):
        opened = world.moment()
        resolved = world.after(opened, 6) if world.chance(0.85) else None
        due = resolved if resolved and world.chance(0.1) else world.after(opened, 5)
        world.add(
            "ticket",
            ticket_id=f"T{number}",
            customer_id=world.customer_at(opened),
            agent_id=world.known(world.pick("employee", "employee_id")),
            opened_at=opened,
            resolved_at=resolved,
            sla_due_at=world.known(due),
            contacts=world.known(world.random.choice((1, 1, 2, 3))),
            reopened=world.known(world.random.choice((0, 0, 0, 1))),
        )
        answered = world.moment()
        kind = world.random.choice(("NPS", "CSAT"))
        world.add(
            "survey",
            response_id=f"V{number}",
            customer_id=world.customer_at(answered),
            responded_at=answered,
            kind=kind,
            score=world.known(world.random.randrange(11) if kind == "NPS" else world.random.randrange(1, 6)),
        )
