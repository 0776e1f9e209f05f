"""Every service can see which revision the schema is at, and so whether its own code may work on it."""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_ALL_SERVICES = (
    "ae_database_service, ae_messaging_service, ae_business_metadata, ae_calculation_engine_service, "
    "ae_demo_config_service, ae_connector_service, ae_api_gateway"
)

_STATEMENTS = (
    "CREATE VIEW operations.schema_revision AS SELECT version_num::text AS revision FROM alembic_version",
    "COMMENT ON VIEW operations.schema_revision IS 'The last migration that was applied'",
    f"GRANT SELECT ON operations.schema_revision TO {_ALL_SERVICES}",
    "GRANT SELECT ON alembic_version TO ae_database_service",  # who runs alembic in its container
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("REVOKE SELECT ON alembic_version FROM ae_database_service")
    op.execute("DROP VIEW operations.schema_revision")
