"""Definitions with immutable versions: value chains, modules, object models and KPIs, global and per client."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# One table for the four kinds: their lives are the same (version, author, time, change), and what differs between
# them is inside the body and checked by the definitions' own types before it gets here.
_UP = (
    """
    CREATE TABLE metadata.definition_versions (
        client_id    text        NOT NULL,
        kind         text        NOT NULL CHECK (kind IN ('value_chain', 'module', 'object_model', 'kpi')),
        code         text        NOT NULL,
        version      integer     NOT NULL CHECK (version >= 1),
        body         jsonb       NOT NULL,
        content_hash text        NOT NULL,
        change       jsonb       NOT NULL,
        author       text        NOT NULL,
        created_at   timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (client_id, kind, code, version)
    )
    """,
    """
    COMMENT ON TABLE metadata.definition_versions IS
        'Every version of every definition, never changed once written; client_id is empty for global ones'
    """,
    """
    CREATE TABLE metadata.definitions (
        client_id text    NOT NULL,
        kind      text    NOT NULL,
        code      text    NOT NULL,
        version   integer NOT NULL,
        PRIMARY KEY (client_id, kind, code),
        FOREIGN KEY (client_id, kind, code, version)
            REFERENCES metadata.definition_versions (client_id, kind, code, version)
    )
    """,
    """
    COMMENT ON TABLE metadata.definitions IS 'The present version of every definition'
    """,
    """
    CREATE TABLE metadata.catalogs (
        client_id  text        PRIMARY KEY,
        version    text        NOT NULL,
        changed_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    """
    COMMENT ON TABLE metadata.catalogs IS
        'What the definitions of one client (global: empty) are at, as a digest of their codes, versions and contents'
    """,
    """
    CREATE TABLE metadata.shipped_definitions (
        kind         text NOT NULL,
        code         text NOT NULL,
        content_hash text NOT NULL,
        PRIMARY KEY (kind, code)
    )
    """,
    """
    COMMENT ON TABLE metadata.shipped_definitions IS
        'What was last imported from the shipped catalog, so that a person''s later edit stays'
    """,
    """
    CREATE FUNCTION metadata.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'a version of a definition is never changed; write a new one';
    END
    $$
    """,
    """
    CREATE TRIGGER definition_versions_are_immutable
        BEFORE UPDATE OR DELETE OR TRUNCATE ON metadata.definition_versions
        FOR EACH STATEMENT EXECUTE FUNCTION metadata.refuse_change()
    """,
    """
    GRANT USAGE ON SCHEMA metadata TO ae_business_metadata
    """,
    """
    GRANT SELECT, INSERT ON metadata.definition_versions TO ae_business_metadata
    """,
    """
    GRANT SELECT, INSERT, UPDATE ON metadata.definitions, metadata.catalogs, metadata.shipped_definitions
        TO ae_business_metadata
    """,
)

_DOWN = (
    "DROP TABLE metadata.shipped_definitions, metadata.catalogs, metadata.definitions, metadata.definition_versions",
    "DROP FUNCTION metadata.refuse_change()",
)


def upgrade() -> None:
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    for statement in _DOWN:
        op.execute(statement)
