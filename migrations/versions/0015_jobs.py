"""Jobs: work that is kept until it is done; schedules that start them, and what became of each tick."""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_SERVICES = "ae_calculation_engine_service, ae_messaging_service, ae_connector_service"
_RUNNER = "ae_job_runner"
_TABLES = "jobs.jobs, jobs.parts, jobs.workers, jobs.schedules, jobs.ticks"

# Roles belong to the whole server: another database may have made it.
_ROLE = (
    f"""
    DO $do$
    BEGIN
        CREATE ROLE {_RUNNER} NOLOGIN;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL;
    END
    $do$
    """,
    f"COMMENT ON ROLE {_RUNNER} IS 'Sees the jobs of all clients; services become it to hand them out'",
    f"GRANT {_RUNNER} TO {_SERVICES}",
)

_JOBS = (
    "CREATE SCHEMA jobs",
    """
    CREATE TABLE jobs.schedules (
        id               uuid        PRIMARY KEY,
        client_id        text        NOT NULL,
        name             text        NOT NULL,
        kind             text        NOT NULL,
        params           jsonb       NOT NULL,
        cron             text        NOT NULL,
        time_zone        text        NOT NULL,
        enabled          boolean     NOT NULL,
        missed           text        NOT NULL CHECK (missed IN ('latest', 'all', 'skip')),
        missed_within_s  integer     NOT NULL CHECK (missed_within_s > 0),
        overlap          boolean     NOT NULL,
        next_tick        timestamptz,
        version          integer     NOT NULL DEFAULT 1,
        subject          text        NOT NULL,
        role             text        NOT NULL,
        changed_by       text        NOT NULL,
        created_at       timestamptz NOT NULL DEFAULT now(),
        updated_at       timestamptz NOT NULL DEFAULT now(),
        UNIQUE (client_id, name)
    )
    """,
    "CREATE INDEX schedules_next ON jobs.schedules (next_tick) WHERE next_tick IS NOT NULL",
    "COMMENT ON TABLE jobs.schedules IS 'When jobs are started by themselves; next_tick is null while it is disabled'",
    """
    CREATE TABLE jobs.workers (
        id      text        PRIMARY KEY,
        service text        NOT NULL,
        beat_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "COMMENT ON TABLE jobs.workers IS 'The processes that run jobs, and when each was last heard of'",
    """
    CREATE TABLE jobs.jobs (
        id                  uuid        PRIMARY KEY,
        client_id           text        NOT NULL,
        kind                text        NOT NULL,
        params              jsonb       NOT NULL,
        state               text        NOT NULL DEFAULT 'waiting'
                            CHECK (state IN ('waiting', 'running', 'completed', 'failed', 'cancelled')),
        subject             text        NOT NULL,
        role                text        NOT NULL,
        started_by          text        NOT NULL,
        schedule_id         uuid,
        tick                timestamptz,
        as_of               timestamptz NOT NULL,
        lane                text,
        idempotency_key     text,
        claim               bigint      NOT NULL DEFAULT 0,
        attempt             integer     NOT NULL DEFAULT 0,
        worker              text,
        ready_at            timestamptz NOT NULL DEFAULT now(),
        done                integer     NOT NULL DEFAULT 0,
        total               integer,
        progressed_at       timestamptz,
        problem             jsonb,
        result              jsonb,
        cancel_requested_at timestamptz,
        created_at          timestamptz NOT NULL DEFAULT now(),
        started_at          timestamptz,
        ended_at            timestamptz,
        UNIQUE (client_id, idempotency_key),
        CHECK ((state = 'running') = (worker IS NOT NULL)),
        CHECK ((state IN ('completed', 'failed', 'cancelled')) = (ended_at IS NOT NULL))
    )
    """,
    "CREATE UNIQUE INDEX jobs_tick ON jobs.jobs (schedule_id, tick) WHERE tick IS NOT NULL",
    "CREATE UNIQUE INDEX jobs_lane ON jobs.jobs (lane) WHERE state = 'running'",
    "CREATE INDEX jobs_open ON jobs.jobs (state, ready_at) WHERE state IN ('waiting', 'running')",
    "CREATE INDEX jobs_waiting_lane ON jobs.jobs (lane, as_of, id) WHERE state IN ('waiting', 'running')",
    "CREATE INDEX jobs_of_client ON jobs.jobs (client_id, created_at DESC, id DESC)",
    "CREATE INDEX jobs_of_schedule ON jobs.jobs (schedule_id) WHERE schedule_id IS NOT NULL",
    "CREATE INDEX jobs_ended ON jobs.jobs (ended_at) WHERE ended_at IS NOT NULL",
    "COMMENT ON TABLE jobs.jobs IS 'Work to be done and done; claim fences off who was taken for dead'",
    """
    CREATE TABLE jobs.parts (
        job_id    uuid        NOT NULL REFERENCES jobs.jobs ON DELETE CASCADE,
        what      text        NOT NULL,
        client_id text        NOT NULL,
        problem   jsonb,
        ended_at  timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (job_id, what)
    )
    """,
    "COMMENT ON TABLE jobs.parts IS 'Parts of jobs that are done, in the transaction that did them, or that failed'",
    """
    CREATE TABLE jobs.ticks (
        schedule_id uuid        NOT NULL REFERENCES jobs.schedules ON DELETE CASCADE,
        tick        timestamptz NOT NULL,
        client_id   text        NOT NULL,
        job_id      uuid,
        skipped     text        NOT NULL DEFAULT '',
        through     timestamptz NOT NULL,
        decided_at  timestamptz NOT NULL,
        PRIMARY KEY (schedule_id, tick),
        CHECK ((job_id IS NULL) = (skipped <> '')),
        CHECK (tick <= through)
    )
    """,
    "COMMENT ON TABLE jobs.ticks IS 'What became of each tick, and of those up to through: a job, or why none'",
)

_RIGHTS = (
    f"GRANT USAGE ON SCHEMA jobs TO {_SERVICES}, {_RUNNER}",
    f"GRANT SELECT, INSERT, UPDATE, DELETE ON {_TABLES} TO {_RUNNER}",
    f"GRANT SELECT, INSERT, UPDATE, DELETE ON jobs.jobs, jobs.parts, jobs.schedules, jobs.ticks TO {_SERVICES}",
    *(
        statement
        for table in ("jobs", "parts", "schedules", "ticks")
        for statement in (
            f"ALTER TABLE jobs.{table} ENABLE ROW LEVEL SECURITY",
            f"""
            CREATE POLICY own_client ON jobs.{table} TO {_SERVICES}
                USING (client_id = current_setting('app.client_id', true))
                WITH CHECK (client_id = current_setting('app.client_id', true))
            """,
            f"CREATE POLICY all_clients ON jobs.{table} TO {_RUNNER} USING (true) WITH CHECK (true)",
        )
    ),
)


def upgrade() -> None:
    for statement in (*_ROLE, *_JOBS, *_RIGHTS):
        op.execute(statement)


def downgrade() -> None:
    """Remove the jobs and their schedules; the role stays, for it belongs to the whole server."""
    op.execute("DROP SCHEMA jobs CASCADE")
