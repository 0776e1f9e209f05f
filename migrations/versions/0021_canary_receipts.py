"""Receipts of the canary's loads may be deleted when they are a day old; all others stay as they are."""

from __future__ import annotations

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE POLICY only_of_the_canary ON ingest.loads AS RESTRICTIVE FOR DELETE TO ae_database_service
        USING (client_id = 'analytics-engine-canary' AND loaded_at < now() - interval '1 day')
    """,
    "GRANT DELETE ON ingest.loads TO ae_database_service",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("REVOKE DELETE ON ingest.loads FROM ae_database_service")
    op.execute("DROP POLICY only_of_the_canary ON ingest.loads")
