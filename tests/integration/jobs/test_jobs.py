"""Jobs as their callers see them: started once, limited, cancelled, tried again, and nobody else's."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from analytics_engine.contracts.services import Service
from analytics_engine.kernel.security.principal import Role
from golden.shop import STRANGER
from integration.jobs.engines import Engine, effects, running
from support.databases import TestDatabase


async def test_a_key_starts_a_job_once(idle: Engine) -> None:
    """The same key finds the job there is; for another job it is refused."""
    headers = {"Idempotency-Key": "one"}
    first, again = [
        await idle.ask("POST", "/jobs", json={"kind": "probe", "params": {"steps": 3}}, headers=headers) for _ in "12"
    ]
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json()
    other = await idle.ask("POST", "/jobs", json={"kind": "probe", "params": {"steps": 4}}, headers=headers)
    assert (other.status_code, other.json()["job"]) == (409, first.json()["id"])
    assert other.json()["type"].endswith(":idempotency-conflict")
    stranger = await idle.ask("POST", "/jobs", json={"kind": "probe"}, headers=headers, client_id=STRANGER)
    assert stranger.json()["id"] != first.json()["id"]


async def test_the_same_key_at_the_same_time_starts_one_job(idle: Engine) -> None:
    answers = await asyncio.gather(
        *(idle.ask("POST", "/jobs", json={"kind": "probe"}, headers={"Idempotency-Key": "k"}) for _ in range(4))
    )
    assert len({answer.json()["id"] for answer in answers}) == 1


@pytest.mark.parametrize(
    ("kind", "params", "detail"),
    [
        ("prob", {}, "There is no kind of job 'prob'."),
        (
            "probe",
            {"steps": "many"},
            "params.steps: Input should be a valid integer, unable to parse string as an integer",
        ),
        ("probe", {"step": 1}, "params.step: Extra inputs are not permitted"),
        ("recalculate", {}, "params.range: Field required"),
        ("export", {"queries": []}, "params.queries: Tuple should have at least 1 item after validation, not 0"),
    ],
)
async def test_what_cannot_be_started_is_told_with_its_place(
    idle: Engine, kind: str, params: dict[str, object], detail: str
) -> None:
    answer = await idle.ask("POST", "/jobs", json={"kind": kind, "params": params})
    assert (answer.status_code, answer.json()["detail"]) == (422, detail)
    assert answer.json()["remedy"]


async def test_kinds_are_listed_with_their_parameters(idle: Engine) -> None:
    kinds = (await idle.ask("GET", "/jobs/kinds", role=Role.VIEWER)).json()
    assert [kind["kind"] for kind in kinds] == ["recalculate", "export", "probe"]
    assert set(kinds[0]["params_schema"]["properties"]) == {"kpis", "range", "grain", "dimensions", "time_zone"}


async def test_as_many_jobs_wait_as_may_and_no_more(place: TestDatabase, tmp_path: Path) -> None:
    """The limit is a client's own; a retry counts too, and what is cancelled makes room."""
    async with running(place, tmp_path, tasks=(), ae_jobs_waiting_per_client=2) as engine:
        first, _ = [await engine.start("probe") for _ in range(2)]
        refused = await engine.ask("POST", "/jobs", json={"kind": "probe"})
        assert (refused.status_code, refused.json()["limit"]) == (409, 2)
        assert refused.json()["type"].endswith(":limit-reached")
        assert (await engine.ask("POST", "/jobs", json={"kind": "probe"}, client_id=STRANGER)).status_code == 202
        assert (await engine.ask("POST", f"/jobs/{first}/cancel")).json()["state"] == "cancelled"
        await engine.start("probe")
        assert (await engine.ask("POST", f"/jobs/{first}/retry")).status_code == 409


async def test_jobs_are_listed_newest_first_and_by_what_they_are(idle: Engine) -> None:
    ids = [await idle.start("probe", steps=number) for number in (1, 2, 3)]
    await idle.ask("POST", f"/jobs/{ids[0]}/cancel")
    page = (await idle.ask("GET", "/jobs?limit=2", role=Role.VIEWER)).json()
    assert ([job["id"] for job in page["items"]], page["total"]) == ([ids[2], ids[1]], 3)
    waiting = (await idle.ask("GET", "/jobs?state=waiting")).json()
    assert [job["id"] for job in waiting["items"]] == [ids[2], ids[1]]
    both = (await idle.ask("GET", "/jobs?state=waiting&state=cancelled&kind=probe")).json()
    assert both["total"] == 3
    assert (await idle.ask("GET", "/jobs?kind=export")).json()["total"] == 0


async def test_a_running_job_is_cancelled_soon(engine: Engine, place: TestDatabase) -> None:
    """What it has done stays, nothing more comes, and a retry does the rest."""
    job_id = await engine.start("probe", steps=100, step_s=0.2)
    await engine.in_state(job_id, "running")
    asked_at = time.monotonic()
    cancelled = await engine.ask("POST", f"/jobs/{job_id}/cancel")
    assert (cancelled.status_code, cancelled.json()["cancelling"]) == (200, True)
    job = await engine.in_state(job_id, "cancelled")
    assert time.monotonic() - asked_at < 5.0  # a second or two, on a machine with time
    done = len(await effects(place.owner_url))
    assert done < 100
    assert job["problem"] is None
    assert (await engine.ask("POST", f"/jobs/{job_id}/cancel")).json()["state"] == "cancelled"


async def test_what_has_ended_is_not_cancelled(engine: Engine) -> None:
    job_id = await engine.start("probe")
    await engine.in_state(job_id, "completed")
    refused = await engine.ask("POST", f"/jobs/{job_id}/cancel")
    assert (refused.status_code, refused.json()["detail"]) == (409, "The job has ended: it is completed.")
    refused = await engine.ask("POST", f"/jobs/{job_id}/retry")
    assert (refused.status_code, refused.json()["detail"]) == (409, "The job is completed, and nothing of it failed.")


async def test_a_retry_repeats_what_failed_and_nothing_that_is_done(engine: Engine, place: TestDatabase) -> None:
    job_id = await engine.start("probe", steps=3, failing=["step 2"])
    job = await engine.in_state(job_id, "completed")
    assert [(each["what"], each["problem"]["detail"]) for each in job["failures"]] == [
        ("step 2", "step 2 cannot be done.")
    ]
    assert (await engine.ask("POST", f"/jobs/{job_id}/retry")).status_code == 202
    again = await engine.in_state(job_id, "completed")
    assert (again["failed_parts"], again["result"], again["attempts"]) == (1, {"steps": 3}, 1)
    assert [step for _, step, *_ in await effects(place.owner_url)] == ["step 1", "step 3"]


async def test_what_nobody_foresaw_fails_the_job_and_no_other(engine: Engine) -> None:
    """The person is told the job's id to give to the operator; the worker goes on."""
    broken = await engine.start("probe", broken=True)
    job = await engine.in_state(broken, "failed")
    assert job["problem"]["type"] == "urn:analytics-engine:problem:internal"
    assert broken in job["problem"]["remedy"]
    assert (await engine.in_state(await engine.start("probe"), "completed"))["attempts"] == 1


async def test_measures_tell_what_waits_and_what_ended(engine: Engine) -> None:
    await engine.in_state(await engine.start("probe"), "completed")
    text = (await engine.http.get("/metrics")).text
    assert 'jobs_ended_total{kind="probe",state="completed"} 1.0' in text
    assert "jobs_oldest_waiting_seconds 0.0" in text


async def test_a_job_is_one_client_s_only(idle: Engine, place: TestDatabase) -> None:
    """Another client finds none of it by any route, nor does the login that names no client or another one."""
    job_id = await idle.start("probe")
    for method, path in [
        ("GET", f"/jobs/{job_id}"),
        ("GET", f"/jobs/{job_id}/result"),
        ("POST", f"/jobs/{job_id}/cancel"),
        ("POST", f"/jobs/{job_id}/retry"),
    ]:
        answer = await idle.ask(method, path, client_id=STRANGER, role=Role.ADMIN)
        assert (answer.status_code, answer.json()["detail"]) == (404, f"There is no job {job_id}."), path
    assert (await idle.ask("GET", "/jobs", client_id=STRANGER)).json()["total"] == 0
    login = await asyncpg.connect(place.service_url(Service.CALCULATION))
    try:
        for table in ("jobs", "parts", "schedules", "ticks"):
            assert await login.fetchval(f"select count(*) from jobs.{table}") == 0
            await login.execute("select set_config('app.client_id', $1, false)", STRANGER)
            assert await login.fetchval(f"select count(*) from jobs.{table}") == 0
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await login.fetchval("select count(*) from jobs.workers")
    finally:
        await login.close()


@pytest.mark.parametrize("role", [Role.VIEWER])
async def test_a_viewer_reads_and_starts_nothing(idle: Engine, role: Role) -> None:
    job_id = await idle.start("probe")
    assert (await idle.ask("GET", f"/jobs/{job_id}", role=role)).status_code == 200
    for path in ("/jobs", f"/jobs/{job_id}/cancel", f"/jobs/{job_id}/retry"):
        answer = await idle.ask("POST", path, role=role, json={"kind": "probe"})
        assert (answer.status_code, answer.json()["detail"]) == (403, "The role viewer may not do this."), path


async def test_a_job_that_is_not_there_is_told(idle: Engine) -> None:
    missing = uuid4()
    answer = await idle.ask("GET", f"/jobs/{missing}")
    assert (answer.status_code, answer.json()["remedy"]) == (404, "List those there are at /jobs.")
