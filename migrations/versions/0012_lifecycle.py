"""Old rows leave their tables for the archive: how long each object model keeps rows, and where older ones are."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_READERS = "ae_calculation_engine_service, ae_database_service"
_CALCULATION = "ae_calculation_engine_service"

_TABLES = (
    "CREATE SCHEMA lifecycle",
    f"GRANT USAGE ON SCHEMA lifecycle TO ae_ingest, {_READERS}",
    """
    CREATE TABLE lifecycle.policies (
        object_model        text        PRIMARY KEY,
        keep_rows_months    integer     NOT NULL CHECK (keep_rows_months > 0),
        keep_archive_months integer     CHECK (keep_archive_months >= keep_rows_months),
        held_up             text        NOT NULL DEFAULT '',
        changed_by          text        NOT NULL DEFAULT '',
        changed_at          timestamptz NOT NULL DEFAULT now()
    )
    """,
    "COMMENT ON TABLE lifecycle.policies IS 'How long rows stay in their table, and in the archive; held_up: why not'",
    """
    CREATE TABLE lifecycle.bounds (
        object_model   text        PRIMARY KEY,
        time_attribute text        NOT NULL,
        rows_from      timestamptz NOT NULL,
        archived_from  timestamptz NOT NULL DEFAULT '-infinity',
        changed_at     timestamptz NOT NULL DEFAULT now()
    )
    """,
    "COMMENT ON TABLE lifecycle.bounds IS 'Rows before rows_from are archived, those before archived_from gone'",
    """
    CREATE TABLE lifecycle.parts (
        id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        client_id    text        NOT NULL,
        object_model text        NOT NULL,
        starts       timestamptz NOT NULL,
        ends         timestamptz NOT NULL,
        name         text        NOT NULL,
        columns      jsonb       NOT NULL,
        rows         bigint      NOT NULL,
        size_bytes   bigint      NOT NULL,
        digest       bytea       NOT NULL,
        archived_at  timestamptz NOT NULL DEFAULT now(),
        UNIQUE (client_id, object_model, starts)
    )
    """,
    "COMMENT ON TABLE lifecycle.parts IS 'The files of the archive: one a client, object model and part of its time'",
    """
    CREATE TABLE lifecycle.leaving (
        relation     text        PRIMARY KEY,
        object_model text        NOT NULL,
        starts       timestamptz NOT NULL,
        ends         timestamptz NOT NULL,
        published_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "COMMENT ON TABLE lifecycle.leaving IS 'Partitions whose rows are archived: dropped once nobody reads them'",
    "CREATE TABLE lifecycle.barrier ()",
    "COMMENT ON TABLE lifecycle.barrier IS 'Locked by who reads in a snapshot, and by who drops rows it may still see'",
)

_RIGHTS = (
    "GRANT SELECT, INSERT, UPDATE, DELETE ON lifecycle.policies TO ae_database_service",
    *(f"ALTER TABLE lifecycle.{table} OWNER TO ae_ingest" for table in ("bounds", "parts", "leaving", "barrier")),
    f"GRANT SELECT ON lifecycle.bounds, lifecycle.parts, lifecycle.barrier TO {_READERS}",
    "GRANT SELECT ON lifecycle.leaving TO ae_database_service",
    "ALTER TABLE lifecycle.parts ENABLE ROW LEVEL SECURITY",
    f"""
    CREATE POLICY own_client ON lifecycle.parts FOR SELECT TO {_READERS}
     USING (client_id = current_setting('app.client_id', true))
    """,
    f"""
    DO $do$
    BEGIN
        EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO {_CALCULATION}', current_database());
    END
    $do$
    """,
)

# Named as the constraint that refuses new rows of then, so that both are told of alike.
_REFUSE = """
    CREATE FUNCTION facts.refuse_archived() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
    BEGIN
        RAISE EXCEPTION 'rows of % before % are archived and do not change', TG_TABLE_NAME, TG_ARGV[0]
              USING ERRCODE = 'check_violation', CONSTRAINT = 'ae_rows_from';
    END
    $function$
"""


def upgrade() -> None:
    for statement in (*_TABLES, *_RIGHTS, _REFUSE, "ALTER FUNCTION facts.refuse_archived() OWNER TO ae_ingest"):
        op.execute(statement)


def downgrade() -> None:
    """Rows that are archived stay so: nothing may be left of them that this version would not know of.

    Raises:
        Exception: some are; restore them before going back.
    """
    op.execute(
        """
        DO $do$
        BEGIN
            IF EXISTS (SELECT FROM lifecycle.bounds) THEN
                RAISE EXCEPTION 'rows of % are archived, which earlier versions do not read',
                      (SELECT string_agg(object_model, ', ') FROM lifecycle.bounds);
            END IF;
        END
        $do$
        """
    )
    op.execute("DROP SCHEMA lifecycle CASCADE")
    op.execute("DROP FUNCTION facts.refuse_archived() CASCADE")
