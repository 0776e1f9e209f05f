"""Messages that leave the house: channels and subscriptions, and what is to be delivered to them."""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0012"
branch_labels = None
depends_on = None

_SERVICE = "ae_messaging_service"
_OWN_CLIENT = "client_id = current_setting('app.client_id', true)"
_ALL_CLIENTS = "current_setting('app.client_id', true) = '*'"  # no client can be called so; who delivers says it

_CHANNELS = (
    """
    CREATE TABLE messaging.channels (
        id         uuid        PRIMARY KEY,
        client_id  text        NOT NULL CHECK (client_id <> ''),
        name       text        NOT NULL CHECK (name <> ''),
        kind       text        NOT NULL,
        options    jsonb       NOT NULL CHECK (jsonb_typeof(options) = 'object'),
        secrets    jsonb       NOT NULL CHECK (jsonb_typeof(secrets) = 'object'),
        enabled    boolean     NOT NULL,
        version    integer     NOT NULL DEFAULT 1 CHECK (version >= 1),
        created_by text        NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT channels_name UNIQUE (client_id, name)
    )
    """,
    "COMMENT ON TABLE messaging.channels IS 'Where a client''s people are told; secrets are references, or sealed'",
    """
    CREATE TABLE messaging.notifications (
        id              uuid        PRIMARY KEY,
        client_id       text        NOT NULL CHECK (client_id <> ''),
        idempotency_key text,
        content         jsonb       NOT NULL,
        created_by      text        NOT NULL,
        created_at      timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT notifications_key UNIQUE (client_id, idempotency_key)
    )
    """,
    "CREATE INDEX notifications_created_at ON messaging.notifications (created_at)",
    "COMMENT ON TABLE messaging.notifications IS 'Messages that somebody sent, each to some channels'",
)

_SUBSCRIPTIONS = (
    """
    CREATE TABLE messaging.subscriptions (
        id              uuid        PRIMARY KEY,
        client_id       text        NOT NULL CHECK (client_id <> ''),
        url             text        NOT NULL,
        types           text[]      NOT NULL CHECK (cardinality(types) > 0),
        filters         jsonb       NOT NULL CHECK (jsonb_typeof(filters) = 'object'),
        description     text        NOT NULL,
        enabled         boolean     NOT NULL,
        disabled_reason text        NOT NULL DEFAULT '',
        secret          text        NOT NULL,
        previous_secret text,
        previous_until  timestamptz,
        failing_since   timestamptz,
        version         integer     NOT NULL DEFAULT 1 CHECK (version >= 1),
        created_by      text        NOT NULL,
        created_at      timestamptz NOT NULL DEFAULT now(),
        updated_at      timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE INDEX subscriptions_client_id ON messaging.subscriptions (client_id, created_at)",
    "COMMENT ON TABLE messaging.subscriptions IS 'Where a client''s events are sent to; secrets are sealed'",
)

_DELIVERIES = (
    """
    CREATE TABLE messaging.deliveries (
        id              uuid             PRIMARY KEY,
        seq             bigint           GENERATED ALWAYS AS IDENTITY,
        client_id       text             NOT NULL CHECK (client_id <> ''),
        purpose         text             NOT NULL CHECK (purpose IN ('notification', 'webhook')),
        target_id       uuid             NOT NULL,
        target          text             NOT NULL,
        message_id      text             NOT NULL,
        gathering       text,
        lane            text,
        content         jsonb            NOT NULL,
        state           text             NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'failed')),
        attempts        integer          NOT NULL DEFAULT 0,
        due_at          timestamptz      NOT NULL DEFAULT now(),
        answer_status   integer,
        answer          text             NOT NULL DEFAULT '',
        duration_ms     double precision,
        last_attempt_at timestamptz,
        finished_at     timestamptz,
        created_at      timestamptz      NOT NULL DEFAULT now(),
        CONSTRAINT deliveries_once UNIQUE (target_id, message_id)
    )
    """,
    """
    COMMENT ON TABLE messaging.deliveries IS
        'What is to be brought to a channel or a subscription. gathering: more may be added until it is first tried'
    """,
    "CREATE INDEX deliveries_due ON messaging.deliveries (due_at) WHERE state = 'waiting'",
    """
    CREATE UNIQUE INDEX deliveries_gathering ON messaging.deliveries (target_id, gathering)
     WHERE gathering IS NOT NULL
    """,
    """
    CREATE INDEX deliveries_lane ON messaging.deliveries (target_id, lane, seq)
     WHERE state = 'waiting' AND lane IS NOT NULL
    """,
    "CREATE INDEX deliveries_client_id ON messaging.deliveries (client_id, purpose, seq DESC)",
    "CREATE INDEX deliveries_target_id ON messaging.deliveries (target_id, seq DESC)",
    "CREATE INDEX deliveries_finished_at ON messaging.deliveries (finished_at) WHERE finished_at IS NOT NULL",
)

_OF_ONE_CLIENT = ("channels", "subscriptions")
_OF_ALL_TOO = ("notifications", "deliveries")


def _rights() -> tuple[str, ...]:
    policies = {
        **dict.fromkeys(_OF_ONE_CLIENT, _OWN_CLIENT),
        **dict.fromkeys(_OF_ALL_TOO, f"{_OWN_CLIENT} OR {_ALL_CLIENTS}"),
    }
    return tuple(
        statement
        for table, condition in policies.items()
        for statement in (
            f"ALTER TABLE messaging.{table} ENABLE ROW LEVEL SECURITY",
            f"""
            CREATE POLICY own_client ON messaging.{table}
                TO {_SERVICE} USING ({condition}) WITH CHECK ({condition})
            """,
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON messaging.{table} TO {_SERVICE}",
        )
    )


def upgrade() -> None:
    for statement in (*_CHANNELS, *_SUBSCRIPTIONS, *_DELIVERIES, *_rights()):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE messaging.deliveries, messaging.subscriptions, messaging.notifications, messaging.channels")
