"""Rules on the database server: whether one gets in, and how it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from analytics_engine.adapters.postgres.looking import Refusal
from analytics_engine.bootstrap.connection_budget import connection_shares
from analytics_engine.doctor.findings import Check, Finding, Severity
from analytics_engine.doctor.looking.database import DatabaseFacts
from analytics_engine.doctor.seen import Seen

_CRASHES = 2
_OLDEST_VERSION = 150_000
_SKEW_S = 5.0
_NEARLY_ALL = 0.9
_WRAPAROUND = 1_000_000_000
_ALL_ELSE = ("database.*", "services.*", "events.*", "jobs.*", "rollups.*", "access.*")
_USERS = ("services.*", "events.*", "jobs.*", "rollups.*")
_FATAL = re.compile(r"(?:FATAL|PANIC):\s+(.+)")

SUSPENDED = Check(
    name="database.suspended",
    severity=Severity.ERROR,
    what="PostgreSQL (process {pid}) is suspended.",
    why="Nobody gets a connection.",
    fix="kill -CONT {pid}",
    explains=_ALL_ELSE,
)
CRASHES = Check(
    name="database.crashes",
    severity=Severity.ERROR,
    what="PostgreSQL does not stay up ({end}, {times} times in a row). It says: {words}",
    why="All services are unhealthy until it does.",
    fix="Mend what it says: settings of your own are in {custom}; the supervisor starts it again by itself.",
    explains=_ALL_ELSE,
)
UNKNOWN_HOST = Check(
    name="database.unknown-host",
    severity=Severity.ERROR,
    what="DATABASE_URL names a host that this machine does not know ({address}).",
    why="All services are unhealthy.",
    fix="Correct the host in DATABASE_URL, or its entry in DNS or /etc/hosts.",
    explains=_ALL_ELSE,
)
REFUSED = Check(
    name="database.refused",
    severity=Severity.ERROR,
    what="Nothing listens at {address}, where the database should be.",
    why="All services are unhealthy.",
    fix="Start PostgreSQL there, or correct DATABASE_URL.",
    explains=_ALL_ELSE,
)
SILENT = Check(
    name="database.silent",
    severity=Severity.ERROR,
    what="What listens at {address} takes connections and does not answer as a database does.",
    why="All services are unhealthy.",
    fix="See whether PostgreSQL at {address} is overloaded or suspended, whether a firewall drops the packets, and "
    "whether DATABASE_URL names the right port.",
    explains=_ALL_ELSE,
)
PASSWORD = Check(
    name="database.password",
    severity=Severity.ERROR,
    what="The database at {address} refuses the owner {user}: {detail}.",
    why="Migrations and the doctor cannot get in; services with logins of their own may.",
    fix="Correct the password in {source}, or give the role that one as a superuser: "
    'ALTER ROLE "{user}" PASSWORD ...; or allow the login in pg_hba.conf',
    explains=("database.*", "files.*"),
)
NO_DATABASE = Check(
    name="database.missing",
    severity=Severity.ERROR,
    what="The server is there, and has no database of that name ({address}).",
    why="All services are unhealthy.",
    fix="createdb {name}, then: analytics-engine migrate; or correct DATABASE_URL; or restore a backup",
    explains=_ALL_ELSE,
)
NO_CONNECTION_LEFT = Check(
    name="database.no-connection-left",
    severity=Severity.ERROR,
    what="The database at {address} has no connection left.",
    why="Services wait for connections and give up.",
    fix="End sessions nobody needs (SELECT pid, usename, application_name FROM pg_stat_activity), or raise "
    "max_connections and restart PostgreSQL.",
    explains=_ALL_ELSE,
)
STARTING = Check(
    name="database.starting",
    severity=Severity.WARNING,
    what="The database at {address} is starting, stopping or recovering: {detail}.",
    why="All services are unhealthy until it is through; they connect again by themselves.",
    fix="Wait; its log tells how far the recovery is.",
    explains=_ALL_ELSE,
)
UNUSABLE = Check(
    name="database.unusable",
    severity=Severity.ERROR,
    what="The database at {address} cannot be used: {detail}.",
    why="All services are unhealthy.",
    fix="Mend what it says, or correct DATABASE_URL.",
    explains=_ALL_ELSE,
)
OLD = Check(
    name="database.too-old",
    severity=Severity.ERROR,
    what="The server at {address} is PostgreSQL {version}; 15 or newer is needed.",
    why="Migrations use what it does not have.",
    fix="Upgrade the server (pg_upgrade), then: analytics-engine migrate",
    explains=("database.not-migrated", "database.schema-behind"),
)
STANDBY = Check(
    name="database.standby",
    severity=Severity.ERROR,
    what="The database at {address} is a standby, and takes no changes.",
    why="Nothing can be loaded, defined or signed in to.",
    fix="Point DATABASE_URL to the primary; or, if this is to be the primary now: SELECT pg_promote();",
    explains=_USERS,
)
READ_ONLY = Check(
    name="database.read-only",
    severity=Severity.ERROR,
    what="The database has default_transaction_read_only = on.",
    why="Nothing can be loaded, defined or signed in to.",
    fix='SET default_transaction_read_only = off; ALTER DATABASE "{name}" RESET default_transaction_read_only; '
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND "
    "pid <> pg_backend_pid();",
    explains=_USERS,
)
NOT_DURABLE = Check(
    name="database.not-durable",
    severity=Severity.ERROR,
    what="The server has {setting} = off.",
    why="A crash of the machine destroys the database.",
    fix="ALTER SYSTEM RESET {setting}; SELECT pg_reload_conf();",
)
NO_AUTOVACUUM = Check(
    name="database.no-autovacuum",
    severity=Severity.ERROR,
    what="The server has {setting} = off.",
    why="Tables grow without end, plans get bad, and in the end the server stops to prevent wraparound.",
    fix="ALTER SYSTEM RESET {setting}; SELECT pg_reload_conf();",
    explains=("database.stale-statistics",),
)
CHECKSUMS = Check(
    name="database.damaged",
    severity=Severity.ERROR,
    what="The server found {failures} damaged pages in the database {name}.",
    why="Its disk or memory is failing; rows of these pages cannot be read.",
    fix="Stop, restore the last backup on another disk, and replace this one.",
)
WRAPAROUND = Check(
    name="database.wraparound",
    severity=Severity.ERROR,
    what="The oldest row of the database is {age} transactions old; at 2,100,000,000 the server stops.",
    why="Vacuum does not get through, mostly because of a transaction or a replication slot that is left open.",
    fix="End old transactions and drop replication slots nobody uses, then: VACUUM (FREEZE);",
)
CLOCK = Check(
    name="database.clock",
    severity=Severity.ERROR,
    what="The clock of the database's machine is {skew_s} s {direction} that of this one.",
    why="Tokens of services are refused, periods end at the wrong time, alerts and schedules are early or late.",
    fix="Let both machines keep time by NTP: timedatectl set-ntp true; see it with: timedatectl timesync-status",
    explains=("services.secret-differs", "services.unwell", "jobs.*", "events.*"),
)
COLLATION = Check(
    name="database.collation",
    severity=Severity.ERROR,
    what="The database's collation was version {recorded} when its indexes were built, and is {actual} now.",
    why="Indexes on text may miss rows and let doubles in.",
    fix='REINDEX DATABASE "{name}"; ALTER DATABASE "{name}" REFRESH COLLATION VERSION;',
)
CONNECTION_LIMIT = Check(
    name="database.connection-limit",
    severity=Severity.ERROR,
    what="The database is limited to {limit} connections, and the services may open {wanted}.",
    why="Services are refused connections under load.",
    fix='ALTER DATABASE "{name}" CONNECTION LIMIT -1;',
    explains=("services.*",),
)
BUDGET = Check(
    name="database.connection-budget",
    severity=Severity.ERROR,
    what="The services may open {wanted} connections (with {others} kept for others), and the server admits {admits}.",
    why="Services are refused connections under load.",
    fix="ALTER SYSTEM SET max_connections = {better}; then restart PostgreSQL; or lower AE_DATABASE_POOL_SIZE",
    explains=("database.connections-used",),
)
CONNECTIONS_USED = Check(
    name="database.connections-used",
    severity=Severity.WARNING,
    what="{used} of {admits} connections of the server are in use.",
    why="Services are refused connections when all are.",
    fix="See who has them: SELECT usename, application_name, count(*) FROM pg_stat_activity GROUP BY 1, 2 ORDER BY 3 "
    "DESC; end what nobody needs, or raise max_connections.",
)
BLOCKED = Check(
    name="database.blocked",
    severity=Severity.ERROR,
    what="{waiting} session(s) have waited for up to {waited_s:.0f} s for a lock of process {pid} ({login}, "
    "{application}), which is {state}.",
    why="What needs the lock stands still, and fails after AE_LOCK_TIMEOUT_S.",
    fix="SELECT pg_terminate_backend({pid});",
    explains=(
        "database.idle-transaction",
        "database.long-transaction",
        "services.*",
        "events.*",
        "jobs.*",
        "rollups.*",
    ),
)
IDLE_TRANSACTION = Check(
    name="database.idle-transaction",
    severity=Severity.WARNING,
    what="Process {pid} ({login}, {application}) has an open transaction and has done nothing for {idle_s:.0f} s.",
    why="It keeps its locks, dead rows stay, and events that came after it are not sent.",
    fix="SELECT pg_terminate_backend({pid});",
    explains=("events.outbox",),
)
LONG_TRANSACTION = Check(
    name="database.long-transaction",
    severity=Severity.WARNING,
    what="Process {pid} ({login}, {application}) has had a transaction open for {transaction_s:.0f} s.",
    why="Dead rows stay as long, and events that came after it are not sent.",
    fix="See what it does in /activity of database_service; SELECT pg_cancel_backend({pid}); stops its statement.",
    explains=("events.outbox",),
)
SLOT = Check(
    name="database.unused-slot",
    severity=Severity.WARNING,
    what="Nobody reads the replication slot {slot}, which keeps {retained_mib} MiB of write-ahead log.",
    why="The log grows until the disk is full.",
    fix="Start its reader; if there is none any more: SELECT pg_drop_replication_slot('{slot}');",
)
ARCHIVER = Check(
    name="database.archiving-fails",
    severity=Severity.ERROR,
    what="Write-ahead log could not be archived, {failed} times; the last file was {file}.",
    why="There is no way back to the present moment, and the log grows until the disk is full.",
    fix="Run the archive_command by hand as the server's user, for the file named; the server's log has its words.",
)
INVALID_INDEX = Check(
    name="database.invalid-index",
    severity=Severity.WARNING,
    what="The index {index} is invalid: it was not built to its end.",
    why="It costs at each write and helps no question; where it is unique, doubles get in.",
    fix="REINDEX INDEX CONCURRENTLY {index};",
)
STALE_STATISTICS = Check(
    name="database.stale-statistics",
    severity=Severity.WARNING,
    what="Autovacuum is off for {table}, and {changed} of its {rows} rows changed since its statistics were made.",
    why="Plans are made for a table that is not like that any more; answers get slow.",
    fix="ALTER TABLE {table} RESET (autovacuum_enabled); ANALYZE {table};",
)
NOT_COUNTED = Check(
    name="database.statements-not-counted",
    severity=Severity.WARNING,
    what="The extension pg_stat_statements is {lacking}.",
    why="Slow statements cannot be found, and no indexes are advised.",
    fix="{mend}",
)

CHECKS = (
    SUSPENDED,
    CRASHES,
    UNKNOWN_HOST,
    REFUSED,
    NO_DATABASE,
    NO_CONNECTION_LEFT,
    STARTING,
    PASSWORD,
    SILENT,
    UNUSABLE,
    OLD,
    STANDBY,
    READ_ONLY,
    CLOCK,
    NOT_DURABLE,
    CHECKSUMS,
    COLLATION,
    WRAPAROUND,
    NO_AUTOVACUUM,
    ARCHIVER,
    CONNECTION_LIMIT,
    BUDGET,
    BLOCKED,
    CONNECTIONS_USED,
    IDLE_TRANSACTION,
    LONG_TRANSACTION,
    SLOT,
    INVALID_INDEX,
    STALE_STATISTICS,
    NOT_COUNTED,
)
_REFUSALS = {
    Refusal.UNKNOWN_HOST: UNKNOWN_HOST,
    Refusal.REFUSED: REFUSED,
    Refusal.SILENT: SILENT,
    Refusal.PASSWORD: PASSWORD,
    Refusal.LOGIN: PASSWORD,
    Refusal.NO_DATABASE: NO_DATABASE,
    Refusal.FULL: NO_CONNECTION_LEFT,
    Refusal.STARTING: STARTING,
}


def judge(seen: Seen) -> Iterator[Finding]:
    """Yield what is wrong with the server."""
    if seen.embedded_database:
        yield from _of_process(seen)
    database, settings = seen.database, seen.settings
    if database is None or settings is None or settings.database_url is None:
        return
    parts = urlsplit(settings.database_url.get_secret_value())
    name = parts.path.lstrip("/")
    if database.refusal is not None:
        source = f"{settings.ae_home}/secrets/postgres.password" if seen.embedded_database else "DATABASE_URL"
        yield _REFUSALS.get(database.refusal, UNUSABLE).found(
            address=database.address,
            detail=database.detail.rstrip("."),
            user=parts.username or "",
            name=name,
            source=source,
        )
        return
    yield from _of_server(database, name)
    yield from _of_connections(seen, database, name)
    yield from _of_sessions(database)
    yield from _of_upkeep(database, name)


def _of_process(seen: Seen) -> Iterator[Finding]:
    program = seen.processes.programs.get("postgres")
    if program is None or seen.settings is None or seen.processes.supervisor is None:
        return
    if program.stopped:
        yield SUSPENDED.found(pid=program.pid)
    death = seen.processes.deaths.get("postgres")
    if program.pid is None and death and death.in_a_row >= _CRASHES:
        words = _FATAL.findall(program.last_words)
        custom = seen.settings.ae_home / "servers" / "postgres" / "data" / "custom.conf"
        yield CRASHES.found(end=death.end, times=death.in_a_row, words=words[-1] if words else "", custom=str(custom))


def _of_server(database: DatabaseFacts, name: str) -> Iterator[Finding]:
    server = database.server
    if server["version_num"] < _OLDEST_VERSION:
        yield OLD.found(address=database.address, version=server["version"])
    if server["in_recovery"]:
        yield STANDBY.found(address=database.address)
    elif server["read_only_setting"].rpartition("=")[2] in {"on", "true", "1", "yes"}:
        yield READ_ONLY.found(name=name)
    for setting in ("fsync", "full_page_writes"):
        if server[setting] == "off":
            yield NOT_DURABLE.found(setting=setting)
    for setting in ("autovacuum", "track_counts"):
        if server[setting] == "off":
            yield NO_AUTOVACUUM.found(setting=setting)
    yield from _of_state(database, name)


def _of_state(database: DatabaseFacts, name: str) -> Iterator[Finding]:
    server = database.server
    if abs(database.clock_ahead_s) > _SKEW_S:
        direction = "ahead of" if database.clock_ahead_s > 0 else "behind"
        yield CLOCK.found(skew_s=round(abs(database.clock_ahead_s)), direction=direction)
    if server["xid_age"] > _WRAPAROUND:
        yield WRAPAROUND.found(age=f"{server['xid_age']:,}")
    for row in database.rows.get("collation", ()):
        yield COLLATION.found(recorded=row["recorded"], actual=row["actual"], name=name)
    for row in database.rows.get("checksum_failures", ()):
        yield CHECKSUMS.found(failures=row["checksum_failures"], name=row["database"])


def _of_connections(seen: Seen, database: DatabaseFacts, name: str) -> Iterator[Finding]:
    assert seen.settings is not None
    server = database.server
    others = seen.settings.ae_database_other_connections
    wanted = sum(share.connections for share in connection_shares(seen.settings)) + others
    admits = server["max_connections"] - server["reserved_connections"]
    if server["database_limit"] is not None and server["database_limit"] < wanted:
        yield CONNECTION_LIMIT.found(limit=server["database_limit"], wanted=wanted, name=name)
    if admits < wanted:
        better = wanted + server["reserved_connections"]
        yield BUDGET.found(wanted=wanted, others=others, admits=admits, better=better)
    if server["sessions"] > admits * _NEARLY_ALL:
        yield CONNECTIONS_USED.found(used=server["sessions"], admits=admits)


def _of_sessions(database: DatabaseFacts) -> Iterator[Finding]:
    for row in database.rows.get("blockers", ()):
        yield BLOCKED.found(**row)
    for row in database.rows.get("long_transactions", ()):
        idle = (row["state"] or "").startswith("idle in transaction")
        yield (IDLE_TRANSACTION if idle else LONG_TRANSACTION).found(**row)


def _of_upkeep(database: DatabaseFacts, name: str) -> Iterator[Finding]:
    for row in database.rows.get("replication_slots", ()):
        yield SLOT.found(slot=row["slot_name"], retained_mib=row["retained_bytes"] // 2**20)
    for row in database.rows.get("archiver", ()):
        yield ARCHIVER.found(failed=row["failed_count"], file=row["last_failed_wal"])
    for row in database.rows.get("invalid_indexes", ()):
        yield INVALID_INDEX.found(index=row["name"])
    for row in database.rows.get("stale_statistics", ()):
        yield STALE_STATISTICS.found(table=row["name"], rows=row["rows"], changed=row["changed"])
    if not database.server["statements_preloaded"]:
        yield NOT_COUNTED.found(
            lacking="not loaded",
            mend="ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'; then restart PostgreSQL",
        )
    elif not database.server["statements_installed"]:
        yield NOT_COUNTED.found(
            lacking=f"not in the database {name}", mend="CREATE EXTENSION pg_stat_statements SCHEMA public;"
        )
