"""Changes of fact tables: columns renamed, retyped and dropped, how far each is, and what it was before."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# What is kept beside a table for a change that is not confirmed: a column under a reserved name, and what keeps it.
_LEFT_BEHIND = """
    DO $do$
    DECLARE
        left_behind record;
    BEGIN
        FOR left_behind IN
            SELECT oid::regprocedure AS keeper FROM pg_proc
             WHERE pronamespace = 'facts'::regnamespace AND proname LIKE '\\_ae\\_%'
        LOOP
            EXECUTE format('DROP FUNCTION %s CASCADE', left_behind.keeper);
        END LOOP;
        FOR left_behind IN
            SELECT tables.object_model, attname
              FROM ingest.tables
              JOIN pg_attribute ON attrelid = to_regclass(format('facts.%I', tables.object_model))
             WHERE attnum > 0 AND NOT attisdropped AND attname LIKE '\\_ae\\_%'
        LOOP
            EXECUTE format('ALTER TABLE facts.%I DROP COLUMN %I', left_behind.object_model, left_behind.attname);
        END LOOP;
    END
    $do$
"""

_CHANGES = (
    """
    CREATE TABLE ingest.table_changes (
        id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        object_model text        NOT NULL,
        kind         text        NOT NULL CHECK (kind IN ('rename', 'retype', 'drop')),
        column_name  text        NOT NULL,
        new_name     text,
        from_type    text,
        to_type      text,
        status       text        NOT NULL
                     CHECK (status IN ('filling', 'filled', 'done', 'confirmed', 'undone', 'failed')),
        detail       text        NOT NULL DEFAULT '',
        part         oid,
        block        bigint      NOT NULL DEFAULT 0,
        blocks_done  bigint      NOT NULL DEFAULT 0,
        blocks       bigint      NOT NULL DEFAULT 0,
        client_id    text        NOT NULL DEFAULT '',
        asked_by     text        NOT NULL DEFAULT '',
        asked_at     timestamptz NOT NULL DEFAULT now(),
        changed_at   timestamptz NOT NULL DEFAULT now(),
        done_at      timestamptz,
        kept_until   timestamptz
    )
    """,
    "CREATE INDEX table_changes_object_model ON ingest.table_changes (object_model, id)",
    """
    CREATE UNIQUE INDEX table_changes_one_at_a_time ON ingest.table_changes (object_model, column_name)
     WHERE status IN ('filling', 'filled')
    """,
    """
    COMMENT ON TABLE ingest.table_changes IS
        'Columns of fact tables that were renamed, retyped or dropped; part and block are how far a filling is'
    """,
    "GRANT SELECT, INSERT, UPDATE ON ingest.table_changes TO ae_database_service",
)


def upgrade() -> None:
    for statement in _CHANGES:
        op.execute(statement)


def downgrade() -> None:
    """Confirm what is done and give up what is not: nothing would know of it any more."""
    op.execute(_LEFT_BEHIND)
    op.execute("DROP TABLE ingest.table_changes")
