"""Readings and contracts that KPIs of every class are defined on, written by all who write; and what is so of them."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import asyncpg

from system.live import Follower
from system.product import Product, Reply

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 60
READING = {
    "code": "reading", "name": "Reading", "nature": "event", "key": ["reading_id"], "time_attribute": "taken_at",
    "attributes": [
        {"name": "reading_id", "type": "integer", "nullable": False},
        {"name": "taken_at", "type": "timestamp", "nullable": False},
        {"name": "sensor", "type": "text"},
        {"name": "amount", "type": "decimal"},
        {"name": "faulty", "type": "boolean"},
    ],
}  # fmt: skip
CONTRACT = {
    "code": "contract", "name": "Contract", "nature": "interval", "key": ["contract_id"],
    "time_attribute": "begins_at", "valid_from": "begins_at", "valid_to": "ends_at",
    "attributes": [
        {"name": "contract_id", "type": "integer", "nullable": False},
        {"name": "begins_at", "type": "timestamp", "nullable": False},
        {"name": "ends_at", "type": "timestamp"},
        {"name": "fee", "type": "decimal"},
    ],
}  # fmt: skip
FORMULAS = {
    "LV_AMOUNT": "sum(reading.amount)",
    "LV_FAULTS": "count(reading) filter (where reading.faulty) / count(reading)",
    "LV_SENSORS": "count(distinct reading.sensor)",
    "LV_HIGH": "percentile(reading.amount, 0.9)",
    "LV_TYPICAL": "approx_percentile(reading.amount, 0.5)",
    "LV_GREATEST": "max(reading.amount)",
    "LV_LATELY": "rolling(LV_AMOUNT, 7 days)",
    "LV_SENSORS_LATELY": "rolling(LV_SENSORS, 7 days)",
    "LV_SO_FAR": "to_date(LV_AMOUNT, month)",
    "LV_FEES": "sum(contract.fee) at end",
    "LV_SHARE": "LV_AMOUNT / LV_FEES",
}
RANGE = {"from": "2026-01-01", "to": "2026-03-02"}
QUERIES: list[dict[str, Any]] = [
    *({"kpis": [code], "range": RANGE, "grain": "day", "time_zone": "UTC"} for code in FORMULAS),
    {"kpis": ["LV_AMOUNT", "LV_SENSORS"], "range": RANGE, "grain": "month", "dimensions": ["reading.sensor"],
     "totals": True},
    {"kpis": list(FORMULAS), "range": RANGE, "time_zone": "Asia/Kolkata"},
]  # fmt: skip


def define(product: Product, path: str, body: dict[str, Any]) -> None:
    reply = product.send("POST", f"/api/v1/metadata/{path}", body)
    assert reply.status == 201, reply


def load(product: Product, model: str, rows: list[dict[str, Any]]) -> Reply:
    span = f"covers_from={FIRST:%Y-%m-%dT%H:%M:%SZ}&covers_until=2026-03-02T00:00:00Z&mode=upsert"
    body = "\n".join(map(json.dumps, rows)).encode()
    headers = {"Content-Type": "application/x-ndjson"}
    return product.send("POST", f"/api/v1/data/{model}?{span}", body, headers=headers)


def readings(random: Random, count: int) -> list[dict[str, Any]]:
    """Return new readings, and others of readings that may be there."""
    found = {}
    for _ in range(count):
        number = random.randrange(4_000)
        at = FIRST + timedelta(minutes=random.randrange(DAYS * 1440))
        found[number] = {
            "reading_id": number, "taken_at": at.isoformat(), "sensor": random.choice(["a", "b", "c", None]),
            "amount": str(random.randrange(10_000) / 100), "faulty": random.random() < 0.2,
        }  # fmt: skip
    return list(found.values())


def set_up(product: Product) -> None:
    """Define the object models and KPIs."""
    define(product, "value-chains", {"code": "LIVE", "name": "Live"})
    define(product, "modules", {"code": "LV", "name": "Live", "value_chains": ["LIVE"]})
    define(product, "object-models", READING)
    define(product, "object-models", CONTRACT)
    for code, formula in FORMULAS.items():
        kpi = {"code": code, "name": code, "module": "LV", "formula": formula, "direction": "higher"}
        define(product, "kpis", kpi)


def contracts(random: Random) -> list[dict[str, Any]]:
    """Return contracts that are new or have another fee."""
    return [
        {"contract_id": number, "begins_at": (FIRST + timedelta(days=random.randrange(DAYS))).isoformat(),
         "ends_at": None, "fee": str(random.randrange(1_000))}
        for number in {random.randrange(20) for _ in range(5)}
    ]  # fmt: skip


def delete(product: Product, random: Random) -> None:
    """Have another program delete a tenth of the readings, and change the sensor of others."""

    async def write() -> None:
        connection = await asyncpg.connect(product.system.owner_url)
        remainder = random.randrange(10)
        await connection.execute("DELETE FROM facts.reading WHERE reading_id % 10 = $1", remainder)
        await connection.execute("UPDATE facts.reading SET sensor = 'd' WHERE reading_id % 10 = $1", 9 - remainder)
        await connection.close()

    asyncio.run(write())


def of_values(result: dict[str, Any]) -> dict[str, Any]:
    """Return a result without what is of the moment it was computed at."""
    return {name: value for name, value in result.items() if name not in {"watermark", "asked_at", "cached"}}


def _unlike(product: Product, follower: Follower) -> list[Any]:
    """Return the queries whose newest update is not what they are answered now, with both."""
    found: list[Any] = []
    for number, query in enumerate(QUERIES):
        update = follower.newest.get(number, {})
        answered = product.send("POST", "/api/v1/calculate", query)
        pushed = update.get("result") and of_values(update["result"])
        if answered.status != 200 or pushed != of_values(answered.document):
            found.append((query["kpis"], update.get("problem"), pushed, answered))
    return found


def until_alike(product: Product, follower: Follower, *, within_s: float) -> None:
    deadline = time.monotonic() + within_s
    while unlike := _unlike(product, follower):
        assert time.monotonic() < deadline, unlike[0]
        time.sleep(0.2)
