"""Clients with their versions, and the loads of sample data."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_UP = (
    """
    CREATE TABLE config.client_versions (
        client_id  text        NOT NULL,
        version    integer     NOT NULL CHECK (version >= 1),
        profile    jsonb       NOT NULL,
        author     text        NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (client_id, version)
    )
    """,
    """
    COMMENT ON TABLE config.client_versions IS 'Every version of every client''s profile'
    """,
    """
    CREATE TABLE config.clients (
        client_id text    PRIMARY KEY,
        version   integer NOT NULL,
        FOREIGN KEY (client_id, version) REFERENCES config.client_versions (client_id, version)
    )
    """,
    """
    COMMENT ON TABLE config.clients IS 'The present version of every client'
    """,
    """
    CREATE TABLE config.sample_loads (
        load_id      uuid        PRIMARY KEY,
        sample       text        NOT NULL,
        client_id    text        NOT NULL,
        status       text        NOT NULL CHECK (status IN ('queued', 'running', 'succeeded', 'failed')),
        progress     real        NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 1),
        step         text        NOT NULL DEFAULT '',
        detail       text        NOT NULL DEFAULT '',
        remedy       text        NOT NULL DEFAULT '',
        rows         jsonb       NOT NULL DEFAULT '{}',
        requested_by text        NOT NULL,
        requested_at timestamptz NOT NULL DEFAULT now(),
        lease_until  timestamptz,
        finished_at  timestamptz
    )
    """,
    """
    COMMENT ON TABLE config.sample_loads IS
        'Loads of sample data; one of a sample at a time, gone on with after a restart'
    """,
    """
    CREATE UNIQUE INDEX sample_loads_one_at_a_time ON config.sample_loads (sample)
        WHERE status IN ('queued', 'running')
    """,
    """
    GRANT USAGE ON SCHEMA config TO ae_demo_config_service
    """,
    """
    GRANT SELECT, INSERT ON config.client_versions TO ae_demo_config_service
    """,
    """
    GRANT SELECT, INSERT, UPDATE ON config.clients, config.sample_loads TO ae_demo_config_service
    """,
)

_DOWN = ("DROP TABLE config.sample_loads, config.clients, config.client_versions",)


def upgrade() -> None:
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    for statement in _DOWN:
        op.execute(statement)
