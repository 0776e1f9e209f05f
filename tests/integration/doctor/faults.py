"""Faults that are really there: each makes the product ill, and mends it when it is left."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

import pytest

from analytics_engine.contracts.services import PORTS, Service
from analytics_engine.kernel.ports.events import Event
from integration.doctor.patient import (
    Mend,
    Patient,
    answering,
    black_hole,
    by_first_statement,
    by_last_command,
    by_last_statement,
    by_redis,
    by_shell,
    by_sql,
)
from support.certificates import server_context
from support.waiting import eventually

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Fault:
    """What is broken, what the doctor is to say of it first, and how its fix is carried out; None: by the test."""

    seed: Callable[[Patient], AbstractAsyncContextManager[None]]
    check: str
    says: str
    mend: Mend | None


FAULTS: list[Fault] = []


def fault(
    check: str, says: str, mend: Mend | None = None
) -> Callable[[Callable[[Patient], AsyncIterator[None]]], Callable[[Patient], AsyncIterator[None]]]:
    """Register a fault: the check that is to name it, and a piece of the fix that it is to say."""

    def register(seed: Callable[[Patient], AsyncIterator[None]]) -> Callable[[Patient], AsyncIterator[None]]:
        FAULTS.append(Fault(asynccontextmanager(seed), check, says, mend))
        return seed

    return register


def given(check: str, says: str, **environment: str) -> None:
    """Register the fault of a wrong environment."""

    async def seed(patient: Patient) -> AsyncIterator[None]:
        patient.extra |= environment
        yield
        patient.extra.clear()

    seed.__name__ = "_and_".join(f"{name.lower()}_given_wrong" for name in environment)
    fault(check, says)(seed)


def said(check: str, says: str, *, wrong: str, right: str, mend: Mend | None = by_sql) -> None:
    """Register the fault that a statement makes; the fix is run by `mend`, and ``right`` in case it was not enough."""

    async def seed(patient: Patient) -> AsyncIterator[None]:
        run = patient.in_redis if mend is by_redis else patient.sql
        await run(wrong)
        yield
        await run(right)

    seed.__name__ = "".join(letter if letter.isalnum() else "_" for letter in wrong.lower())[:60]
    fault(check, says, mend)(seed)


# --- settings ----------------------------------------------------------------------------------------------------

given("settings.invalid", "AE_DATABASE_POOL_SIZE", AE_DATABASE_POOL_SIZE="many")
given("settings.invalid", "SECRET_KEY", ENVIRONMENT="production", SECRET_KEY="short")
given("backups.unreadable", "AE_BACKUP_KEY_FILE", AE_BACKUP_URL="file:///nonexistent/backups")
given("settings.misspelt", "AE_DATABASE_POOL_SIZE", AE_DATABSE_POOL_SIZE="4")
given("settings.short-api-key", "API_KEY=", API_KEY="letmein")
given("settings.known-admin-password", "reset-password", AE_ADMIN_PASSWORD="changeme")
given("settings.no-catalog", "AE_CATALOG_DIR", AE_CATALOG_DIR="/nowhere/at/all")
given("files.no-archive", "mkdir -p /nowhere/archive", AE_ARCHIVE_URL="file:///nowhere/archive")
given("database.connection-budget", "max_connections = ", AE_DATABASE_POOL_SIZE="60")
given("services.secret-differs", "unset SECRET_KEY", SECRET_KEY="another-key-of-more-than-32-characters")


@fault("settings.bad-line", "Write line 2")
async def a_line_of_the_settings_file_is_no_setting(patient: Patient) -> AsyncIterator[None]:
    file = patient.system.folder / ".env"
    file.write_text("LOG_LEVEL=INFO\nAE_DATABASE_POOL_SIZE 8\n")
    yield
    file.unlink()


@fault("settings.unreadable", "not text in UTF-8")
async def the_settings_file_is_no_text(patient: Patient) -> AsyncIterator[None]:
    file = patient.system.folder / ".env"
    file.write_bytes(b"LOG_LEVEL=\xff\xfe\n")
    yield
    file.unlink()


@fault("settings.doubled", "Keep one line LOG_LEVEL=")
async def a_setting_stands_twice(patient: Patient) -> AsyncIterator[None]:
    file = patient.system.folder / ".env"
    file.write_text("LOG_LEVEL=INFO\nLOG_LEVEL=DEBUG\n")
    yield
    file.unlink()


@fault("settings.same-place", "MESSAGING_SERVICE_URL=")
async def two_services_have_one_address(patient: Patient) -> AsyncIterator[None]:
    patient.extra["MESSAGING_SERVICE_URL"] = patient.url(Service.DATABASE)
    yield
    patient.extra.clear()


@fault("instance.other-ports", "AE_PORT_OFFSET=")
async def the_ports_are_looked_for_elsewhere(patient: Patient) -> AsyncIterator[None]:
    patient.extra["AE_PORT_OFFSET"] = str(patient.system.offset + 7)
    yield
    patient.extra.clear()


@fault("instance.never-started", "analytics-engine up")
async def the_home_is_another_folder(patient: Patient) -> AsyncIterator[None]:
    patient.extra |= {"AE_HOME": str(patient.system.folder / "another"), "AE_PORT_OFFSET": "49000"}
    yield
    patient.extra.clear()


# --- files and the machine ---------------------------------------------------------------------------------------


@fault("files.open-secret", "chmod 600 ", by_shell)
async def a_secret_is_open_to_others(patient: Patient) -> AsyncIterator[None]:
    (patient.home / "secrets" / "secret_key").chmod(0o644)
    yield


@fault("files.open-secret", "chmod 700 ", by_shell)
async def the_folder_of_secrets_is_open_to_others(patient: Patient) -> AsyncIterator[None]:
    (patient.home / "secrets").chmod(0o755)
    yield


@fault("files.empty-secret", "Restore ")
async def a_secret_is_empty(patient: Patient) -> AsyncIterator[None]:
    file = patient.home / "secrets" / "roles" / "connector_service.password"
    text = file.read_text()
    file.write_text("")
    yield
    file.write_text(text)


@fault("files.missing-secret", "secret_key from a backup")
async def a_secret_is_gone(patient: Patient) -> AsyncIterator[None]:
    file = patient.home / "secrets" / "secret_key"
    file.rename(file.with_name("elsewhere"))
    yield
    file.with_name("elsewhere").rename(file)


@contextmanager
def small_disk(patient: Patient, options: str) -> Iterator[Path]:
    """Mount a small disk for the archive."""
    folder = patient.system.folder / "disk"
    folder.mkdir(exist_ok=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("full disks (only root may mount one)")
    patient.extra["AE_ARCHIVE_URL"] = folder.as_uri()
    try:
        yield folder
    finally:
        patient.extra.clear()
        subprocess.run(["umount", "-l", str(folder)], check=True)


@fault("machine.disk-full", "Free space on the disk of ")
async def a_disk_is_full(patient: Patient) -> AsyncIterator[None]:
    with small_disk(patient, "size=4m") as folder:
        (folder / "rows").write_bytes(b"0" * (4 * 2**20 - 8192))
        yield


@fault("machine.disk-low", "forecasts how long")
async def a_disk_is_nearly_full(patient: Patient) -> AsyncIterator[None]:
    with small_disk(patient, "size=4m") as folder:
        (folder / "rows").write_bytes(b"0" * (4 * 2**20 - 262_144))
        yield


@fault("machine.no-inodes", "du --inodes")
async def a_disk_has_no_inodes(patient: Patient) -> AsyncIterator[None]:
    with small_disk(patient, "size=4m,nr_inodes=60") as folder:
        for number in range(59):
            (folder / str(number)).touch()
        yield


@fault("machine.few-files", "ulimit -n 65536")
async def few_files_may_be_open(patient: Patient) -> AsyncIterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (1000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


# --- the database server -----------------------------------------------------------------------------------------


def elsewhere(check: str, says: str, change: Callable[[str], str]) -> None:
    """Register the fault of a DATABASE_URL that leads somewhere else."""

    async def seed(patient: Patient) -> AsyncIterator[None]:
        patient.extra["DATABASE_URL"] = change(patient.system.owner_url)
        yield
        patient.extra.clear()

    seed.__name__ = f"the_database_is_looked_for_elsewhere_{check.partition('.')[2]}"
    fault(check, says)(seed)


elsewhere("database.unknown-host", "Correct the host", lambda url: url.replace("127.0.0.1", "no-such-host.invalid"))
elsewhere(
    "database.refused", "correct DATABASE_URL", lambda _: "postgresql://owner:a-long-password@127.0.0.1:1/nothing"
)
elsewhere("database.password", "in DATABASE_URL", lambda url: url.replace(":", ":x", 2).replace(":x//", "://"))
elsewhere("database.missing", "createdb nowhere", lambda url: url.rpartition("/")[0] + "/nowhere")
elsewhere("schema.not-migrated", "analytics-engine migrate", lambda url: url.rpartition("/")[0] + "/postgres")


@fault("database.silent", "firewall")
async def the_database_is_a_black_hole(patient: Patient) -> AsyncIterator[None]:
    with black_hole() as port:
        patient.extra["DATABASE_URL"] = f"postgresql://owner:password@127.0.0.1:{port}/nothing"
        yield
    patient.extra.clear()


@fault("database.suspended", "kill -CONT", by_shell)
async def the_database_is_suspended(patient: Patient) -> AsyncIterator[None]:
    with patient.suspended(patient.pid("postgres")):
        yield


@fault("database.crashes", "custom.conf")
async def the_database_does_not_start_with_its_settings(patient: Patient) -> AsyncIterator[None]:
    custom = patient.home / "servers" / "postgres" / "data" / "custom.conf"
    custom.write_text("work_mem = 'nonsense'\n")
    os.kill(patient.pid("postgres"), signal.SIGKILL)

    async def crashes() -> bool:
        return any(cause.finding.name == "database.crashes" for cause in (await patient.diagnosis()).causes)

    await eventually(crashes, within_s=60)
    yield
    custom.unlink()


said(
    "database.read-only",
    "RESET default_transaction_read_only",
    wrong="ALTER DATABASE analytics_engine SET default_transaction_read_only = on",
    right="SET default_transaction_read_only = off; "
    "ALTER DATABASE analytics_engine RESET default_transaction_read_only",
)
said(
    "database.not-durable",
    "ALTER SYSTEM RESET fsync",
    wrong="ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf(); SELECT pg_sleep(0.3)",
    right="ALTER SYSTEM RESET fsync; SELECT pg_reload_conf()",
)
said(
    "database.no-autovacuum",
    "ALTER SYSTEM RESET autovacuum",
    wrong="ALTER SYSTEM SET autovacuum = off; SELECT pg_reload_conf(); SELECT pg_sleep(0.3)",
    right="ALTER SYSTEM RESET autovacuum; SELECT pg_reload_conf()",
)
said(
    "database.connection-limit",
    "CONNECTION LIMIT -1",
    wrong="ALTER DATABASE analytics_engine CONNECTION LIMIT 30",
    right="ALTER DATABASE analytics_engine CONNECTION LIMIT -1",
)
said(
    "database.unused-slot",
    "pg_drop_replication_slot('gone')",
    wrong="SELECT pg_create_physical_replication_slot('gone', true)",
    right="SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots",
    mend=by_last_statement,
)
said(
    "database.invalid-index",
    "REINDEX INDEX CONCURRENTLY public.half_done",
    wrong="CREATE TABLE public.seeded (a int); CREATE INDEX half_done ON public.seeded (a); "
    "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'public.half_done'::regclass",
    right="DROP TABLE public.seeded",
)
said(
    "database.stale-statistics",
    "ANALYZE public.unseen",
    wrong="CREATE TABLE public.unseen (a int) WITH (autovacuum_enabled = false); "
    "INSERT INTO public.unseen SELECT generate_series(1, 20000); UPDATE public.unseen SET a = a + 1; "
    "SELECT pg_stat_force_next_flush(); SELECT pg_sleep(0.2)",
    right="DROP TABLE public.unseen",
)
said(
    "database.statements-not-counted",
    "CREATE EXTENSION pg_stat_statements",
    wrong="DROP EXTENSION pg_stat_statements",
    right="CREATE EXTENSION IF NOT EXISTS pg_stat_statements SCHEMA public",
)


@fault("database.blocked", "pg_terminate_backend", by_sql)
async def a_transaction_is_idle_and_holds_a_lock(patient: Patient) -> AsyncIterator[None]:
    async with patient.owner() as holder, patient.owner() as waiting:
        await holder.execute("BEGIN")
        await holder.execute("LOCK TABLE access.api_keys IN ACCESS EXCLUSIVE MODE")
        asking = asyncio.ensure_future(waiting.execute("SELECT count(*) FROM access.api_keys"))
        await eventually(lambda: _waits(patient), within_s=20)
        yield
        await asking


async def _waits(patient: Patient) -> bool:
    async with patient.owner() as connection:
        return bool(
            await connection.fetchval(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND clock_timestamp() - waitstart > interval '2.5 s'"
            )
        )


# --- what migrations make ----------------------------------------------------------------------------------------

_ROLE = "ae_connector_service"
said("schema.login-closed", "LOGIN", wrong=f"ALTER ROLE {_ROLE} NOLOGIN", right=f"ALTER ROLE {_ROLE} LOGIN")
said(
    "schema.login-expired",
    "VALID UNTIL 'infinity'",
    wrong=f"ALTER ROLE {_ROLE} VALID UNTIL '2020-01-01'",
    right=f"ALTER ROLE {_ROLE} VALID UNTIL 'infinity'",
)
said(
    "schema.login-limited",
    "CONNECTION LIMIT -1",
    wrong=f"ALTER ROLE {_ROLE} CONNECTION LIMIT 1",
    right=f"ALTER ROLE {_ROLE} CONNECTION LIMIT -1",
)
said(
    "schema.login-too-mighty",
    "NOSUPERUSER NOBYPASSRLS",
    wrong=f"ALTER ROLE {_ROLE} BYPASSRLS",
    right=f"ALTER ROLE {_ROLE} NOBYPASSRLS",
)
said(
    "schema.missing-grant",
    "GRANT SELECT ON connect.connector_profiles",
    wrong=f"REVOKE SELECT ON connect.connector_profiles FROM {_ROLE}",
    right=f"GRANT SELECT ON connect.connector_profiles TO {_ROLE}",
)
said(
    "schema.missing-grant",
    "GRANT USAGE ON SCHEMA metadata",
    wrong="REVOKE USAGE ON SCHEMA metadata FROM ae_business_metadata",
    right="GRANT USAGE ON SCHEMA metadata TO ae_business_metadata",
)


@fault("schema.login-refused", "analytics-engine migrate", by_shell)
async def a_login_has_another_password(patient: Patient) -> AsyncIterator[None]:
    await patient.sql(f"ALTER ROLE {_ROLE} PASSWORD 'something-else'")
    yield


@fault("schema.behind", "analytics-engine migrate", by_shell)
async def the_schema_is_one_behind(patient: Patient) -> AsyncIterator[None]:
    """It is taken back by one migration, as alembic does it; the fix applies that one again."""
    environment = patient.system.environment() | {"DATABASE_URL": patient.system.owner_url}
    command = [patient.system.python, "-m", "alembic", "downgrade", "-1"]
    await asyncio.to_thread(
        subprocess.run, command, env=environment, cwd=ROOT, check=True, capture_output=True, timeout=120
    )
    yield


@fault("schema.ahead", "Run the version that migrated")
async def the_schema_is_one_ahead(patient: Patient) -> AsyncIterator[None]:
    async with _revision(patient, "9999"):
        yield


@asynccontextmanager
async def _revision(patient: Patient, revision: str) -> AsyncIterator[None]:
    async with patient.owner() as connection:
        before = await connection.fetchval("SELECT version_num FROM alembic_version")
        await connection.execute("UPDATE alembic_version SET version_num = $1", revision)
        yield
        await connection.execute("UPDATE alembic_version SET version_num = $1", before)


# --- redis -------------------------------------------------------------------------------------------------------

said(
    "redis.evicts",
    "CONFIG SET maxmemory-policy noeviction",
    wrong="CONFIG SET maxmemory-policy allkeys-lru",
    right="CONFIG SET maxmemory-policy noeviction",
    mend=by_redis,
)
said(
    "redis.not-durable",
    "CONFIG SET appendonly yes",
    wrong="CONFIG SET appendonly no",
    right="CONFIG SET appendonly yes",
    mend=by_redis,
)
said(
    "redis.full",
    "CONFIG SET maxmemory ",
    wrong="CONFIG SET maxmemory 1mb",
    right="CONFIG SET maxmemory 0",
    mend=by_redis,
)


@fault("redis.replica", "REPLICAOF NO ONE", by_last_command)
async def redis_follows_another_server(patient: Patient) -> AsyncIterator[None]:
    await patient.in_redis("REPLICAOF 127.0.0.1 1")
    yield
    await patient.in_redis("REPLICAOF NO ONE")


@fault("redis.password", "Correct the password")
async def redis_has_another_password(patient: Patient) -> AsyncIterator[None]:
    password = (patient.home / "secrets" / "valkey.password").read_text().strip()
    async with patient.redis() as client:
        await client.config_set("requirepass", "something-else")
        yield
        await client.config_set("requirepass", password)


@fault("redis.suspended", "kill -CONT", by_shell)
async def redis_is_suspended(patient: Patient) -> AsyncIterator[None]:
    with patient.suspended(patient.pid("valkey")):
        yield


given("redis.refused", "correct REDIS_URL", REDIS_URL="redis://:a-long-password@127.0.0.1:1/0")
given("redis.unknown-host", "Correct the host", REDIS_URL="redis://:a-long-password@no-such-host.invalid:6379/0")


@fault("redis.silent", "firewall")
async def redis_is_a_black_hole(patient: Patient) -> AsyncIterator[None]:
    with black_hole() as port:
        patient.extra["REDIS_URL"] = f"redis://127.0.0.1:{port}/0"
        yield
    patient.extra.clear()


@fault("redis.not-redis", "Correct the port in REDIS_URL")
async def redis_is_a_web_server(patient: Patient) -> AsyncIterator[None]:
    patient.extra["REDIS_URL"] = f"redis://127.0.0.1:{PORTS[Service.GATEWAY] + patient.system.offset}/0"
    yield
    patient.extra.clear()


# --- services ----------------------------------------------------------------------------------------------------


@fault("services.suspended", "kill -CONT", by_shell)
async def a_service_is_suspended(patient: Patient) -> AsyncIterator[None]:
    with patient.suspended(patient.pid("demo_config_service")):
        yield


@fault("services.task-stuck", "Restart connector_service")
async def a_task_of_a_service_hangs(patient: Patient) -> AsyncIterator[None]:
    stuck = {"status": "degraded", "detail": "jobs: it has given no sign of life for 600 s."}
    report = {
        "status": "degraded",
        "service": "connector_service",
        "version": version("analytics-engine"),
        "dependencies": {"database": {"status": "healthy", "detail": ""}, "workers": stuck},
    }
    async with answering(lambda _: json.dumps(report).encode()) as port:
        patient.extra["CONNECTOR_SERVICE_URL"] = f"http://127.0.0.1:{port}"
        yield
    patient.extra.clear()


def service_elsewhere(check: str, says: str, url: str) -> None:
    given(check, says, CONNECTOR_SERVICE_URL=url)


service_elsewhere("services.down", "correct CONNECTOR_SERVICE_URL", "http://127.0.0.1:1")
service_elsewhere("services.unknown-host", "Correct CONNECTOR_SERVICE_URL", "http://no-such-host.invalid:8023")


@fault("services.silent", "correct CONNECTOR_SERVICE_URL")
async def a_service_is_a_black_hole(patient: Patient) -> AsyncIterator[None]:
    with black_hole() as port:
        patient.extra["CONNECTOR_SERVICE_URL"] = f"http://127.0.0.1:{port}"
        yield
    patient.extra.clear()


@fault("services.other-program", "Correct CONNECTOR_SERVICE_URL")
async def a_service_is_another_program(patient: Patient) -> AsyncIterator[None]:
    async with answering(lambda _: b'{"status": "fine"}') as port:
        patient.extra["CONNECTOR_SERVICE_URL"] = f"http://127.0.0.1:{port}"
        yield
    patient.extra.clear()


@fault("services.mixed-versions", "Start the services of the older version again: connector_service")
async def a_service_is_of_an_older_version(patient: Patient) -> AsyncIterator[None]:
    report = {"status": "healthy", "service": "connector_service", "version": "0.0.9", "dependencies": {}}
    async with answering(lambda _: json.dumps(report).encode()) as port:
        patient.extra["CONNECTOR_SERVICE_URL"] = f"http://127.0.0.1:{port}"
        yield
    patient.extra.clear()


@fault("services.certificate-ended", "Renew it")
async def a_certificate_has_ended(patient: Patient) -> AsyncIterator[None]:
    context, _ = server_context(patient.system.folder, "localhost", valid_for=timedelta(hours=-1))
    async with answering(lambda _: b"{}", ssl=context) as port:
        patient.extra["CONNECTOR_SERVICE_URL"] = f"https://localhost:{port}"
        yield
    patient.extra.clear()


# --- what services do --------------------------------------------------------------------------------------------


@fault("events.relay-held", "pg_terminate_backend", by_sql)
async def a_session_holds_the_lock_of_the_relay(patient: Patient) -> AsyncIterator[None]:
    event = Event(id="seeded", type="nobody.listens", source="test", time=datetime.now(UTC), clientid="seeded", data={})
    async with patient.owner() as holder:
        await holder.execute("SELECT pg_advisory_lock(hashtextextended('messaging.relay', 0))")
        await holder.execute(
            "INSERT INTO messaging.outbox (event_id, type, client_id, subject, event, created_at) "
            "SELECT $1, $2, $3, '', $4, now() - interval '1 hour'",
            event.id,
            event.type,
            event.clientid,
            event.model_dump_json(),
        )
        yield
        await patient.sql("DELETE FROM messaging.outbox WHERE event_id = 'seeded'")


said(
    "events.canary-wrong",
    "look whether events are relayed",
    wrong="UPDATE operations.canary SET outcome = 'wrong', detail = '3.00 by its rows, 2.00 kept', started_at = now()",
    right="UPDATE operations.canary SET outcome = 'ok', detail = ''",
    mend=None,
)
said(
    "events.dead-letters",
    "replay",
    wrong="INSERT INTO messaging.dead_letters (consumer_group, event_id, type, client_id, reason, attempts, event) "
    "VALUES ('alerts', 'seeded', 'data.ingested', 'seeded', 'The table is gone.', 5, '{}')",
    right="DELETE FROM messaging.dead_letters WHERE event_id = 'seeded'",
    mend=None,
)


@fault("events.unread", "XGROUP DESTROY", by_last_command)
async def nobody_reads_for_a_group(patient: Patient) -> AsyncIterator[None]:
    async with patient.redis() as client:
        await client.xadd("ae:events:seeded", {"event": "{}"})
        await client.xgroup_create("ae:events:seeded", "forgotten", id="0")
        yield
        await client.delete("ae:events:seeded")


said(
    "events.subscription-off",
    "Have the receiver answer again",
    wrong="INSERT INTO messaging.subscriptions (id, client_id, url, types, filters, description, enabled, "
    "disabled_reason, secret, created_by) VALUES (gen_random_uuid(), 'seeded', 'https://example.com/hook', "
    "'{data.ingested}', '{}', '', false, 'It failed for five days.', 'sealed', 'test')",
    right="DELETE FROM messaging.subscriptions WHERE client_id = 'seeded'",
    mend=None,
)
said(
    "rollups.missing-triggers",
    "ALTER TABLE facts.flight ENABLE TRIGGER",
    wrong="ALTER TABLE facts.flight DISABLE TRIGGER ae_rollup_keep_1_insert",
    right="ALTER TABLE facts.flight ENABLE TRIGGER ae_rollup_keep_1_insert",
    mend=by_first_statement,
)


@fault("rollups.missing-triggers", "FLIGHTS")
async def a_trigger_of_a_rollup_is_gone(patient: Patient) -> AsyncIterator[None]:
    async with patient.owner() as connection:
        name = "ae_rollup_keep_1_delete"
        made = await connection.fetchval("SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = $1", name)
        await connection.execute(f"DROP TRIGGER {name} ON facts.flight")
        yield
        await connection.execute(made)


said(
    "jobs.overdue",
    "cancel it",
    wrong="INSERT INTO jobs.jobs (id, client_id, kind, params, subject, role, started_by, as_of, ready_at) VALUES "
    "(gen_random_uuid(), 'seeded', 'of-a-newer-version', '{}', 'test', 'operator', 'test', now(), "
    "now() - interval '1 hour')",
    right="DELETE FROM jobs.jobs WHERE client_id = 'seeded'",
    mend=None,
)
said(
    "access.nobody",
    "analytics-engine users create-admin",
    wrong="UPDATE access.users SET disabled = true",
    right="UPDATE access.users SET disabled = false",
    mend=None,
)
said(
    "access.audit-broken",
    "/api/v1/admin/audit/verification",
    wrong="ALTER TABLE audit.log DISABLE TRIGGER ALL; "
    "UPDATE audit.log SET actor = actor || '!' WHERE seq = (SELECT max(seq) FROM audit.log); "
    "ALTER TABLE audit.log ENABLE TRIGGER ALL",
    right="ALTER TABLE audit.log DISABLE TRIGGER ALL; "
    "UPDATE audit.log SET actor = rtrim(actor, '!') WHERE seq = (SELECT max(seq) FROM audit.log); "
    "ALTER TABLE audit.log ENABLE TRIGGER ALL",
    mend=None,
)
said(
    "files.missing-archived-rows",
    "Restore the files from a backup",
    wrong="INSERT INTO lifecycle.parts (client_id, object_model, starts, ends, name, columns, rows, size_bytes, "
    "digest) VALUES ('seeded', 'flight', '2020-01-01', '2020-02-01', 'seeded/flight.parquet', '[]', 1, 1, '\\x00')",
    right="DELETE FROM lifecycle.parts WHERE client_id = 'seeded'",
    mend=None,
)


@fault("instance.supervisor-suspended", "kill -CONT", by_shell)
async def the_supervisor_is_suspended(patient: Patient) -> AsyncIterator[None]:
    """Meanwhile a service dies. Its port is still open, as the supervisor holds it: who asks there waits in vain."""
    with patient.suspended(patient.system.up.pid):
        os.kill(patient.pid("connector_service"), signal.SIGKILL)
        await eventually(lambda: _is_gone(patient, "connector_service"), within_s=20)
        yield


async def _is_gone(patient: Patient, program: str) -> bool:
    return not patient.lives(program)


@fault("instance.not-running", "analytics-engine up")
async def the_system_does_not_run(patient: Patient) -> AsyncIterator[None]:
    assert await asyncio.to_thread(patient.system.stop) == 0
    yield
    await asyncio.to_thread(patient.system.start)


@fault("instance.port-taken", "--port-offset")
async def a_port_was_taken_while_the_system_did_not_run(patient: Patient) -> AsyncIterator[None]:
    assert await asyncio.to_thread(patient.system.stop) == 0
    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stranger.bind(("127.0.0.1", PORTS[Service.CONNECTOR] + patient.system.offset))
        stranger.listen()
        yield
    await asyncio.to_thread(patient.system.start)
