-- name: add
INSERT INTO messaging.deliveries (id, client_id, purpose, target_id, target, message_id, lane, content)
VALUES ($1::uuid, $2::text, $3::text, $4::uuid, $5::text, $6::text, $7::text, $8::jsonb)
ON CONFLICT (target_id, message_id) DO NOTHING
RETURNING id

-- name: add_failed
INSERT INTO messaging.deliveries (id, client_id, purpose, target_id, target, message_id, content, state, answer,
                                  finished_at)
VALUES ($1::uuid, $2::text, $3::text, $4::uuid, $5::text, $6::text, $7::jsonb, 'failed', $8::text, now())
ON CONFLICT (target_id, message_id) DO NOTHING

-- name: gather
-- One row takes up what comes within its time; its first attempt ends that (see claim).
INSERT INTO messaging.deliveries (id, client_id, purpose, target_id, target, message_id, gathering, content, due_at)
VALUES ($1::uuid, $2::text, $3::text, $4::uuid, $5::text, $6::text, $7::text, jsonb_build_object($8::text, $9::jsonb),
        now() + $10::interval)
ON CONFLICT (target_id, gathering) WHERE gathering IS NOT NULL
DO UPDATE SET content = jsonb_set(deliveries.content, ARRAY[$8::text], (deliveries.content -> $8::text) || $9::jsonb)

-- name: claim
-- Whoever claims a row has it until it is due again; when that process is killed, another one takes it then.
WITH due AS (
    SELECT waiting.id
    FROM messaging.deliveries AS waiting
    WHERE waiting.state = 'waiting' AND waiting.due_at <= now() AND waiting.target_id <> ALL ($2::uuid[])
      AND (
          waiting.lane IS NULL
          OR NOT EXISTS (
              SELECT FROM messaging.deliveries AS earlier
              WHERE earlier.target_id = waiting.target_id AND earlier.lane = waiting.lane
                AND earlier.state = 'waiting' AND earlier.seq < waiting.seq
          )
      )
    ORDER BY waiting.due_at
    LIMIT $1::integer
    FOR UPDATE OF waiting SKIP LOCKED
)
UPDATE messaging.deliveries AS claimed
SET attempts = attempts + 1, due_at = now() + $3::interval, gathering = NULL, last_attempt_at = now()
FROM due
WHERE claimed.id = due.id
RETURNING claimed.id, claimed.client_id, claimed.purpose, claimed.target_id, claimed.message_id, claimed.content,
          claimed.attempts, claimed.created_at

-- name: record
-- Nothing is recorded by who took so long that another one has claimed the row meanwhile.
UPDATE messaging.deliveries
SET state = $3::text, due_at = now() + $4::interval, answer_status = $5::integer, answer = $6::text,
    duration_ms = $7::double precision, finished_at = CASE WHEN $3::text = 'waiting' THEN NULL ELSE now() END
WHERE id = $1::uuid AND attempts = $2::integer AND state = 'waiting'
RETURNING id

-- name: again
UPDATE messaging.deliveries
SET state = 'waiting', attempts = 0, due_at = now(), finished_at = NULL
WHERE id = $1::uuid AND client_id = $2::text AND target_id = $3::uuid AND state <> 'waiting'
RETURNING *

-- name: give_up
-- What is being recorded at this moment is passed over: its next attempt finds that the receiver is gone.
UPDATE messaging.deliveries
SET state = 'failed', finished_at = now(), answer = $2::text, gathering = NULL
WHERE id IN (
    SELECT id FROM messaging.deliveries WHERE target_id = $1::uuid AND state = 'waiting' FOR UPDATE SKIP LOCKED
)

-- name: delivery
SELECT * FROM messaging.deliveries
WHERE id = $1::uuid AND client_id = $2::text AND purpose = $3::text AND ($4::uuid IS NULL OR target_id = $4::uuid)

-- name: page
SELECT * FROM messaging.deliveries
WHERE client_id = $1::text AND purpose = $2::text AND ($3::uuid IS NULL OR target_id = $3::uuid)
  AND ($4::text IS NULL OR state = $4::text) AND ($5::text IS NULL OR message_id = $5::text)
ORDER BY seq DESC
LIMIT $6::integer OFFSET $7::integer

-- name: count
SELECT count(*) FROM messaging.deliveries
WHERE client_id = $1::text AND purpose = $2::text AND ($3::uuid IS NULL OR target_id = $3::uuid)
  AND ($4::text IS NULL OR state = $4::text) AND ($5::text IS NULL OR message_id = $5::text)

-- name: backlog
SELECT purpose, count(*) AS waiting, coalesce(extract(epoch FROM now() - min(created_at)), 0)::double precision AS oldest_s
FROM messaging.deliveries
WHERE state = 'waiting'
GROUP BY purpose

-- name: forget_finished
DELETE FROM messaging.deliveries
WHERE id IN (
    SELECT id FROM messaging.deliveries WHERE finished_at < now() - $1::interval ORDER BY finished_at LIMIT $2::integer
)

-- name: forget_notifications
DELETE FROM messaging.notifications
WHERE id IN (
    SELECT id FROM messaging.notifications WHERE created_at < now() - $1::interval ORDER BY created_at LIMIT $2::integer
)
