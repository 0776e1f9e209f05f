"""The login that makes backups: it reads everything, follows the log of changes, and writes nothing."""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

# Roles belong to the whole server. What only a superuser may give is left out where we are none: backups are then made
# by a login that the server's administrator provides.
_ROLE = """
    DO $do$
    BEGIN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ae_backup') THEN
            CREATE ROLE ae_backup LOGIN REPLICATION BYPASSRLS;
        END IF;
        GRANT pg_read_all_data, pg_read_all_stats TO ae_backup;
        COMMENT ON ROLE ae_backup IS 'Makes backups: reads everything and follows the log of changes';
    EXCEPTION
        WHEN duplicate_object OR unique_violation THEN
            NULL;
        WHEN insufficient_privilege THEN
            RAISE NOTICE 'ae_backup was not made: this needs a superuser. Name another login in AE_BACKUP_DATABASE_URL';
    END
    $do$
"""


def upgrade() -> None:
    op.execute(_ROLE)


def downgrade() -> None:
    """Leave the role: it belongs to the whole server."""
