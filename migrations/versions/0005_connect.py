"""Connector profiles, and what the relay of events keeps about what it sent."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_OWN_CLIENT = "client_id = current_setting('app.client_id', true)"

_PROFILES = (
    """
    CREATE TABLE connect.connector_profiles (
        id          uuid        PRIMARY KEY,
        client_id   text        NOT NULL CHECK (client_id <> ''),
        name        text        NOT NULL CHECK (name <> ''),
        kind        text        NOT NULL,
        options     jsonb       NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(options) = 'object'),
        secret_refs jsonb       NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(secret_refs) = 'object'),
        version     integer     NOT NULL DEFAULT 1 CHECK (version >= 1),
        created_by  text        NOT NULL,
        created_at  timestamptz NOT NULL DEFAULT now(),
        updated_at  timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT connector_profiles_name UNIQUE (client_id, name)
    )
    """,
    """
    COMMENT ON TABLE connect.connector_profiles IS
        'Where a client''s data comes from; secret_refs name where a secret is kept and never hold one'
    """,
    "ALTER TABLE connect.connector_profiles ENABLE ROW LEVEL SECURITY",
    f"""
    CREATE POLICY own_client ON connect.connector_profiles
        TO ae_connector_service USING ({_OWN_CLIENT}) WITH CHECK ({_OWN_CLIENT})
    """,
    "GRANT USAGE ON SCHEMA connect TO ae_connector_service",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON connect.connector_profiles TO ae_connector_service",
)

_RELAY = (
    "ALTER TABLE messaging.outbox ADD COLUMN sent_at timestamptz",
    "CREATE INDEX outbox_unsent ON messaging.outbox (id) WHERE sent_at IS NULL",
    "CREATE INDEX outbox_sent_at ON messaging.outbox (sent_at)",
    "CREATE INDEX outbox_client_id ON messaging.outbox (client_id, id DESC)",
    """
    CREATE TABLE messaging.relay (
        only_row   boolean     PRIMARY KEY DEFAULT true CHECK (only_row),
        continuity text        NOT NULL,
        changed_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    """
    COMMENT ON TABLE messaging.relay IS
        'Which memory of the event server the events marked sent went to; when it is another one they are sent again'
    """,
    "GRANT SELECT, INSERT, UPDATE ON messaging.relay TO ae_messaging_service",
)

# So that connector_profiles and kpi_data are found by their bare names, whoever connects.
_SEARCH_PATH = """
    DO $do$
    BEGIN
        EXECUTE format('ALTER DATABASE %I SET search_path = "$user", public, connect, kpi', current_database());
    END
    $do$
"""

_ORDINARY_SEARCH_PATH = """
    DO $do$
    BEGIN
        EXECUTE format('ALTER DATABASE %I RESET search_path', current_database());
    END
    $do$
"""


def upgrade() -> None:
    for statement in (*_PROFILES, *_RELAY, _SEARCH_PATH):
        op.execute(statement)


def downgrade() -> None:
    op.execute(_ORDINARY_SEARCH_PATH)
    op.execute("DROP TABLE messaging.relay, connect.connector_profiles")
    for index in ("outbox_client_id", "outbox_sent_at", "outbox_unsent"):
        op.execute(f"DROP INDEX messaging.{index}")
    op.execute("ALTER TABLE messaging.outbox DROP COLUMN sent_at")
    op.execute("REVOKE USAGE ON SCHEMA connect FROM ae_connector_service")
