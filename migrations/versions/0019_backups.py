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
        CREATE ROLE ae_backup LOGIN REPLICATION BYPASSRLS;
    EXCEPTION
        WHEN duplicate_object OR unique_violation THEN
            NULL;
        WHEN insufficient_privilege THEN
            RAISE NOTICE 'ae_backup was not made: this needs a superuser. Name another login in AE_BACKUP_DATABASE_URL';
    END
    $do$
"""

_RIGHTS = """
    DO $do$
    BEGIN
        IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'ae_backup') THEN
            EXECUTE format('GRANT CONNECT ON DATABASE %I TO ae_backup', current_database());
            GRANT pg_read_all_data, pg_monitor TO ae_backup;
            COMMENT ON ROLE ae_backup IS 'Makes backups: reads everything and follows the log of changes';
        END IF;
    EXCEPTION WHEN insufficient_privilege THEN
        RAISE NOTICE 'ae_backup was not given its rights: this needs a superuser';
    END
    $do$
"""


def upgrade() -> None:
    op.execute(_ROLE)
    op.execute(_RIGHTS)


def downgrade() -> None:
    """Leave the role: it belongs to the whole server."""
