"""Rules on what the services do: events, rollups, jobs, alerts, and who may sign in."""

from __future__ import annotations

from collections.abc import Iterator

from analytics_engine.contracts.services import Service
from analytics_engine.doctor.findings import Check, Finding, Severity
from analytics_engine.doctor.looking.database import DatabaseFacts
from analytics_engine.doctor.seen import Seen

_STUCK_S = 30.0
_UNREAD_S = 60.0
_SILENT_S = 60.0

RELAY_HELD = Check(
    name="events.relay-held",
    severity=Severity.ERROR,
    what="{events} event(s) wait in the outbox, the oldest for {oldest_s:.0f} s, because process {pid} ({login}, "
    "{application}) holds the relay's lock.",
    why="What should follow from events does not: caches, rollups, alerts, webhooks.",
    fix="SELECT pg_terminate_backend({pid});",
    explains=("events.outbox", "events.canary-wrong"),
)
OUTBOX = Check(
    name="events.outbox",
    severity=Severity.ERROR,
    what="{events} event(s) wait in the outbox, the oldest for {oldest_s:.0f} s.",
    why="What should follow from events does not: caches, rollups, alerts, webhooks.",
    fix="See why the relay does not send: analytics-engine logs messaging_service --level warning",
    explains=("events.canary-wrong",),
)
CANARY = Check(
    name="events.canary-wrong",
    severity=Severity.ERROR,
    what="The canary loads rows whose numbers are known, and gets other ones back: {detail}",
    why="Answers to questions on real data may be wrong too.",
    fix="Compare its rollup with its rows, and look whether events are relayed: "
    "analytics-engine logs --all --since 15m --level warning",
    explains=("services.unwell",),
)
UNREAD = Check(
    name="events.unread",
    severity=Severity.WARNING,
    what="The group {group} has {waiting} unread event(s) of {stream}, and nobody reads for it.",
    why="What it should do on events is not done; if it is not used any more, events are kept for nobody.",
    fix="Start its service; if there is none any more: XGROUP DESTROY {stream} {group}",
)
DEAD_LETTERS = Check(
    name="events.dead-letters",
    severity=Severity.WARNING,
    what="The group {group} gave up on {events} event(s): {reason}",
    why="What should have followed from them did not.",
    fix="Mend the cause, then replay them: POST /api/v1/messages/dlq/{group}/replay (GET .../dlq lists them)",
)
SUBSCRIPTION_OFF = Check(
    name="events.subscription-off",
    severity=Severity.WARNING,
    what="The webhook to {url} of {client} was switched off: {reason}",
    why="Its receiver hears of nothing any more.",
    fix="Have the receiver answer again, then enable it: PATCH /api/v1/messages/subscriptions/{{id}}",
)
UNDELIVERED = Check(
    name="events.undelivered",
    severity=Severity.WARNING,
    what="{messages} message(s) to {target} ({purpose}) were not delivered in the last day. The last answer: {answer}",
    why="Somebody was not told.",
    fix="Correct the channel or its secret, then send them again from GET /api/v1/messages/notifications/deliveries",
)
TRIGGERS = Check(
    name="rollups.missing-triggers",
    severity=Severity.ERROR,
    what="Triggers ({events}) that keep the rollup {code} are {state} on facts.{model}.",
    why="What is written meanwhile is missing from the rollup: answers from it are wrong.",
    fix="{mend}, then: POST /api/v1/admin/database/rollups/{code}/rebuild",
    explains=("rollups.marked", "events.canary-wrong"),
)
MARKED = Check(
    name="rollups.marked",
    severity=Severity.WARNING,
    what="{marks} piece(s) of the rollup {code} have waited for up to {oldest_s:.0f} s to be rebuilt.",
    why="Questions on them read the rows, which takes longer.",
    fix="See what keeps database_service from it: analytics-engine logs database_service --level warning",
)
BUILDING = Check(
    name="rollups.building",
    severity=Severity.WARNING,
    what="The rollup {code} has been built for {since_s:.0f} s.",
    why="It is not used before it is whole.",
    fix="See what keeps database_service from it: analytics-engine logs database_service --level warning",
)
NO_WORKER = Check(
    name="jobs.no-worker",
    severity=Severity.ERROR,
    what="No process runs jobs: {heard}.",
    why="Jobs wait, schedules and alerts are not looked at.",
    fix="Start calculation_engine_service again, or see why not: analytics-engine logs calculation_engine_service",
    explains=("jobs.*",),
)
OVERDUE = Check(
    name="jobs.overdue",
    severity=Severity.WARNING,
    what="{overdue} job(s) wait, the oldest for {oldest_s:.0f} s ({kinds}).",
    why="What they make is late.",
    fix="Raise AE_JOBS_AT_ONCE or the replicas of calculation_engine_service; where a kind is unknown to the "
    "version that runs, cancel it: POST /api/v1/jobs/{{id}}/cancel",
)
SCHEDULE_LATE = Check(
    name="jobs.schedule-late",
    severity=Severity.ERROR,
    what="{schedules} schedule(s) are late, such as {name} of {client}, by {late_s:.0f} s.",
    why="What they should start is not started.",
    fix="Start calculation_engine_service again, or see why it does not tick: analytics-engine logs "
    "calculation_engine_service --level warning",
)
ALERTS_LATE = Check(
    name="jobs.alerts-late",
    severity=Severity.ERROR,
    what="{checks} alert(s) have not been checked, the oldest is due for {late_s:.0f} s.",
    why="Nobody would be told.",
    fix="Start calculation_engine_service again, or see what fails: analytics-engine logs "
    "calculation_engine_service --level warning",
)
HELD_UP = Check(
    name="jobs.archiving-held-up",
    severity=Severity.WARNING,
    what="Old rows of {model} are not archived: {reason}",
    why="The table grows on.",
    fix="See what held_up means in docs/howto/care-for-the-database.md, and mend that.",
)
NOBODY = Check(
    name="access.nobody",
    severity=Severity.ERROR,
    what="Nobody can sign in as an administrator: there {present}.",
    why="Nobody can add users or keys.",
    fix="analytics-engine users create-admin --email you@example.com",
    explains=("services.unwell",),
)
AUDIT_BROKEN = Check(
    name="access.audit-broken",
    severity=Severity.ERROR,
    what="The audit log was changed: entry {seq} does not follow from the one before.",
    why="Who did what cannot be proven from there on.",
    fix="Find out who may write as the owner of the database; compare with a backup, and keep both: "
    "GET /api/v1/admin/audit/verification",
)

CHECKS = (
    RELAY_HELD,
    OUTBOX,
    NO_WORKER,
    SCHEDULE_LATE,
    ALERTS_LATE,
    OVERDUE,
    TRIGGERS,
    CANARY,
    MARKED,
    BUILDING,
    UNREAD,
    DEAD_LETTERS,
    SUBSCRIPTION_OFF,
    UNDELIVERED,
    HELD_UP,
    NOBODY,
    AUDIT_BROKEN,
)


def judge(seen: Seen) -> Iterator[Finding]:
    """Yield what does not go on as it should."""
    if seen.redis is not None:
        for group in seen.redis.groups:
            waiting = group.lag + group.pending
            if waiting and (not group.consumers or group.idle_s > _UNREAD_S):
                yield UNREAD.found(group=group.name, waiting=waiting, stream=group.stream)
    if seen.database is not None:
        yield from _of_events(seen.database)
        yield from _of_rollups(seen.database)
        yield from _of_jobs(seen)
        yield from _of_access(seen.database)


def _of_events(database: DatabaseFacts) -> Iterator[Finding]:
    for row in database.rows.get("outbox", ()):
        if row["oldest_s"] > _STUCK_S:
            for holder in database.rows.get("relay_holders", ()):
                if holder["login"] != f"ae_{Service.MESSAGING.value}":
                    yield RELAY_HELD.found(**row, **holder)
            yield OUTBOX.found(**row)
    for row in database.rows.get("canary", ()):
        yield CANARY.found(detail=row["detail"])
    for row in database.rows.get("dead_letters", ()):
        yield DEAD_LETTERS.found(group=row["consumer_group"], events=row["events"], reason=row["reason"])
    for row in database.rows.get("disabled_subscriptions", ()):
        yield SUBSCRIPTION_OFF.found(url=row["url"], client=row["client_id"], reason=row["reason"])
    for row in database.rows.get("deliveries", ()):
        yield UNDELIVERED.found(**row)


def _of_rollups(database: DatabaseFacts) -> Iterator[Finding]:
    for row in database.rows.get("rollup_triggers", ()):
        missing, disabled = row["missing"] or [], row["disabled"] or []
        enable = f"ALTER TABLE facts.{row['object_model']} ENABLE TRIGGER ALL"
        again = f"Define the rollup {row['code']} anew, which builds it and its triggers"
        yield TRIGGERS.found(
            code=row["code"],
            model=row["object_model"],
            events=", ".join(missing or disabled),
            state="missing" if missing else "disabled",
            mend=again if missing else enable,
        )
    for row in database.rows.get("rollup_marks", ()):
        yield MARKED.found(**row)
    for row in database.rows.get("rollups_building", ()):
        yield BUILDING.found(**row)


def _of_jobs(seen: Seen) -> Iterator[Finding]:
    assert seen.database is not None
    rows = seen.database.rows
    for row in rows.get("workers", ()):
        if not row["workers"]:
            yield NO_WORKER.found(heard="none has been heard of")
        elif row["silent_s"] > _SILENT_S:
            yield NO_WORKER.found(heard=f"the last one was heard of {row['silent_s']:.0f} s ago")
    for row in rows.get("jobs", ()):
        if row["overdue"]:
            yield OVERDUE.found(**row)
    if late := rows.get("schedules", ()):
        first = late[0]
        yield SCHEDULE_LATE.found(
            schedules=len(late), name=first["name"], client=first["client_id"], late_s=first["late_s"]
        )
    for row in rows.get("alert_checks", ()):
        if row["checks"]:
            yield ALERTS_LATE.found(**row)
    for row in rows.get("held_up", ()):
        yield HELD_UP.found(model=row["object_model"], reason=row["held_up"])


def _of_access(database: DatabaseFacts) -> Iterator[Finding]:
    for row in database.rows.get("people", ()):
        if not row["admins"]:
            yield NOBODY.found(present="is no user" if not row["users"] else "is no administrator who is not disabled")
    for row in database.rows.get("audit_chain", ()):
        if row["broken_at"] is not None:
            yield AUDIT_BROKEN.found(seq=row["broken_at"])
