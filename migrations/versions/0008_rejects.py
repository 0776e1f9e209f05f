"""Rows that were wrong are kept for review, and loads tell how far they are."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_OWN_CLIENT = "client_id = current_setting('app.client_id', true)"

_LOADS = (
    """
    ALTER TABLE ingest.loads
        ADD COLUMN rejected   bigint NOT NULL DEFAULT 0,
        ADD COLUMN on_error   text   NOT NULL DEFAULT 'reject_all' CHECK (on_error IN ('reject_all', 'keep_good')),
        ADD COLUMN started_at timestamptz
    """,
    "CREATE INDEX loads_newest ON ingest.loads (client_id, loaded_at DESC)",
)

# json and not jsonb: a row is kept as it was delivered, with what no text of PostgreSQL may hold.
_REJECTS = (
    """
    CREATE TABLE ingest.rejects (
        ingest_id uuid    NOT NULL REFERENCES ingest.loads,
        place     integer NOT NULL,
        client_id text    NOT NULL,
        line      bigint  NOT NULL,
        "column"  text    NOT NULL,
        value     text    NOT NULL,
        reason    text    NOT NULL,
        further   json    NOT NULL DEFAULT '[]',
        raw       json    NOT NULL,
        PRIMARY KEY (ingest_id, place)
    )
    """,
    """
    COMMENT ON TABLE ingest.rejects IS
        'Rows of committed loads that were wrong, the first of each load; further holds the mistakes after the first'
    """,
    "GRANT SELECT, INSERT, DELETE ON ingest.rejects TO ae_database_service",
)

# Unlogged: what a load of a server that crashed had reached tells nobody anything.
_PROGRESS = (
    """
    CREATE UNLOGGED TABLE ingest.progress (
        client_id       text        NOT NULL,
        ingest_id       uuid        NOT NULL,
        object_model    text        NOT NULL,
        idempotency_key text,
        loaded_by       text        NOT NULL,
        state           text        NOT NULL,
        received_bytes  bigint      NOT NULL,
        rows_checked    bigint      NOT NULL,
        rows_copied     bigint      NOT NULL,
        problem         jsonb,
        started_at      timestamptz NOT NULL DEFAULT now(),
        seen_at         timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (client_id, ingest_id)
    )
    """,
    "COMMENT ON TABLE ingest.progress IS 'Loads without a receipt: how far they are or were, and when that was so'",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ingest.progress TO ae_database_service",
)


def _own_client(table: str) -> tuple[str, ...]:
    return (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"CREATE POLICY own_client ON {table} TO ae_database_service USING ({_OWN_CLIENT}) WITH CHECK ({_OWN_CLIENT})",
    )


def upgrade() -> None:
    for statement in (
        *_LOADS,
        *_REJECTS,
        *_PROGRESS,
        *_own_client("ingest.rejects"),
        *_own_client("ingest.progress"),
    ):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE ingest.progress, ingest.rejects")
    op.execute("DROP INDEX ingest.loads_newest")
    op.execute("ALTER TABLE ingest.loads DROP COLUMN rejected, DROP COLUMN on_error, DROP COLUMN started_at")
