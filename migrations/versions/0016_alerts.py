"""Alerts on KPIs: rules, the states of their cells, every change of a state, and silences.

``kpi.alert_checks`` says which alert is due when, for all clients: it holds nothing but identities and times.
"""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_SERVICE = "ae_calculation_engine_service"
_OWN_CLIENT = "client_id = current_setting('app.client_id', true)"

_TABLES = (
    """
    CREATE TABLE kpi.alerts (
        id              uuid        PRIMARY KEY,
        client_id       text        NOT NULL CHECK (client_id <> ''),
        name            text        NOT NULL CHECK (name <> ''),
        rule            jsonb       NOT NULL CHECK (jsonb_typeof(rule) = 'object'),
        version         integer     NOT NULL DEFAULT 1 CHECK (version >= 1),
        last_evaluation jsonb,
        created_by      text        NOT NULL,
        created_at      timestamptz NOT NULL,
        updated_at      timestamptz NOT NULL,
        CONSTRAINT alerts_name UNIQUE (client_id, name)
    )
    """,
    "COMMENT ON TABLE kpi.alerts IS 'What is to be told of a KPI; last_evaluation: when it was judged last, and how'",
    """
    CREATE TABLE kpi.alert_checks (
        alert_id      uuid        PRIMARY KEY REFERENCES kpi.alerts ON DELETE CASCADE,
        client_id     text        NOT NULL,
        every_s       integer     NOT NULL CHECK (every_s > 0),
        object_models text[]      NOT NULL,
        due_at        timestamptz NOT NULL,
        checked_at    timestamptz,
        claim         uuid,
        claimed_until timestamptz,
        CHECK ((claim IS NULL) = (claimed_until IS NULL))
    )
    """,
    """
    COMMENT ON TABLE kpi.alert_checks IS
        'When each enabled alert is checked next, and by which claim now; of all clients, so ids only'
    """,
    "CREATE INDEX alert_checks_due ON kpi.alert_checks (due_at)",
    """
    CREATE TABLE kpi.alert_states (
        alert_id        uuid        NOT NULL REFERENCES kpi.alerts ON DELETE CASCADE,
        cell_key        text        NOT NULL,
        client_id       text        NOT NULL,
        cell            jsonb       NOT NULL,
        state           text        NOT NULL,
        since           timestamptz NOT NULL,
        memory          jsonb       NOT NULL,
        version         integer     NOT NULL DEFAULT 1,
        told            boolean     NOT NULL DEFAULT false,
        period          text        NOT NULL,
        value           text,
        threshold       text,
        reason          text        NOT NULL,
        acknowledged_by text,
        acknowledged_at timestamptz,
        note            text        NOT NULL DEFAULT '',
        PRIMARY KEY (alert_id, cell_key)
    )
    """,
    "COMMENT ON TABLE kpi.alert_states IS 'How each cell of an alert stands; told: its firing was told to channels'",
    "CREATE INDEX alert_states_state ON kpi.alert_states (client_id, state)",
    """
    CREATE TABLE kpi.alert_changes (
        id             uuid        PRIMARY KEY,
        alert_id       uuid        NOT NULL REFERENCES kpi.alerts ON DELETE CASCADE,
        client_id      text        NOT NULL,
        cell_key       text        NOT NULL,
        cell           jsonb       NOT NULL,
        number         integer     NOT NULL,
        previous       text        NOT NULL,
        state          text        NOT NULL,
        changed_at     timestamptz NOT NULL,
        period         text        NOT NULL,
        value          text,
        threshold      text,
        reason         text        NOT NULL,
        summary        text        NOT NULL,
        silence_id     uuid,
        notified       boolean     NOT NULL,
        watermark      bigint,
        kpi_version    integer,
        alert_version  integer     NOT NULL,
        position       bigint      GENERATED ALWAYS AS IDENTITY,
        CONSTRAINT alert_changes_once UNIQUE (alert_id, alert_version, cell_key, number)
    )
    """,
    """
    COMMENT ON TABLE kpi.alert_changes IS
        'Every change of a cell''s state, numbered by the version of the state it made, so that none is doubled'
    """,
    "CREATE INDEX alert_changes_time ON kpi.alert_changes (alert_id, position DESC)",
    """
    CREATE TABLE kpi.alert_silences (
        id         uuid        PRIMARY KEY,
        client_id  text        NOT NULL CHECK (client_id <> ''),
        matchers   jsonb       NOT NULL CHECK (jsonb_typeof(matchers) = 'array'),
        starts_at  timestamptz NOT NULL,
        ends_at    timestamptz NOT NULL CHECK (ends_at >= starts_at),
        reason     text        NOT NULL,
        created_by text        NOT NULL,
        created_at timestamptz NOT NULL
    )
    """,
    "COMMENT ON TABLE kpi.alert_silences IS 'Which alerts are not told of, from when until when, and who said so'",
    "CREATE INDEX alert_silences_client ON kpi.alert_silences (client_id, ends_at DESC)",
)

_OF_CLIENTS = ("alerts", "alert_states", "alert_changes", "alert_silences")
_RIGHTS = (
    *(
        statement
        for table in _OF_CLIENTS
        for statement in (
            f"ALTER TABLE kpi.{table} ENABLE ROW LEVEL SECURITY",
            f"""
            CREATE POLICY own_client ON kpi.{table}
                TO {_SERVICE} USING ({_OWN_CLIENT}) WITH CHECK ({_OWN_CLIENT})
            """,
        )
    ),
    f"GRANT SELECT, INSERT, UPDATE, DELETE ON kpi.alerts, kpi.alert_checks, kpi.alert_states TO {_SERVICE}",
    f"GRANT SELECT, INSERT ON kpi.alert_changes TO {_SERVICE}",
    f"GRANT SELECT, INSERT, UPDATE ON kpi.alert_silences TO {_SERVICE}",
)

# How many cells of all clients are in each state: numbers only, for the service's measures.
_COUNTS = """
    CREATE FUNCTION kpi.alert_state_counts() RETURNS TABLE (state text, cells bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
        SELECT state, count(*) FROM kpi.alert_states GROUP BY state
    $function$
"""

# Of all clients, and so nothing the service itself may do.
_FORGET = """
    CREATE FUNCTION kpi.forget_alert_history(before timestamptz) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
        DELETE FROM kpi.alert_changes WHERE changed_at < before;
        DELETE FROM kpi.alert_silences WHERE ends_at < before;
    $function$
"""
_FUNCTIONS = "kpi.alert_state_counts(), kpi.forget_alert_history(timestamptz)"


def upgrade() -> None:
    for statement in (
        *_TABLES,
        *_RIGHTS,
        _COUNTS,
        _FORGET,
        f"REVOKE ALL ON FUNCTION {_FUNCTIONS} FROM PUBLIC",
        f"GRANT EXECUTE ON FUNCTION {_FUNCTIONS} TO {_SERVICE}",
    ):
        op.execute(statement)


def downgrade() -> None:
    op.execute(f"DROP FUNCTION {_FUNCTIONS}")
    op.execute("DROP TABLE kpi.alert_silences, kpi.alert_changes, kpi.alert_states, kpi.alert_checks, kpi.alerts")
