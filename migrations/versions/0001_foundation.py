"""Schemas, roles and what they may do, and the events on their way: outbox and inbox."""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_SCHEMAS = ("metadata", "config", "connect", "messaging", "audit", "access", "facts", "ingest", "rollups", "kpi")

_SERVICES = (
    "ae_database_service",
    "ae_messaging_service",
    "ae_business_metadata",
    "ae_calculation_engine_service",
    "ae_demo_config_service",
    "ae_connector_service",
    "ae_api_gateway",
)

_ALL_SERVICES = ", ".join(_SERVICES)


def _role(name: str, options: str) -> str:
    """Make a role if there is none: roles belong to the whole server, another database may have made it."""
    return f"""
    DO $do$
    BEGIN
        CREATE ROLE {name} {options};
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL;
    END
    $do$
    """


_ROLES = (
    # A login sees nothing by inheritance: what it may do through another role it asks for with SET ROLE.
    *(_role(name, "LOGIN NOINHERIT") for name in _SERVICES),
    _role("ae_ingest", "NOLOGIN"),
    _role("reporting", "NOLOGIN"),
    "COMMENT ON ROLE ae_ingest IS 'Owns the fact tables; database_service becomes it to load and to change them'",
    "COMMENT ON ROLE reporting IS 'Read-only; report writers'' logins are members and in access.report_logins'",
    "GRANT ae_ingest TO ae_database_service",
)

# What only a superuser, or a managed server's administrator, may give; without it two endpoints say what they lack.
_MONITORING = (
    """
    DO $do$
    BEGIN
        GRANT pg_read_all_stats TO ae_database_service;
        GRANT USAGE ON SCHEMA public TO pg_read_all_stats;
    EXCEPTION WHEN insufficient_privilege THEN
        RAISE NOTICE 'ae_database_service was not granted pg_read_all_stats: /activity shows its own sessions only';
    END
    $do$
    """,
    """
    DO $do$
    BEGIN
        CREATE EXTENSION IF NOT EXISTS pg_stat_statements SCHEMA public;
    EXCEPTION WHEN OTHERS THEN
        RAISE NOTICE 'pg_stat_statements cannot be had here: %', SQLERRM;
    END
    $do$
    """,
    """
    DO $do$
    BEGIN
        IF current_setting('shared_preload_libraries') ~ '\\mtimescaledb\\M' THEN
            CREATE EXTENSION IF NOT EXISTS timescaledb;
        END IF;
    END
    $do$
    """,
)

_RIGHTS = (
    "REVOKE ALL ON SCHEMA public FROM PUBLIC",
    "GRANT USAGE ON SCHEMA public TO ae_database_service, ae_ingest",
    f"""
    DO $do$
    BEGIN
        EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
        EXECUTE format('GRANT CONNECT ON DATABASE %I TO {_ALL_SERVICES}, reporting', current_database());
        EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO ae_database_service, ae_ingest', current_database());
    END
    $do$
    """,
    "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC",
    f"GRANT USAGE ON SCHEMA messaging TO {_ALL_SERVICES}",
    "GRANT USAGE, CREATE ON SCHEMA facts TO ae_ingest",
    "GRANT USAGE ON SCHEMA facts TO ae_database_service, ae_calculation_engine_service, reporting",
)

_EVENTS = (
    """
    CREATE TABLE messaging.outbox (
        id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        xid        xid8        NOT NULL DEFAULT pg_current_xact_id(),
        event_id   text        NOT NULL,
        type       text        NOT NULL,
        client_id  text        NOT NULL DEFAULT '',
        subject    text        NOT NULL DEFAULT '',
        event      jsonb       NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE INDEX outbox_xid ON messaging.outbox (xid, id)",
    """
    COMMENT ON TABLE messaging.outbox IS
        'Events of committed changes. Sequences are not in commit order: the relay reads below pg_snapshot_xmin'
    """,
    """
    CREATE TABLE messaging.inbox (
        consumer_group text        NOT NULL,
        event_id       text        NOT NULL,
        type           text        NOT NULL,
        handled_at     timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (consumer_group, event_id)
    )
    """,
    "CREATE INDEX inbox_handled_at ON messaging.inbox (handled_at)",
    "COMMENT ON TABLE messaging.inbox IS 'What each consumer group has handled, so that effects happen once'",
    f"GRANT INSERT ON messaging.outbox TO {_ALL_SERVICES}",
    "GRANT SELECT, UPDATE, DELETE ON messaging.outbox TO ae_messaging_service",
    f"GRANT SELECT, INSERT ON messaging.inbox TO {_ALL_SERVICES}",
    "GRANT DELETE ON messaging.inbox TO ae_messaging_service",
)

# A report writer's login is the boundary, not a setting: whoever can send SQL can change a setting.
_REPORTING = (
    """
    CREATE TABLE access.report_logins (
        login     name PRIMARY KEY,
        client_id text NOT NULL
    )
    """,
    "COMMENT ON TABLE access.report_logins IS 'Which client''s rows a member of the role reporting sees'",
    """
    CREATE FUNCTION access.client_of_login() RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $function$
        SELECT client_id FROM access.report_logins WHERE login = session_user
    $function$
    """,
    "REVOKE ALL ON FUNCTION access.client_of_login() FROM PUBLIC",
    "GRANT USAGE ON SCHEMA access TO reporting, ae_ingest",
    "GRANT EXECUTE ON FUNCTION access.client_of_login() TO reporting, ae_ingest",
)


def upgrade() -> None:
    for schema in _SCHEMAS:
        op.execute(f"CREATE SCHEMA {schema}")
    for statement in (*_ROLES, *_MONITORING, *_RIGHTS, *_EVENTS, *_REPORTING):
        op.execute(statement)


def downgrade() -> None:
    """Remove the schemas; the roles stay, for they belong to the whole server."""
    for schema in reversed(_SCHEMAS):
        op.execute(f"DROP SCHEMA {schema} CASCADE")
