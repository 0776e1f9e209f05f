"""Rules on what migrations make: the schema, the logins and their rights."""

from __future__ import annotations

from collections.abc import Iterator

from analytics_engine.adapters.postgres.looking import Refusal
from analytics_engine.doctor.findings import Check, Finding, Severity
from analytics_engine.doctor.looking.database import DatabaseFacts
from analytics_engine.doctor.seen import Seen

_ALL_ELSE = ("schema.*", "services.*", "events.*", "jobs.*", "rollups.*", "access.*")
_USERS = ("services.*", "events.*", "jobs.*", "rollups.*")

NOT_MIGRATED = Check(
    name="schema.not-migrated",
    severity=Severity.ERROR,
    what="The database at {address} is empty: no migration was applied.",
    why="No service can do anything.",
    fix="analytics-engine migrate",
    explains=_ALL_ELSE,
)
BEHIND = Check(
    name="schema.behind",
    severity=Severity.ERROR,
    what="The schema is at {revision}, and this version needs {needed} ({missing} migration(s) are missing).",
    why="Services fail where they use what is not there yet.",
    fix="analytics-engine migrate",
    explains=_ALL_ELSE,
)
AHEAD = Check(
    name="schema.ahead",
    severity=Severity.ERROR,
    what="The schema is at {revision}, which this version does not know; it knows up to {needed}.",
    why="This program is older than the database: what it does may not fit the schema.",
    fix="Run the version that migrated the database, or a newer one; or restore the backup from before the upgrade.",
    explains=_ALL_ELSE,
)
NO_LOGIN = Check(
    name="schema.missing-login",
    severity=Severity.ERROR,
    what="The login {login} is not there.",
    why="Its service gets no connection.",
    fix='CREATE ROLE "{login}" LOGIN NOINHERIT; then restore its rights from a backup of the roles '
    "(pg_dumpall --roles-only) and run: analytics-engine migrate",
    explains=_USERS,
)
MAY_NOT_LOG_IN = Check(
    name="schema.login-closed",
    severity=Severity.ERROR,
    what="The login {login} may not log in.",
    why="Its service gets no connection.",
    fix='ALTER ROLE "{login}" LOGIN;',
    explains=("schema.login-refused", *_USERS),
)
EXPIRED = Check(
    name="schema.login-expired",
    severity=Severity.ERROR,
    what="The password of the login {login} has expired.",
    why="Its service gets no new connection.",
    fix="ALTER ROLE \"{login}\" VALID UNTIL 'infinity';",
    explains=("schema.login-refused", *_USERS),
)
LIMITED = Check(
    name="schema.login-limited",
    severity=Severity.ERROR,
    what="The login {login} is limited to {limit} connections, and its service may open {wanted}.",
    why="The service is refused connections under load.",
    fix='ALTER ROLE "{login}" CONNECTION LIMIT -1;',
    explains=("schema.login-refused", *_USERS),
)
LOGIN_REFUSED = Check(
    name="schema.login-refused",
    severity=Severity.ERROR,
    what="The database refuses the password of {login} that is in {file}.",
    why="Its service gets no new connection.",
    fix="analytics-engine migrate",
    explains=_USERS,
)
TOO_MIGHTY = Check(
    name="schema.login-too-mighty",
    severity=Severity.ERROR,
    what="The login {login} is a superuser, or bypasses row-level security.",
    why="Its service could read rows of every client.",
    fix='ALTER ROLE "{login}" NOSUPERUSER NOBYPASSRLS;',
)
NO_GRANT = Check(
    name="schema.missing-grant",
    severity=Severity.ERROR,
    what="{login} may not {privileges} on {relation}, which its service needs.",
    why="What needs it fails.",
    fix='GRANT {privileges} ON {kind}{relation} TO "{login}";',
    explains=_USERS,
)
NO_PARTITION = Check(
    name="schema.missing-partition",
    severity=Severity.ERROR,
    what="kpi.kpi_data has no partition for {month}.",
    why="Values of KPIs of that month cannot be kept.",
    fix="Restart database_service, which makes it: kill {pid}",
)
NO_TABLE = Check(
    name="schema.missing-table",
    severity=Severity.ERROR,
    what="The table of the object model {model} is not there.",
    why="Nothing can be loaded into it, and KPIs on it fail.",
    fix="Restore it from a backup; if it never had rows: DELETE FROM ingest.tables WHERE object_model = '{model}'; and "
    "restart database_service, which makes it",
    explains=("rollups.*",),
)

CHECKS = (
    NOT_MIGRATED,
    AHEAD,
    BEHIND,
    NO_LOGIN,
    MAY_NOT_LOG_IN,
    EXPIRED,
    LIMITED,
    LOGIN_REFUSED,
    TOO_MIGHTY,
    NO_GRANT,
    NO_TABLE,
    NO_PARTITION,
)


def judge(seen: Seen) -> Iterator[Finding]:
    """Yield what is not as the migrations make it."""
    database = seen.database
    if database is None or database.refusal is not None:
        return
    yield from _of_revision(database)
    if database.revision:
        yield from _of_logins(seen, database)
        yield from _of_objects(seen, database)


def _of_revision(database: DatabaseFacts) -> Iterator[Finding]:
    known, present = database.revisions, database.revision
    if not present:
        yield NOT_MIGRATED.found(address=database.address)
    elif present not in known:
        yield AHEAD.found(revision=present, needed=known[-1])
    elif present != known[-1]:
        missing = len(known) - 1 - known.index(present)
        yield BEHIND.found(revision=present, needed=known[-1], missing=missing)


def _of_logins(seen: Seen, database: DatabaseFacts) -> Iterator[Finding]:
    assert seen.settings is not None
    roles = seen.settings.ae_role_secrets_dir or seen.settings.ae_home / "secrets" / "roles"
    for row in database.rows.get("logins", ()):
        login = row["login"]
        refused = database.refused_logins.get(login)
        if not row["present"]:
            yield NO_LOGIN.found(login=login)
            continue
        if not row["can_login"]:
            yield MAY_NOT_LOG_IN.found(login=login)
        if row["expired"]:
            yield EXPIRED.found(login=login)
        if row["connection_limit"] is not None and row["connection_limit"] < _wanted(seen, login):
            yield LIMITED.found(login=login, limit=row["connection_limit"], wanted=_wanted(seen, login))
        if refused is not None and refused.refusal in {Refusal.PASSWORD, Refusal.LOGIN}:
            yield LOGIN_REFUSED.found(login=login, file=str(roles / f"{login.removeprefix('ae_')}.password"))
        if row["too_mighty"]:
            yield TOO_MIGHTY.found(login=login)


def _wanted(seen: Seen, login: str) -> int:
    from analytics_engine.bootstrap.connection_budget import connection_shares

    assert seen.settings is not None
    return next(share.connections for share in connection_shares(seen.settings) if share.login == login)


def _of_objects(seen: Seen, database: DatabaseFacts) -> Iterator[Finding]:
    for row in database.rows.get("missing_grants", ()):
        kind = "" if "." in row["relation"] else "SCHEMA "
        yield NO_GRANT.found(**row, kind=kind)
    for row in database.rows.get("object_tables", ()):
        yield NO_TABLE.found(model=row["object_model"])
    keeper = seen.processes.programs.get("database_service")
    for row in database.rows.get("missing_partitions", ()):
        yield NO_PARTITION.found(month=row["month"], pid=keeper.pid if keeper else "its process")
