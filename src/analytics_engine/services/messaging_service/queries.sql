-- name: lead
-- One relay at a time, however many replicas: two would send events of one subject out of order.
SELECT pg_try_advisory_xact_lock(hashtextextended('messaging.relay', 0))

-- name: continuity
SELECT continuity FROM messaging.relay

-- name: remember_continuity
INSERT INTO messaging.relay (continuity)
VALUES ($1::text)
ON CONFLICT (only_row) DO UPDATE SET continuity = EXCLUDED.continuity, changed_at = now()

-- name: send_again
UPDATE messaging.outbox
SET sent_at = NULL
WHERE sent_at >= now() - $1::interval

-- name: send_all_again
UPDATE messaging.outbox
SET sent_at = NULL
WHERE sent_at IS NOT NULL

-- name: number
-- Below the oldest transaction still open nothing can appear any more, so nothing is overtaken.
UPDATE messaging.outbox AS o
SET position = numbered.position
FROM (
    SELECT next.id, nextval('messaging.positions') AS position
    FROM (
        SELECT id
        FROM messaging.outbox
        WHERE position IS NULL AND sent_at IS NULL AND xid < pg_snapshot_xmin(pg_current_snapshot())
        ORDER BY id
        LIMIT $1::integer
    ) AS next
) AS numbered
WHERE o.id = numbered.id AND o.position IS NULL

-- name: unsent
SELECT id, position, event
FROM messaging.outbox
WHERE sent_at IS NULL AND position IS NOT NULL
ORDER BY position
LIMIT $1::integer

-- name: mark_sent
UPDATE messaging.outbox
SET sent_at = now()
WHERE id = ANY ($1::bigint[])

-- name: backlog
SELECT count(*) AS events, coalesce(extract(epoch FROM now() - min(created_at)), 0)::double precision AS oldest_s
FROM messaging.outbox
WHERE sent_at IS NULL

-- name: forget_sent
DELETE FROM messaging.outbox
WHERE id IN (SELECT id FROM messaging.outbox WHERE sent_at < now() - $1::interval ORDER BY sent_at LIMIT $2::integer)

-- name: forget_handled
DELETE FROM messaging.inbox
WHERE (consumer_group, event_id) IN (
    SELECT consumer_group, event_id FROM messaging.inbox
    WHERE handled_at < now() - $1::interval
    ORDER BY handled_at
    LIMIT $2::integer
)

-- name: recent
SELECT event, created_at, sent_at
FROM messaging.outbox
WHERE client_id = $1::text AND ($2::text IS NULL OR type = $2::text)
ORDER BY id DESC
LIMIT $3::integer OFFSET $4::integer

-- name: count_recent
SELECT count(*)
FROM messaging.outbox
WHERE client_id = $1::text AND ($2::text IS NULL OR type = $2::text)

-- name: forget_turns
-- Of a subject that nothing was sent of for so long, no event that could be waited for is kept.
DELETE FROM messaging.turns
WHERE (consumer_group, type, client_id, subject) IN (
    SELECT consumer_group, type, client_id, subject FROM messaging.turns
    WHERE changed_at < now() - $1::interval
    LIMIT $2::integer
)

-- name: dead_letters
SELECT consumer_group, event_id, type, reason, attempts, failed_at, event
FROM messaging.dead_letters
WHERE client_id IN ('', $1::text) AND ($2::text IS NULL OR consumer_group = $2::text)
ORDER BY failed_at DESC, event_id
LIMIT $3::integer

-- name: count_dead_letters
SELECT count(*)
FROM messaging.dead_letters
WHERE client_id IN ('', $1::text) AND ($2::text IS NULL OR consumer_group = $2::text)

-- name: dead_letters_by_group
SELECT consumer_group, count(*) AS letters
FROM messaging.dead_letters
GROUP BY consumer_group

-- name: take_dead_letters
WITH taken AS (
    DELETE FROM messaging.dead_letters
    WHERE client_id IN ('', $1::text) AND consumer_group = $2::text AND ($3::text IS NULL OR event_id = $3::text)
    RETURNING event_id, failed_at
)
SELECT event_id FROM taken ORDER BY failed_at

-- name: send_dead_letters_again
WITH taken AS (
    DELETE FROM messaging.dead_letters
    WHERE client_id IN ('', $1::text) AND consumer_group = $2::text AND ($3::text IS NULL OR event_id = $3::text)
    RETURNING consumer_group, event_id, type, client_id, event, failed_at
), forgotten AS (
    DELETE FROM messaging.inbox AS i
    USING taken
    WHERE i.consumer_group = taken.consumer_group AND i.event_id = taken.event_id
), sent AS (
    INSERT INTO messaging.outbox (event_id, type, client_id, subject, event)
    SELECT event_id, type, client_id, coalesce(event ->> 'subject', ''), event
    FROM taken
    ORDER BY failed_at
    RETURNING id, event_id, type
)
SELECT event_id, type FROM sent ORDER BY id
