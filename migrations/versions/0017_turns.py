"""Turns: events of one subject are handled in the order they were sent, and what a group gives up on is kept here."""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_ALL_SERVICES = (
    "ae_database_service, ae_messaging_service, ae_business_metadata, ae_calculation_engine_service, "
    "ae_demo_config_service, ae_connector_service, ae_api_gateway"
)
_TAKE_TURN = "messaging.take_turn(text, text, text, text, text, bigint)"
_WHOSE_TURN = "messaging.whose_turn(text, text[], text[], text[], text[], bigint[])"
_THROUGH = "messaging.through(text, text[], text[], text[], text[], bigint[])"
_GIVE_UP = "messaging.give_up(text, jsonb, bigint, text, integer)"

_POSITIONS = (
    "CREATE SEQUENCE messaging.positions",
    "GRANT USAGE ON SEQUENCE messaging.positions TO ae_messaging_service",
    "ALTER TABLE messaging.outbox ADD COLUMN position bigint",
    """
    COMMENT ON COLUMN messaging.outbox.position IS
        'The order of sending, drawn by the relay before it sends; null until then'
    """,
    "DROP INDEX messaging.outbox_unsent",
    "CREATE INDEX outbox_unnumbered ON messaging.outbox (id) WHERE position IS NULL AND sent_at IS NULL",
    "CREATE INDEX outbox_unsent ON messaging.outbox (position) WHERE sent_at IS NULL",
    "CREATE INDEX outbox_turns ON messaging.outbox (type, client_id, subject, position) WHERE subject <> ''",
)

_TURNS = (
    """
    CREATE TABLE messaging.turns (
        consumer_group text        NOT NULL,
        type           text        NOT NULL,
        client_id      text        NOT NULL,
        subject        text        NOT NULL,
        position       bigint      NOT NULL,
        changed_at     timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (consumer_group, type, client_id, subject)
    ) WITH (fillfactor = 70)
    """,
    "CREATE INDEX turns_changed_at ON messaging.turns USING brin (changed_at)",
    "COMMENT ON TABLE messaging.turns IS 'How far each consumer group is with the events of each subject'",
    "GRANT SELECT, DELETE ON messaging.turns TO ae_messaging_service",
    """
    CREATE TABLE messaging.dead_letters (
        consumer_group text        NOT NULL,
        event_id       text        NOT NULL,
        type           text        NOT NULL,
        client_id      text        NOT NULL,
        reason         text        NOT NULL,
        attempts       integer     NOT NULL,
        event          jsonb       NOT NULL,
        failed_at      timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (consumer_group, event_id)
    )
    """,
    "CREATE INDEX dead_letters_failed_at ON messaging.dead_letters (failed_at)",
    "COMMENT ON TABLE messaging.dead_letters IS 'What groups that handle events in turn gave up on, and why'",
    "GRANT SELECT, DELETE ON messaging.dead_letters TO ae_messaging_service",
    # Statements of one transaction each see what was committed before them: a turn is checked against what is
    # committed, and whoever handles the same event at the same time is waited for by the inbox's key.
    """
    CREATE FUNCTION messaging.take_turn(
        of_group text, of_event text, of_type text, of_client text, of_subject text, at_position bigint
    ) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
    DECLARE
        in_order boolean := of_subject <> '' AND at_position IS NOT NULL;
        passed   bigint;
        is_first boolean;
    BEGIN
        IF in_order THEN
            SELECT position INTO passed FROM messaging.turns
            WHERE consumer_group = of_group AND type = of_type AND client_id = of_client AND subject = of_subject;
            IF EXISTS (
                SELECT FROM messaging.outbox
                WHERE type = of_type AND client_id = of_client AND subject = of_subject AND subject <> ''
                  AND position > coalesce(passed, 0) AND position < at_position
            ) THEN
                RETURN 'waits';
            END IF;
        END IF;
        INSERT INTO messaging.inbox (consumer_group, event_id, type) VALUES (of_group, of_event, of_type)
        ON CONFLICT (consumer_group, event_id) DO NOTHING;
        is_first := FOUND;
        IF in_order AND at_position > coalesce(passed, 0) THEN
            INSERT INTO messaging.turns AS t (consumer_group, type, client_id, subject, position)
            VALUES (of_group, of_type, of_client, of_subject, at_position)
            ON CONFLICT (consumer_group, type, client_id, subject)
            DO UPDATE SET position = EXCLUDED.position, changed_at = now() WHERE t.position < EXCLUDED.position;
        END IF;
        RETURN CASE WHEN is_first THEN 'first' ELSE 'known' END;
    END
    $function$
    """,
    f"COMMENT ON FUNCTION {_TAKE_TURN} IS 'Enters an event in the inbox when all before it of its subject are there'",
    """
    CREATE FUNCTION messaging.whose_turn(
        of_group text, of_events text[], of_types text[], of_clients text[], of_subjects text[], at_positions bigint[]
    ) RETURNS SETOF text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
        SELECT asked.id
        FROM unnest(of_events, of_types, of_clients, of_subjects, at_positions)
             AS asked(id, type, client_id, subject, position)
        LEFT JOIN messaging.turns AS t
            ON t.consumer_group = of_group AND t.type = asked.type AND t.client_id = asked.client_id
            AND t.subject = asked.subject
        LEFT JOIN LATERAL (
            SELECT o.position
            FROM messaging.outbox AS o
            WHERE o.type = asked.type AND o.client_id = asked.client_id AND o.subject = asked.subject
              AND o.subject <> '' AND o.position > coalesce(t.position, 0)
            ORDER BY o.position
            LIMIT 1
        ) AS next ON true
        WHERE coalesce(next.position >= asked.position, true)
    $function$
    """,
    f"COMMENT ON FUNCTION {_WHOSE_TURN} IS 'Which of these events take_turn would not let wait'",
    """
    CREATE FUNCTION messaging.through(
        of_group text, of_events text[], of_types text[], of_clients text[], of_subjects text[], at_positions bigint[]
    ) RETURNS SETOF text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
        SELECT asked.id
        FROM unnest(of_events, of_types, of_clients, of_subjects, at_positions)
             AS asked(id, type, client_id, subject, position)
        JOIN messaging.inbox AS i ON i.consumer_group = of_group AND i.event_id = asked.id
        LEFT JOIN messaging.turns AS t
            ON t.consumer_group = of_group AND t.type = asked.type AND t.client_id = asked.client_id
            AND t.subject = asked.subject
        WHERE coalesce(asked.subject = '' OR asked.position <= t.position, asked.position IS NULL)
    $function$
    """,
    f"COMMENT ON FUNCTION {_THROUGH} IS 'Which of these events take_turn would change nothing for'",
    """
    CREATE FUNCTION messaging.give_up(
        of_group text, of_event jsonb, at_position bigint, of_reason text, of_attempts integer
    ) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
    DECLARE
        turn text := messaging.take_turn(
            of_group, of_event ->> 'id', of_event ->> 'type', of_event ->> 'clientid', of_event ->> 'subject',
            at_position
        );
    BEGIN
        IF turn = 'first' THEN
            INSERT INTO messaging.dead_letters (consumer_group, event_id, type, client_id, reason, attempts, event)
            VALUES (of_group, of_event ->> 'id', of_event ->> 'type', of_event ->> 'clientid', of_reason, of_attempts,
                    of_event);
        END IF;
        RETURN turn;
    END
    $function$
    """,
    f"COMMENT ON FUNCTION {_GIVE_UP} IS 'Makes an event that was not handled a dead letter; those behind it go on'",
    f"REVOKE EXECUTE ON FUNCTION {_TAKE_TURN}, {_WHOSE_TURN}, {_THROUGH}, {_GIVE_UP} FROM PUBLIC",
    f"GRANT EXECUTE ON FUNCTION {_TAKE_TURN}, {_WHOSE_TURN}, {_THROUGH}, {_GIVE_UP} TO {_ALL_SERVICES}",
)


def upgrade() -> None:
    for statement in (*_POSITIONS, *_TURNS):
        op.execute(statement)


def downgrade() -> None:
    op.execute(f"DROP FUNCTION {_GIVE_UP}, {_THROUGH}, {_WHOSE_TURN}, {_TAKE_TURN}")
    op.execute("DROP TABLE messaging.dead_letters, messaging.turns")
    op.execute("DROP INDEX messaging.outbox_turns, messaging.outbox_unnumbered, messaging.outbox_unsent")
    op.execute("ALTER TABLE messaging.outbox DROP COLUMN position")
    op.execute("CREATE INDEX outbox_unsent ON messaging.outbox (id) WHERE sent_at IS NULL")
    op.execute("DROP SEQUENCE messaging.positions")
