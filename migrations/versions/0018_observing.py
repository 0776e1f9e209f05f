"""Observing: log levels that are set for a while, how the canary stands, and which request started a job."""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_ALL_SERVICES = (
    "ae_database_service, ae_messaging_service, ae_business_metadata, ae_calculation_engine_service, "
    "ae_demo_config_service, ae_connector_service, ae_api_gateway"
)

_STATEMENTS = (
    f"GRANT USAGE ON SCHEMA operations TO {_ALL_SERVICES}",
    """
    CREATE TABLE operations.log_levels (
        service    text        NOT NULL,
        logger     text        NOT NULL,
        level      text        NOT NULL CHECK (level IN ('DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL')),
        expires_at timestamptz NOT NULL,
        set_by     text        NOT NULL,
        set_at     timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (service, logger)
    )
    """,
    """
    COMMENT ON TABLE operations.log_levels IS
        'Log levels that are other than LOG_LEVEL for a while; every replica of a service looks here'
    """,
    f"GRANT SELECT ON operations.log_levels TO {_ALL_SERVICES}",
    "GRANT INSERT, UPDATE, DELETE ON operations.log_levels TO ae_api_gateway",
    """
    CREATE TABLE operations.canary (
        the_one       boolean     PRIMARY KEY DEFAULT true CHECK (the_one),
        started_at    timestamptz NOT NULL DEFAULT '-infinity',
        claimed_until timestamptz NOT NULL DEFAULT '-infinity',
        succeeded_at  timestamptz,
        outcome       text        NOT NULL DEFAULT '',
        detail        text        NOT NULL DEFAULT ''
    ) WITH (fillfactor = 50)
    """,
    "COMMENT ON TABLE operations.canary IS 'How the last run of the canary ended, and which replica may run it'",
    "INSERT INTO operations.canary DEFAULT VALUES",
    "GRANT SELECT, UPDATE ON operations.canary TO ae_api_gateway",
    "ALTER TABLE jobs.jobs ADD COLUMN request_id text NOT NULL DEFAULT ''",
    "COMMENT ON COLUMN jobs.jobs.request_id IS 'The request that started the job; its log lines carry it'",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("ALTER TABLE jobs.jobs DROP COLUMN request_id")
    op.execute("DROP TABLE operations.canary, operations.log_levels")
    op.execute(f"REVOKE USAGE ON SCHEMA operations FROM {_ALL_SERVICES.replace('ae_database_service, ', '')}")
