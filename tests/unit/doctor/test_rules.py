"""Rules on facts that cannot be brought about on a healthy machine, and how causes hide what comes of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from analytics_engine.adapters.postgres.looking import Refusal
from analytics_engine.adapters.redis.looking import RedisLook, RedisRefusal
from analytics_engine.bootstrap.settings import Settings
from analytics_engine.contracts.services import Service
from analytics_engine.doctor.diagnosis import CHECKS, judged
from analytics_engine.doctor.findings import Severity
from analytics_engine.doctor.looking.backups import BackupFacts
from analytics_engine.doctor.looking.database import DatabaseFacts
from analytics_engine.doctor.looking.files import FileFacts, MachineFacts
from analytics_engine.doctor.looking.processes import Death, ProcessFacts, ProgramFacts
from analytics_engine.doctor.looking.services import Contact, ServiceFacts
from analytics_engine.doctor.looking.settings import SettingsFacts
from analytics_engine.doctor.seen import Seen

SERVER: dict[str, Any] = {
    "version_num": 170_004,
    "version": "17.4",
    "in_recovery": False,
    "read_only_setting": "",
    "fsync": "on",
    "full_page_writes": "on",
    "autovacuum": "on",
    "track_counts": "on",
    "max_connections": 200,
    "reserved_connections": 3,
    "database_limit": None,
    "sessions": 20,
    "xid_age": 1000,
    "statements_preloaded": True,
    "statements_installed": True,
}
DATABASE = DatabaseFacts(address="db:5432/analytics", server=SERVER, revision="0002", revisions=("0001", "0002"))


def service(name: Service, **facts: Any) -> ServiceFacts:
    report = {"status": "healthy", "service": name.value, "version": "1.0"}
    given: dict[str, Any] = {"contact": Contact.ANSWERS, "report": report, "admits": True} | facts
    return ServiceFacts(service=name, url=f"http://{name.value}:80", port=80, **given)


def healthy() -> Seen:
    """A system elsewhere, with servers of its own, that lacks nothing."""
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        database_url="postgresql://owner:hidden-one@db:5432/analytics",
        redis_url="redis://:hidden-two@redis:6379/0",
        secret_key="k" * 40,
        ae_home=Path("/nonexistent"),
    )
    return Seen(
        written=SettingsFacts(file=Path(".env"), misspelt={}, settings=settings),
        settings=settings,
        machine=MachineFacts(memory_bytes=1000, free_memory_bytes=500, open_files_limit=65_536, root=False),
        files=FileFacts(),
        database=DATABASE,
        redis=RedisLook(info={"role": "master"}, settings={"appendonly": "yes", "maxmemory-policy": "noeviction"}),
        services=tuple(service(name) for name in Service),
    )


def names(seen: Seen) -> list[str]:
    return [cause.finding.name for cause in judged(seen).causes]


def with_server(**facts: Any) -> Seen:
    return replace(healthy(), database=replace(DATABASE, server=SERVER | facts))


def with_rows(**rows: Any) -> Seen:
    return replace(healthy(), database=replace(DATABASE, rows=rows))


def test_a_system_that_lacks_nothing_has_no_findings() -> None:
    assert names(healthy()) == []


@pytest.mark.parametrize(
    ("seen", "check"),
    [
        (with_server(version_num=140_002, version="14.2"), "database.too-old"),
        (with_server(in_recovery=True), "database.standby"),
        (with_server(full_page_writes="off"), "database.not-durable"),
        (with_server(xid_age=1_500_000_000), "database.wraparound"),
        (with_server(sessions=190), "database.connections-used"),
        (with_server(statements_preloaded=False), "database.statements-not-counted"),
        (replace(healthy(), database=replace(DATABASE, clock_ahead_s=3600.0)), "database.clock"),
        (replace(healthy(), database=replace(DATABASE, clock_ahead_s=-30.0)), "database.clock"),
        (with_rows(collation=[{"recorded": "2.36", "actual": "2.41"}]), "database.collation"),
        (with_rows(checksum_failures=[{"database": "analytics", "checksum_failures": 2}]), "database.damaged"),
        (with_rows(archiver=[{"failed_count": 9, "last_failed_wal": "0A"}]), "database.archiving-fails"),
        (
            with_rows(
                long_transactions=[
                    {
                        "pid": 1,
                        "login": "reporting",
                        "application": "psql",
                        "state": "idle in transaction",
                        "transaction_s": 900.0,
                        "idle_s": 800.0,
                    }
                ],
                outbox=[{"events": 4, "oldest_s": 700.0}],
            ),
            "database.idle-transaction",
        ),
        (with_rows(workers=[{"workers": 1, "silent_s": 300.0}]), "jobs.no-worker"),
        (with_rows(schedules=[{"name": "nightly", "client_id": "c", "late_s": 900.0}]), "jobs.schedule-late"),
        (with_rows(alert_checks=[{"checks": 3, "late_s": 900.0}]), "jobs.alerts-late"),
        (with_rows(rollup_marks=[{"code": "R", "marks": 9, "oldest_s": 900.0}]), "rollups.marked"),
        (with_rows(rollups_building=[{"code": "R", "since_s": 9000.0}]), "rollups.building"),
        (with_rows(missing_partitions=[{"month": "2026_12"}]), "schema.missing-partition"),
        (with_rows(object_tables=[{"object_model": "flight"}]), "schema.missing-table"),
        (replace(healthy(), redis=RedisLook(refusal=RedisRefusal.LOADING)), "redis.loading"),
        (
            replace(healthy(), redis=RedisLook(info={"aof_last_write_status": "err"}, settings={"appendonly": "yes"})),
            "redis.write-fails",
        ),
        (
            replace(
                healthy(),
                machine=MachineFacts(memory_bytes=1000, free_memory_bytes=10, open_files_limit=-1, root=False),
            ),
            "machine.little-memory",
        ),
        (
            replace(
                healthy(),
                services=(service(Service.GATEWAY, certificate_ends=datetime.now(UTC) + timedelta(days=3)),),
            ),
            "services.certificate-ends",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_fact_that_is_wrong_is_the_one_finding(seen: Seen, check: str) -> None:
    assert names(seen) == [check]


def test_a_database_that_is_away_is_the_cause_of_seven_unhealthy_services() -> None:
    ill = tuple(
        service(name, report={"status": "unhealthy", "service": name.value, "version": "1.0"}) for name in Service
    )
    away = DatabaseFacts(address="db:5432/analytics", refusal=Refusal.REFUSED, revisions=("0001",))
    (cause,) = judged(replace(healthy(), services=ill, database=away)).causes
    assert cause.finding.name == "database.refused"
    assert [one.name for one in cause.consequences] == ["services.unwell"] * 7


def test_a_finding_that_nothing_explains_stays_a_cause_beside_others() -> None:
    seen = replace(
        with_rows(dead_letters=[{"consumer_group": "alerts", "events": 1, "reason": "gone"}]),
        redis=RedisLook(refusal=RedisRefusal.REFUSED),
    )
    assert names(seen) == ["redis.refused", "events.dead-letters"]


def test_errors_come_before_warnings() -> None:
    seen = replace(with_rows(invalid_indexes=[{"name": "public.x"}]), redis=RedisLook(refusal=RedisRefusal.SILENT))
    causes = judged(seen).causes
    assert [cause.finding.check.severity for cause in causes] == [Severity.ERROR, Severity.WARNING]


def test_a_program_that_dies_again_and_again_is_named_with_its_last_words() -> None:
    settings = Settings(_env_file=None, ae_home=Path("/nonexistent"))  # type: ignore[call-arg]
    program = ProgramFacts(name="postgres", last_words='FATAL:  invalid value for parameter "work_mem"')
    seen = replace(
        healthy(),
        written=SettingsFacts(file=Path(".env"), misspelt={}, settings=settings),
        processes=ProcessFacts(
            home=True,
            supervisor=ProgramFacts(name="supervisor", pid=1),
            programs={"postgres": program},
            deaths={"postgres": Death(end="ended with exit code 1", in_a_row=4, ago_s=1.0)},
        ),
        database=DatabaseFacts(address="db:5432/analytics", refusal=Refusal.REFUSED, revisions=("0001",)),
    )
    (cause,) = judged(seen).causes
    assert cause.finding.name == "database.crashes"
    assert "work_mem" in cause.finding.what


NOW = datetime.now(UTC)
MADE: dict[str, Any] = {"newest": "b", "made_at": NOW, "proven": "b", "proven_at": NOW, "unproven": False}


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        (MADE, []),
        ({"unreadable": "There is no key."}, ["backups.unreadable"]),
        ({}, ["backups.none"]),
        (MADE | {"overdue": True}, ["backups.too-old"]),
        (MADE | {"proven": "", "proven_at": None, "unproven": True}, ["backups.never-proven"]),
        (MADE | {"proven_at": NOW - timedelta(days=9), "unproven": True}, ["backups.proven-long-ago"]),
    ],
)
def test_backups_are_judged_where_there_are_to_be_some(facts: dict[str, Any], found: list[str]) -> None:
    seen = replace(healthy(), backups=BackupFacts(url="s3://b", configured=True, **facts))
    assert [cause.finding.name for cause in judged(seen).causes] == found
    elsewhere = replace(healthy(), backups=BackupFacts(url="file:///h", configured=False, **facts))
    assert judged(elsewhere).causes == []


def on_this_machine(*, contact: Contact, **program: Any) -> Seen:
    """The connector's port is held by the supervisor: a connection is taken whether the service lives or not."""
    settings = Settings(_env_file=None, ae_home=Path("/nonexistent"))  # type: ignore[call-arg]
    url = settings.url(Service.CONNECTOR)
    port = settings.port(Service.CONNECTOR)
    facts = ServiceFacts(service=Service.CONNECTOR, url=url, port=port, contact=contact)
    seen = healthy()
    return replace(
        seen,
        written=SettingsFacts(file=Path(".env"), misspelt={}, settings=settings),
        settings=settings,
        processes=ProcessFacts(
            home=True,
            supervisor=ProgramFacts(name="supervisor", pid=1),
            programs={"connector_service": ProgramFacts(name="connector_service", **program)},
        ),
        services=(*(one for one in seen.services if one.service is not Service.CONNECTOR), facts),
    )


@pytest.mark.parametrize(
    ("program", "check", "says"),
    [
        ({}, "services.down", "analytics-engine logs connector_service"),
        ({"pid": 7, "age_s": 5.0}, "services.starting", "health --wait"),
        ({"pid": 7, "age_s": 500.0}, "services.silent", "kill -9 7"),
        ({"pid": 7, "age_s": 5.0, "stopped": True}, "services.suspended", "kill -CONT 7"),
    ],
)
def test_a_port_that_takes_connections_and_is_silent_has_one_of_four_causes(
    program: dict[str, Any], check: str, says: str
) -> None:
    (cause,) = judged(on_this_machine(contact=Contact.SILENT, **program)).causes
    assert cause.finding.name == check
    assert says in cause.finding.fix


def with_report(name: Service, status: str, **details: str) -> ServiceFacts:
    dependencies = {one: {"status": status, "detail": detail} for one, detail in details.items()}
    report = {"status": status, "service": name.value, "version": "1.0", "dependencies": dependencies}
    return service(name, report=report)


def test_a_task_that_hangs_is_the_cause_of_events_that_wait() -> None:
    stuck = with_report(Service.MESSAGING, "degraded", workers="relay: it has given no sign of life for 90 s.")
    seen = replace(with_rows(outbox=[{"events": 4, "oldest_s": 700.0}]), services=(stuck,))
    (cause,) = judged(seen).causes
    assert cause.finding.name == "services.task-stuck"
    assert [one.name for one in cause.consequences] == ["events.outbox"]


def test_a_wrong_canary_is_the_cause_of_the_gateway_that_tells_of_it() -> None:
    gateway = with_report(Service.GATEWAY, "degraded", canary="The canary's answers are wrong: 3.00, not 2.00.")
    seen = replace(with_rows(canary=[{"detail": "3.00, not 2.00"}]), services=(gateway,))
    (cause,) = judged(seen).causes
    assert cause.finding.name == "events.canary-wrong"
    assert [one.name for one in cause.consequences] == ["services.unwell"]


def test_events_that_wait_are_the_cause_of_a_wrong_canary() -> None:
    seen = with_rows(canary=[{"detail": "3.00, not 2.00"}], outbox=[{"events": 4, "oldest_s": 700.0}])
    assert names(seen) == ["events.outbox"]


def test_a_port_that_was_taken_is_why_the_system_does_not_run() -> None:
    seen = on_this_machine(contact=Contact.REFUSED)
    port = seen.services[-1].port
    processes = ProcessFacts(home=True, strangers={port: (9, "nginx")})
    away = DatabaseFacts(address="db:5432/analytics", refusal=Refusal.REFUSED, revisions=("0001",))
    (cause,) = judged(replace(seen, services=seen.services[-1:], processes=processes, database=away)).causes
    assert cause.finding.name == "instance.port-taken"
    assert "nginx" in cause.finding.what


def test_processes_that_could_not_be_looked_at_in_time_are_not_said_to_be_missing() -> None:
    seen = on_this_machine(contact=Contact.ANSWERS)
    unseen = replace(seen, processes=ProcessFacts(home=False), services=(), unfinished=("instance",))
    assert names(unseen) == ["doctor.unfinished"]


def test_names_are_used_once_and_say_their_area() -> None:
    listed = [check.name for check in CHECKS]
    assert len(set(listed)) == len(listed)
    assert all(name.count(".") == 1 for name in listed)


def test_every_text_of_a_check_ends_as_a_sentence_or_command() -> None:
    for check in CHECKS:
        assert check.why.endswith("."), check.name
        assert check.what.endswith((".", "}")), check.name
        assert check.fix, check.name
