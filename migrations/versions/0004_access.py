"""Who may come in: users, their sessions, keys for programs, and the audit log that keeps who did what."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ROLES = "('viewer', 'analyst', 'consultant', 'operator', 'admin')"

_UP = (
    f"""
    CREATE TABLE access.users (
        id            uuid        PRIMARY KEY,
        email         text        NOT NULL CHECK (email LIKE '%_@_%'),
        name          text        NOT NULL,
        password_hash text        NOT NULL CHECK (password_hash LIKE '$argon2id$%'),
        role          text        NOT NULL CHECK (role IN {_ROLES}),
        client_id     text        NOT NULL,
        disabled      boolean     NOT NULL DEFAULT false,
        created_at    timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE UNIQUE INDEX users_email ON access.users (lower(email))",
    """
    CREATE TABLE access.sessions (
        id         uuid        PRIMARY KEY,
        user_id    uuid        NOT NULL REFERENCES access.users (id),
        client_id  text        NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        revoked_at timestamptz
    )
    """,
    "CREATE INDEX sessions_user ON access.sessions (user_id) WHERE revoked_at IS NULL",
    """
    COMMENT ON TABLE access.sessions IS
        'One sign-in each: the family of the refresh tokens that follow from it, revoked as a whole'
    """,
    """
    CREATE TABLE access.refresh_tokens (
        hash       bytea       PRIMARY KEY,
        session_id uuid        NOT NULL REFERENCES access.sessions (id) ON DELETE CASCADE,
        issued_at  timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL,
        used_at    timestamptz
    )
    """,
    "CREATE INDEX refresh_tokens_session ON access.refresh_tokens (session_id)",
    """
    COMMENT ON TABLE access.refresh_tokens IS
        'Each is used once; one that comes a second time was copied, and its whole session is revoked'
    """,
    f"""
    CREATE TABLE access.api_keys (
        id           uuid        PRIMARY KEY,
        prefix       text        NOT NULL UNIQUE,
        hash         bytea       NOT NULL UNIQUE,
        name         text        NOT NULL,
        client_id    text        NOT NULL,
        role         text        NOT NULL CHECK (role IN {_ROLES} AND role <> 'admin'),
        scopes       text[]      NOT NULL DEFAULT '{{}}',
        created_at   timestamptz NOT NULL DEFAULT now(),
        created_by   text        NOT NULL,
        expires_at   timestamptz,
        revoked_at   timestamptz,
        last_used_at timestamptz
    )
    """,
    """
    COMMENT ON COLUMN access.api_keys.hash IS 'HMAC-SHA256 of the key under a key derived from SECRET_KEY'
    """,
    """
    CREATE TABLE audit.log (
        seq           bigint      PRIMARY KEY,
        at            timestamptz NOT NULL,
        actor         text        NOT NULL,
        client_id     text        NOT NULL,
        action        text        NOT NULL,
        target        text        NOT NULL,
        outcome       text        NOT NULL,
        request_id    text        NOT NULL,
        details       jsonb       NOT NULL DEFAULT '{}',
        previous_hash bytea       NOT NULL,
        hash          bytea       NOT NULL
    )
    """,
    "CREATE INDEX log_client ON audit.log (client_id, seq)",
    """
    COMMENT ON TABLE audit.log IS
        'Append-only: each entry holds the hash of the one before, so that a change or a gap shows'
    """,
    """
    CREATE FUNCTION audit.entry_hash(entry audit.log) RETURNS bytea
    LANGUAGE sql STABLE SET search_path = pg_catalog AS $function$
        SELECT sha256(convert_to(jsonb_build_array(
            entry.seq, extract(epoch FROM entry.at)::text, entry.actor, entry.client_id, entry.action, entry.target,
            entry.outcome, entry.request_id, entry.details, encode(entry.previous_hash, 'hex')
        )::text, 'UTF8'))
    $function$
    """,
    """
    CREATE FUNCTION audit.chain() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $function$
    DECLARE
        last audit.log;
    BEGIN
        PERFORM pg_advisory_xact_lock(hashtextextended('audit.log', 0));
        SELECT * INTO last FROM audit.log ORDER BY seq DESC LIMIT 1;
        NEW.seq = coalesce(last.seq, 0) + 1;
        NEW.at = clock_timestamp();
        NEW.previous_hash = coalesce(last.hash, ''::bytea);
        NEW.hash = audit.entry_hash(NEW);
        RETURN NEW;
    END
    $function$
    """,
    "CREATE TRIGGER chain BEFORE INSERT ON audit.log FOR EACH ROW EXECUTE FUNCTION audit.chain()",
    """
    CREATE FUNCTION audit.refuse() RETURNS trigger
    LANGUAGE plpgsql AS $function$
    BEGIN
        RAISE EXCEPTION 'audit.log is append-only' USING ERRCODE = 'insufficient_privilege';
    END
    $function$
    """,
    """
    CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.log
        FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse()
    """,
    "REVOKE ALL ON audit.log FROM PUBLIC",
    "GRANT USAGE ON SCHEMA access, audit TO ae_api_gateway",
    "GRANT SELECT, INSERT, UPDATE ON access.users, access.api_keys TO ae_api_gateway",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON access.sessions, access.refresh_tokens TO ae_api_gateway",
    "GRANT SELECT, INSERT ON audit.log TO ae_api_gateway",
    "GRANT EXECUTE ON FUNCTION audit.entry_hash(audit.log) TO ae_api_gateway",
)

_DOWN = (
    "DROP TABLE audit.log CASCADE",
    "DROP FUNCTION IF EXISTS audit.chain(), audit.refuse()",
    "DROP TABLE access.refresh_tokens, access.sessions, access.api_keys, access.users",
)


def upgrade() -> None:
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    for statement in _DOWN:
        op.execute(statement)
