"""Employees and their work, requisitions and offers."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from catalog.generator.world import DAYS, FIRST, LAST, MONTHS, World


def make_staff(world: World, size: int) -> None:
    for number in range(1, size + 1):
        early = number <= size * 2 // 3
        hired = date(2024, 1, 1) + timedelta(days=world.random.randrange(690)) if early else world.day()
        left = hired + timedelta(days=world.random.randrange(1, 120)) if world.chance(0.15) else None
        if early and world.chance(0.15):
            left = max(world.day(), hired + timedelta(days=1))
        managers = [row["employee_id"] for row in world.rows["employee"][:6]]
        world.add(
            "employee",
            employee_id=f"E{number}",
            hired_at=hired,
            left_at=left,
            department_code=world.known(world.pick("department", "code")),
            manager_id=world.random.choice(managers) if managers and world.chance(0.9) else None,
            fte=world.known(Decimal(world.random.choice(("1", "0.8", "0.5")))),
        )
    _work(world)
    _talent(world, size)


def _work(world: World) -> None:
    absences = 0
    for employee in world.rows["employee"]:
        for number in range(world.random.randrange(3), DAYS, 3):
            day = MONTHS[0] + timedelta(days=number)
            if day < employee["hired_at"] or (employee["left_at"] and day > employee["left_at"]):
                continue
            overtime = world.quantity(0, 3) if world.chance(0.2) else Decimal(0)
            world.add(
                "timesheet",
                employee_id=employee["employee_id"],
                work_date=day,
                hours_scheduled=world.known(Decimal(8)),
                hours_worked=world.known(8 + overtime),
                hours_overtime=world.known(overtime),
            )
            if world.chance(0.05):
                absences += 1
                world.add(
                    "absence",
                    absence_id=f"A{absences}",
                    employee_id=employee["employee_id"],
                    absent_on=day,
                    hours=world.known(world.quantity(1, 9)),
                    kind=world.known(world.random.choice(("sick", "accident", "unexcused"))),
                )
        _quotas(world, employee["employee_id"])


def _quotas(world: World, employee: str) -> None:
    if not world.chance(0.4):
        return
    starts = date(2025, 11, 1) + timedelta(days=world.random.randrange(60))
    while starts < MONTHS[-1]:
        ends = starts + timedelta(days=world.random.randrange(20, 100))
        amount = world.known(world.amount(1000, 9000))
        world.add("quota", employee_id=employee, starts_on=starts, ends_on=ends, amount=amount)
        starts = ends + timedelta(days=world.random.randrange(10) if world.chance(0.3) else 0)


def _talent(world: World, size: int) -> None:
    for number in range(1, size * 2 + 1):
        world.add(
            "training",
            record_id=f"TR{number}",
            employee_id=world.pick("employee", "employee_id"),
            completed_at=world.moment(),
            hours=world.known(world.quantity(1, 16)),
        )
        if number % 2:
            world.add(
                "safety_incident",
                incident_id=f"Z{number}",
                employee_id=world.known(world.pick("employee", "employee_id")),
                occurred_at=world.moment(),
                recordable=world.known(world.chance(0.6)),
                lost_days=world.known(world.random.randrange(5)),
            )
    for number in range(1, size + 11):
        opened = world.moment(FIRST - timedelta(days=60), LAST)
        world.add(
            "requisition",
            req_id=f"RQ{number}",
            department_code=world.known(world.pick("department", "code")),
            opened_at=opened,
            filled_at=world.after(opened, 80) if world.chance(0.7) else None,
        )
    for number in range(1, size * 2 + 1):
        offered = world.moment()
        world.add(
            "offer",
            offer_id=f"OF{number}",
            req_id=world.known(world.pick("requisition", "req_id")),
            offered_at=offered,
            accepted_at=world.after(offered, 20) if world.chance(0.7) else None,
        )
