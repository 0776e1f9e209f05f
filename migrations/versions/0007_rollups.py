"""Rollups: which are kept, which of their buckets are to be read from the rows; and events of whoever writes rows."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_OWN_CLIENT = "client_id IN ('', current_setting('app.client_id', true))"
_READERS = "ae_calculation_engine_service, ae_database_service"

_ROLLUPS = (
    "GRANT USAGE, CREATE ON SCHEMA rollups TO ae_ingest",
    f"GRANT USAGE ON SCHEMA rollups TO {_READERS}",
    """
    CREATE TABLE rollups.rollups (
        id           integer     GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        client_id    text        NOT NULL,
        code         text        NOT NULL,
        object_model text        NOT NULL,
        status       text        NOT NULL CHECK (status IN ('building', 'ready', 'retired')),
        kept         jsonb       NOT NULL,
        written      jsonb       NOT NULL,
        left_out     jsonb       NOT NULL,
        cells        bigint      NOT NULL DEFAULT 0,
        created_at   timestamptz NOT NULL DEFAULT now(),
        ready_at     timestamptz,
        retired_at   timestamptz,
        verified_at  timestamptz
    )
    """,
    "CREATE UNIQUE INDEX rollups_code ON rollups.rollups (client_id, code) WHERE status = 'building'",
    """
    COMMENT ON TABLE rollups.rollups IS
        'The rollups there are, each with tables and a trigger of its own; client_id is empty where all clients have it'
    """,
    """
    CREATE TABLE rollups.marks (
        id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        rollup_id   integer     NOT NULL,
        client_id   text        NOT NULL,
        starts      timestamptz NOT NULL,
        ends        timestamptz NOT NULL,
        every_state boolean     NOT NULL,
        reason      text        NOT NULL CHECK (reason IN ('building', 'removed', 'changed', 'truncated', 'corrupted')),
        marked_at   timestamptz NOT NULL DEFAULT now(),
        CHECK (starts < ends)
    )
    """,
    "CREATE INDEX marks_rollup ON rollups.marks (rollup_id, client_id, starts)",
    """
    COMMENT ON TABLE rollups.marks IS
        'Spans that are read from the rows until they are rebuilt: all states, or those rows cannot be taken out of'
    """,
    """
    CREATE TABLE rollups.zones (
        client_id text PRIMARY KEY,
        zone      text NOT NULL
    )
    """,
    "COMMENT ON TABLE rollups.zones IS 'Whose days and months are of another zone than UTC'",
)

_USAGE = (
    """
    CREATE TABLE rollups.usage (
        day          date             NOT NULL,
        client_id    text             NOT NULL,
        object_model text             NOT NULL,
        anchor       text             NOT NULL,
        rollup_id    integer          NOT NULL,
        dimensions   text[]           NOT NULL,
        kpis         text[]           NOT NULL,
        grain        text             NOT NULL,
        scans        bigint           NOT NULL,
        seconds      double precision NOT NULL,
        PRIMARY KEY (day, client_id, object_model, anchor, rollup_id, dimensions, kpis, grain)
    )
    """,
    "COMMENT ON TABLE rollups.usage IS 'How often, and how long, was read by day and way of asking; 0 is the rows'",
    "ALTER TABLE rollups.usage OWNER TO ae_ingest",
    "ALTER TABLE rollups.usage ENABLE ROW LEVEL SECURITY",
    """
    CREATE POLICY own_client ON rollups.usage TO ae_calculation_engine_service
        USING (client_id = current_setting('app.client_id', true))
        WITH CHECK (client_id = current_setting('app.client_id', true))
    """,
    "GRANT SELECT, INSERT, UPDATE ON rollups.usage TO ae_calculation_engine_service",
)

_RIGHTS = tuple(
    statement
    for table in ("rollups", "marks", "zones")
    for statement in (
        f"ALTER TABLE rollups.{table} OWNER TO ae_ingest",
        f"ALTER TABLE rollups.{table} ENABLE ROW LEVEL SECURITY",
        f"CREATE POLICY own_client ON rollups.{table} FOR SELECT TO {_READERS} USING ({_OWN_CLIENT})",
        f"GRANT SELECT ON rollups.{table} TO {_READERS}",
    )
)

# Who writes as the ingest role tells of it with more than is known here; others are told of once a transaction.
_TELL = (
    "GRANT USAGE ON SCHEMA messaging TO ae_ingest",
    "GRANT INSERT ON messaging.outbox TO ae_ingest",
    """
    CREATE FUNCTION facts.tell() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
    DECLARE
        told text := format('app.told_%s', TG_RELID);
        id   text := gen_random_uuid();
    BEGIN
        IF current_setting('app.tells', true) = 'ingest'
           OR current_setting(told, true) = pg_current_xact_id()::text
        THEN
            RETURN NULL;
        END IF;
        PERFORM set_config(told, pg_current_xact_id()::text, true);
        INSERT INTO messaging.outbox (event_id, type, client_id, subject, event)
        VALUES (
            id, 'data.ingested', '', TG_TABLE_NAME,
            jsonb_build_object(
                'specversion', '1.0', 'id', id, 'type', 'data.ingested', 'source', 'database',
                'time', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                'subject', TG_TABLE_NAME, 'clientid', '', 'correlationid', '',
                'datacontenttype', 'application/json', 'data', jsonb_build_object('object_model', TG_TABLE_NAME)
            )
        );
        RETURN NULL;
    END
    $function$
    """,
    "COMMENT ON FUNCTION facts.tell() IS 'Writes data.ingested, of every client, for rows that no ingest wrote'",
    "ALTER FUNCTION facts.tell() OWNER TO ae_ingest",
    """
    DO $do$
    DECLARE
        fact text;
    BEGIN
        FOR fact IN SELECT object_model FROM ingest.tables LOOP
            EXECUTE format(
                'CREATE TRIGGER ae_tell AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON facts.%I '
                'FOR EACH STATEMENT EXECUTE FUNCTION facts.tell()',
                fact
            );
        END LOOP;
    END
    $do$
    """,
)

_KINDS = "('value_chain', 'module', 'object_model', 'kpi'{rollup})"
_KIND = """
    ALTER TABLE metadata.definition_versions
        DROP CONSTRAINT definition_versions_kind_check,
        ADD CONSTRAINT definition_versions_kind_check CHECK (kind IN {kinds})
"""


def upgrade() -> None:
    for statement in (*_ROLLUPS, *_RIGHTS, *_USAGE, *_TELL, _KIND.format(kinds=_KINDS.format(rollup=", 'rollup'"))):
        op.execute(statement)


def downgrade() -> None:
    """Drop every rollup: its trigger function takes the triggers along."""
    op.execute(
        """
        DO $do$
        DECLARE
            keeper regprocedure;
        BEGIN
            FOR keeper IN SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'rollups'::regnamespace LOOP
                EXECUTE format('DROP FUNCTION %s CASCADE', keeper);
            END LOOP;
        END
        $do$
        """
    )
    op.execute("DROP FUNCTION facts.tell() CASCADE")
    op.execute("DROP SCHEMA rollups CASCADE")
    op.execute("CREATE SCHEMA rollups")
    op.execute("ALTER TABLE metadata.definition_versions DISABLE TRIGGER definition_versions_are_immutable")
    op.execute("DELETE FROM metadata.definitions WHERE kind = 'rollup'")
    op.execute("DELETE FROM metadata.definition_versions WHERE kind = 'rollup'")
    op.execute("ALTER TABLE metadata.definition_versions ENABLE TRIGGER definition_versions_are_immutable")
    op.execute(_KIND.format(kinds=_KINDS.format(rollup="")))
