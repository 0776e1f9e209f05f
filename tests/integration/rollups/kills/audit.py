"""Whether the database holds what was acknowledged, once, and nothing by halves: all of it read in one snapshot."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from integration.rollups.kills.batches import HEADERS, STREAMS, Rows, Stream, batch_of, expected
from integration.rollups.kills.ledger import Ledger

_COMMA = ", ',', "
_TIMES = {"basket": "placed_at", "item": "sold_at", "gauge": "measured_at"}
_TEXTS = {"cancelled": "cancelled::text"} | {
    name: f"to_char({name} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')" for name in _TIMES.values()
}
"""How a value is written in a line that was sent, where that is not how PostgreSQL writes it."""

_KEYS = {"basket": "basket_id", "item": "item_id"}
"""Those of the object models that have a key table: a gauge's key holds the time."""


@dataclass
class Found:
    """What an audit saw. ``loaded`` has the labels of all batches that are there."""

    loaded: set[str] = field(default_factory=set)
    rows: int = 0
    lost: int = 0
    doubled: int = 0
    wrong: list[str] = field(default_factory=list)

    def check(self, what: str, mine: Any, theirs: Any) -> None:
        if mine != theirs:
            self.wrong.append(f"{what}: {mine} is not {theirs}")


async def audit(connection: asyncpg.Connection, client_id: str, seed: int, ledger: Ledger) -> Found:
    """Compare one client's rows, keys, receipts, coverage and events with each other and with what was acknowledged."""
    receipts = {f"{stream}-{number}": told for (stream, number), told in ledger.acknowledged().items()}
    found = Found()
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        loads = {
            row["idempotency_key"]: row
            for row in await connection.fetch(
                "SELECT *, xid::text::bigint AS watermark FROM ingest.loads WHERE client_id = $1", client_id
            )
        }
        found.loaded = set(loads)
        _check_receipts(found, receipts, loads)
        _check_loads(found, seed, loads)
        await _check_rows(found, connection, client_id, _expected(seed, loads))
        await _check_keys(found, connection, client_id)
        await _check_coverage(found, connection, client_id, loads)
        await _check_events(found, connection, client_id, loads)
    return found


def _streams(loads: dict[str, Any]) -> dict[Stream, int]:
    """Return how many batches of each stream are there."""
    counts = Counter(label.rpartition("-")[0] for label in loads)
    return {stream: counts[stream.name] for stream in STREAMS}


def _expected(seed: int, loads: dict[str, Any]) -> dict[str, dict[str, Rows]]:
    """Return by object model and batch what must be there, given which batches were loaded."""
    rows: dict[str, dict[str, Rows]] = defaultdict(dict)
    for stream, count in _streams(loads).items():
        rows[stream.model].update(expected(seed, stream, count))
    return rows


def _check_receipts(found: Found, receipts: dict[str, Any], loads: dict[str, Any]) -> None:
    """Whatever was acknowledged is noted, and as the receipt says."""
    for label, receipt in receipts.items():
        if label not in loads:
            found.wrong.append(f"{label} was acknowledged, and there is no such load")
            continue
        load = loads[label]
        for name in ("object_model", "mode", "rows", "inserted", "updated", "watermark"):
            found.check(f"{label} {name}", receipt[name], load[name])
        found.check(f"{label} ingest_id", receipt["ingest_id"], str(load["ingest_id"]))


def _check_loads(found: Found, seed: int, loads: dict[str, Any]) -> None:
    """Each load is of one batch, and the batches of a stream are there without a gap."""
    known = {}
    for stream, count in _streams(loads).items():
        for number in range(count):
            batch = batch_of(seed, stream, number)
            fresh = stream.fresh(number, batch.rows)
            told = (stream.model, stream.mode, batch.rows, fresh, batch.rows - fresh, *batch.covered)
            known[stream.label(number)] = told
    noted = ("object_model", "mode", "rows", "inserted", "updated", "covered_from", "covered_until")
    found.check("loads", {label: tuple(load[name] for name in noted) for label, load in loads.items()}, known)


async def _check_rows(
    found: Found, connection: asyncpg.Connection, client_id: str, wanted: dict[str, dict[str, Rows]]
) -> None:
    """Each batch's rows are there as they were sent, each once; of an upsert those that no later one replaced."""
    for model, header in HEADERS.items():
        line = f"concat({_COMMA.join(_TEXTS.get(name, name) for name in header.split(','))})"
        query = (
            f"SELECT batch, count(*) AS count, sum(('x' || substr(md5({line}), 1, 15))::bit(60)::bigint) AS digest "
            f"FROM facts.{model} WHERE client_id = $1 GROUP BY batch"
        )
        there = {
            row["batch"]: Rows(row["count"], int(row["digest"])) for row in await connection.fetch(query, client_id)
        }
        found.rows += sum(rows.count for rows in there.values())
        for label in wanted[model].keys() | there.keys():
            more = there.get(label, Rows()).count - wanted[model].get(label, Rows()).count
            found.lost += max(0, -more)
            found.doubled += max(0, more)
        found.check(f"rows of {model}", *_different(there, wanted[model]))


def _different(there: dict[str, Rows], wanted: dict[str, Rows]) -> tuple[dict[str, Rows], dict[str, Rows]]:
    labels = {label for label in there.keys() | wanted.keys() if there.get(label) != wanted.get(label)}
    mine, theirs = ({label: rows for label, rows in side.items() if label in labels} for side in (there, wanted))
    return mine, theirs


async def _check_keys(found: Found, connection: asyncpg.Connection, client_id: str) -> None:
    """No key is without its row, and no row without its key."""
    for model, key in _KEYS.items():
        time = _TIMES[model]
        lonely = await connection.fetchval(
            f"SELECT count(*) FROM (SELECT {key}, {time} FROM facts.{model} WHERE client_id = $1) AS f "
            f"FULL JOIN (SELECT {key}, {time} FROM fact_keys.{model} WHERE client_id = $1) AS k "
            f"USING ({key}, {time}) WHERE f.{key} IS NULL OR k.{key} IS NULL",
            client_id,
        )
        found.check(f"rows without keys, or keys without rows of {model}", lonely, 0)
        rows, keys = [
            await connection.fetchval(f"SELECT count(*) FROM {schema}.{model} WHERE client_id = $1", client_id)
            for schema in ("facts", "fact_keys")
        ]
        found.check(f"keys of {model}", keys, rows)


async def _check_coverage(found: Found, connection: asyncpg.Connection, client_id: str, loads: dict[str, Any]) -> None:
    """What is covered is the hull of the loads, no less and no more."""
    rows = await connection.fetch("SELECT * FROM facts.coverage WHERE client_id = $1", client_id)
    there = {row["object_model"]: (row["covered_from"], row["covered_until"]) for row in rows}
    spans = defaultdict(list)
    for load in loads.values():
        spans[load["object_model"]].append((load["covered_from"], load["covered_until"]))
    hulls = {model: (min(start for start, _ in of), max(end for _, end in of)) for model, of in spans.items()}
    found.check("coverage", there, hulls)


async def _check_events(found: Found, connection: asyncpg.Connection, client_id: str, loads: dict[str, Any]) -> None:
    """Each load has one event, of its own transaction, and there is no other; no rollup was found wrong."""
    rows = await connection.fetch(
        "SELECT type, subject, xid::text::bigint AS xid, (event -> 'data' ->> 'rows')::bigint AS rows "
        "FROM messaging.outbox WHERE client_id = $1",
        client_id,
    )
    told = sorted((row["type"], row["subject"], row["xid"], row["rows"]) for row in rows)
    made = sorted(("data.ingested", load["object_model"], load["watermark"], load["rows"]) for load in loads.values())
    found.check("events", told, made)
