"""Schedules as their callers see them: made, changed, previewed, run by hand, and nobody else's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from analytics_engine.kernel.clock import ManualClock
from analytics_engine.kernel.security.principal import Role
from golden.shop import STRANGER
from integration.jobs.engines import Engine, running
from support.databases import TestDatabase

NOW = datetime(2026, 3, 28, 12, tzinfo=UTC)


@pytest.fixture
async def engine(place: TestDatabase, tmp_path: Path) -> AsyncIterator[Engine]:
    """One calculation engine, on the day before clocks change in Berlin; it runs no jobs."""
    async with running(place, tmp_path, clock=ManualClock(NOW), tasks=(), ae_schedules_per_client=3) as replica:
        yield replica


async def test_a_schedule_tells_its_next_ticks_on_both_clocks(engine: Engine) -> None:
    made = await engine.schedule(cron="30 2 * * *")
    assert [(each["utc"], each["local"]) for each in made["next_runs"]] == [
        ("2026-03-29T01:00:00Z", "2026-03-29T03:00:00+02:00"),
        ("2026-03-30T00:30:00Z", "2026-03-30T02:30:00+02:00"),
        ("2026-03-31T00:30:00Z", "2026-03-31T02:30:00+02:00"),
        ("2026-04-01T00:30:00Z", "2026-04-01T02:30:00+02:00"),
        ("2026-04-02T00:30:00Z", "2026-04-02T02:30:00+02:00"),
    ]
    assert made["next_tick"] == "2026-03-29T01:00:00Z"
    assert (made["missed"], made["missed_within_s"], made["overlap"], made["enabled"]) == (
        "latest",
        86_400,
        False,
        True,
    )
    assert (made["last_runs"], made["changed_by"], made["version"]) == ([], "Tester", 1)
    read = await engine.ask("GET", f"/schedules/{made['id']}", role=Role.VIEWER)
    assert (read.json(), read.headers["ETag"]) == (made, '"1"')
    assert (await engine.ask("GET", "/schedules")).json()["items"][0]["id"] == made["id"]


async def test_the_zone_is_the_client_s_where_none_is_given(engine: Engine) -> None:
    assert (await engine.schedule(time_zone=None))["time_zone"] == "America/New_York"


async def test_a_preview_says_what_an_expression_means(engine: Engine) -> None:
    query = {"cron": "*/30 0-3 * * SUN", "zone": "Europe/Berlin", "count": "8"}
    preview = (await engine.ask("GET", "/schedules/preview", role=Role.VIEWER, params=query)).json()
    assert [each["local"][:16] for each in preview["next_runs"]] == [
        f"2026-03-29T{time}" for time in ("00:00", "00:30", "01:00", "01:30", "03:00", "03:30")
    ] + ["2026-04-05T00:00", "2026-04-05T00:30"]  # fmt: skip
    assert preview["fixed"] is False
    assert preview["description"]


@pytest.mark.parametrize(
    ("wrong", "detail"),
    [
        ({"cron": "30 25 * * *"}, "'30 25 * * *' is no cron expression: bad hour."),
        ({"time_zone": "Europe/Nowhere"}, "There is no time zone 'Europe/Nowhere'."),
        ({"kind": "nothing"}, "There is no kind of job 'nothing'."),
        ({"params": {"steps": None}}, "params.steps: Input should be a valid integer"),
        ({"missed": "some"}, "body.missed: Input should be 'latest', 'all' or 'skip'"),
        ({"missed_within_s": 700_000}, "body.missed_within_s: Input should be less than or equal to 604800"),
    ],
)
async def test_what_is_wrong_is_told_with_its_place(engine: Engine, wrong: dict[str, Any], detail: str) -> None:
    sent = {"name": "n", "kind": "probe", "cron": "30 2 * * *", "time_zone": "UTC"} | wrong
    answer = await engine.ask("POST", "/schedules", json=sent)
    assert (answer.status_code, answer.json()["detail"]) == (422, detail)
    assert answer.json()["remedy"]


async def role_of(place: TestDatabase, job_id: str) -> str:
    """Return the role that a job runs as."""
    owner = await asyncpg.connect(place.owner_url)
    try:
        return str(await owner.fetchval("select role from jobs.jobs where id = $1", job_id))
    finally:
        await owner.close()


async def test_a_change_goes_on_from_the_next_tick_and_runs_as_who_made_it(engine: Engine, place: TestDatabase) -> None:
    """Only what is given changes; with the ETag only the version that was read."""
    made = await engine.schedule(params={"steps": 2})
    path = f"/schedules/{made['id']}"
    changed = await engine.ask(
        "PATCH", path, json={"cron": "0 12 * * *"}, headers={"If-Match": '"1"'}, role=Role.CONSULTANT
    )
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    assert changed.json()["next_tick"] == "2026-03-29T10:00:00Z"
    assert (changed.json()["params"]["steps"], changed.json()["name"]) == (2, "probes")
    job = (await engine.ask("POST", f"{path}/run")).json()
    assert await role_of(place, job["id"]) == "consultant"
    stale = await engine.ask("PATCH", path, json={"name": "other"}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["present_version"]) == (409, 2)
    off = (await engine.ask("PATCH", path, json={"enabled": False})).json()
    assert (off["next_tick"], off["next_runs"]) == (None, [])
    on = (await engine.ask("PATCH", path, json={"enabled": True})).json()
    assert on["next_tick"] == "2026-03-29T10:00:00Z"


async def test_names_are_a_client_s_own_and_its_number_is_limited(engine: Engine) -> None:
    await engine.schedule(name="one")
    sent = {"name": "one", "kind": "probe", "cron": "0 0 * * *", "time_zone": "UTC"}
    taken = await engine.ask("POST", "/schedules", json=sent)
    assert (taken.status_code, taken.json()["detail"]) == (409, "There is a schedule 'one' already.")
    assert (await engine.ask("POST", "/schedules", json=sent, client_id=STRANGER)).status_code == 201
    await engine.schedule(name="two")
    await engine.schedule(name="three")
    full = await engine.ask("POST", "/schedules", json=sent | {"name": "four"})
    assert (full.status_code, full.json()["limit"]) == (409, 3)


async def test_a_schedule_is_run_by_hand_beside_its_ticks(engine: Engine) -> None:
    made = await engine.schedule(params={"steps": 2})
    answer = await engine.ask("POST", f"/schedules/{made['id']}/run")
    job = answer.json()
    assert (answer.status_code, answer.headers["Location"]) == (202, f"/jobs/{job['id']}")
    assert (job["schedule_id"], job["tick"], job["as_of"]) == (made["id"], None, "2026-03-28T12:00:00Z")
    assert (await engine.ask("GET", f"/jobs?schedule={made['id']}")).json()["total"] == 1


async def test_deleting_a_schedule_cancels_what_waits_for_it(engine: Engine) -> None:
    made = await engine.schedule()
    job = (await engine.ask("POST", f"/schedules/{made['id']}/run")).json()
    assert (await engine.ask("DELETE", f"/schedules/{made['id']}")).status_code == 204
    assert (await engine.job(job["id"]))["state"] == "cancelled"
    assert (await engine.ask("GET", f"/schedules/{made['id']}")).status_code == 404


async def test_a_schedule_is_one_client_s_only_and_a_viewer_only_reads(engine: Engine) -> None:
    made = await engine.schedule()
    routes = [
        ("PATCH", "", {}), ("DELETE", "", None), ("POST", "/run", None), ("GET", "", None), ("GET", "/runs", None)
    ]  # fmt: skip
    for method, tail, body in routes:
        path = f"/schedules/{made['id']}{tail}"
        theirs = await engine.ask(method, path, client_id=STRANGER, role=Role.ADMIN, json=body)
        assert theirs.status_code == 404, (method, tail)
        if method != "GET":
            refused = await engine.ask(method, path, role=Role.VIEWER, json=body)
            assert refused.status_code == 403, (method, tail)
    assert (await engine.ask("GET", "/schedules", client_id=STRANGER)).json()["total"] == 0
    assert (await engine.ask("GET", f"/schedules/{uuid4()}")).json()["remedy"] == "List those there are at /schedules."
