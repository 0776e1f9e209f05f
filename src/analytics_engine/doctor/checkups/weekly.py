"""The weekly checklist: performance, security updates, slow queries, old logs."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from analytics_engine.doctor.checkups.gathering import Gathered, gather
from analytics_engine.doctor.checkups.history import History, Measurement
from analytics_engine.doctor.checkups.metrics import Requests, requests_by_service
from analytics_engine.doctor.checkups.packages import packages_step
from analytics_engine.doctor.checkups.sizes import shown
from analytics_engine.doctor.checkups.steps import Checkup, State, Step

_ERROR_SHARE, _SLOW_S = 0.05, 1.0
_WORSE = 2.0
_OLD = timedelta(days=7)


async def weekly(folder: Path, *, delete_logs: bool) -> Checkup:
    """Go through the weekly checklist; old logs are deleted only where that is asked for."""
    gathered = await gather(folder, slow_statements=())
    return Checkup(
        "weekly",
        (
            _performance(gathered),
            packages_step("Check for security updates", folder),
            _slow_queries(gathered),
            _old_logs(gathered, delete=delete_logs),
        ),
    )


def _performance(gathered: Gathered) -> Step:
    title = "Review performance metrics"
    measured = requests_by_service(gathered.seen.services)
    if gathered.seen.settings is None or not measured:
        return Step(title, State.FAILED, ("No service shows its metrics.",), fix="analytics-engine doctor")
    history = History(gathered.seen.settings.ae_home, "requests")
    before = history.read()
    last = before[-1] if before else None
    history.add({service.value: _kept(requests) for service, requests in measured.items()})
    facts: list[str] = []
    attention = False
    for service, requests in measured.items():
        said, bad = _judged(service.value, requests, last)
        facts.append(said)
        attention = attention or bad
    facts.append(
        f"compared with {last.at:%Y-%m-%d %H:%M} UTC"
        if last
        else "there is nothing yet to compare with: this is the first"
    )
    state = State.ATTENTION if attention else State.OK
    fix = "See which routes: http_server_request_duration_seconds in /metrics, or the dashboards." if attention else ""
    return Step(title, state, tuple(facts), fix)


def _kept(requests: Requests) -> dict[str, Any]:
    return {"errors": requests.error_share, "p95_s": requests.quantile_s(0.95), "count": requests.count}


def _judged(name: str, requests: Requests, last: Measurement | None) -> tuple[str, bool]:
    """Return what is to be said of a service's requests, and whether it should be looked at."""
    if not requests.count:
        return f"{name}: no requests since its start", False
    p50, p95 = requests.quantile_s(0.5), requests.quantile_s(0.95)
    said = f"{name}: {requests.count} requests since its start, {requests.error_share:.1%} failed"
    said += f", half within {p50:g} s, 95 % within {p95:g} s" if p50 is not None and p95 is not None else ""
    then: Mapping[str, Any] = last.values.get(name, {}) if last else {}
    if then.get("p95_s") is not None:
        said += f" (was {then['errors']:.1%} failed, 95 % within {then['p95_s']:g} s)"
    slow = p95 is not None and p95 > _SLOW_S
    worse = p95 is not None and bool(then.get("p95_s")) and p95 >= _WORSE * then["p95_s"] and p95 > _SLOW_S / 2
    return said, requests.error_share > _ERROR_SHARE or slow or worse


def _slow_queries(gathered: Gathered) -> Step:
    title = "Analyze slow queries"
    if "slow_statements" not in gathered.rows:
        reason = gathered.unasked or "statements are not counted"
        return Step(title, State.NOT_CHECKED, (f"Not asked: {reason}.",), fix="analytics-engine doctor --only database")
    rows = gathered.rows["slow_statements"]
    facts = tuple(
        f"{row['total_s']:.1f} s in {row['calls']} calls, {row['mean_s'] * 1000:.1f} ms each: {row['statement']}"
        for row in rows
    )
    slow = any(row["mean_s"] > _SLOW_S for row in rows)
    fix = "GET /api/v1/admin/database/indexes advises indexes; /rollups/advice rollups." if slow else ""
    return Step(title, State.ATTENTION if slow else State.OK, facts or ("No statement was counted yet.",), fix)


def _old_logs(gathered: Gathered, *, delete: bool) -> Step:
    title = "Clean up old logs"
    logs = gathered.seen.settings.ae_home / "logs" if gathered.seen.settings else None
    if logs is None or not logs.is_dir():
        return Step(title, State.NOT_CHECKED, ("There are no logs in AE_HOME; containers rotate theirs.",))
    old = [file for file in sorted(logs.glob("*.log.*")) if time.time() - file.stat().st_mtime > _OLD.total_seconds()]
    if not old:
        return Step(title, State.OK, ("No rotated log is older than a week; each log is rotated at 10 MiB, twice.",))
    size = shown(sum(file.stat().st_size for file in old))
    names = ", ".join(file.name for file in old)
    if not delete:
        return Step(
            title, State.OK, (f"{len(old)} may be deleted ({size}): {names}",), fix="analytics-engine weekly --yes"
        )
    for file in old:
        file.unlink()
    return Step(title, State.OK, (f"{len(old)} were deleted ({size}): {names}",))
