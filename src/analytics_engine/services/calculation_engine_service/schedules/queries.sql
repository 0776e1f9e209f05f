-- name: as_runner
SET LOCAL ROLE ae_job_runner

-- name: schedules
SELECT * FROM jobs.schedules ORDER BY name LIMIT $1::integer OFFSET $2::integer

-- name: count_schedules
SELECT count(*) FROM jobs.schedules

-- name: schedule
SELECT * FROM jobs.schedules WHERE id = $1::uuid

-- name: schedule_to_change
SELECT * FROM jobs.schedules WHERE id = $1::uuid FOR UPDATE

-- name: name_is_taken
SELECT EXISTS (SELECT FROM jobs.schedules WHERE name = $1::text AND id <> $2::uuid)

-- name: add_schedule
INSERT INTO jobs.schedules
    (id, client_id, name, kind, params, cron, time_zone, enabled, missed, missed_within_s, overlap, next_tick, subject,
     role, changed_by)
VALUES
    ($1::uuid, $2::text, $3::text, $4::text, $5::jsonb, $6::text, $7::text, $8::boolean, $9::text, $10::integer,
     $11::boolean, $12::timestamptz, $13::text, $14::text, $15::text)
RETURNING *

-- name: change_schedule
UPDATE jobs.schedules
SET name = $2::text, kind = $3::text, params = $4::jsonb, cron = $5::text, time_zone = $6::text, enabled = $7::boolean,
    missed = $8::text, missed_within_s = $9::integer, overlap = $10::boolean, next_tick = $11::timestamptz,
    subject = $12::text, role = $13::text, changed_by = $14::text, version = version + 1, updated_at = now()
WHERE id = $1::uuid
RETURNING *

-- name: delete_schedule
DELETE FROM jobs.schedules WHERE id = $1::uuid

-- name: cancel_waiting
-- What waits for a schedule that is gone would be a surprise.
UPDATE jobs.jobs
SET state = 'cancelled', ended_at = now(), cancel_requested_at = now()
WHERE schedule_id = $1::uuid AND state = 'waiting'

-- name: runs
SELECT ticks.tick, ticks.through, ticks.skipped, ticks.job_id, jobs.state, ticks.decided_at
FROM jobs.ticks
LEFT JOIN jobs.jobs ON jobs.id = ticks.job_id
WHERE ticks.schedule_id = $1::uuid
ORDER BY ticks.tick DESC
LIMIT $2::integer OFFSET $3::integer

-- name: count_runs
SELECT count(*) FROM jobs.ticks WHERE schedule_id = $1::uuid

-- name: due
-- One replica decides on a schedule's ticks at a time; the others go on to other schedules.
SELECT *
FROM jobs.schedules
WHERE next_tick <= $1::timestamptz
ORDER BY next_tick
LIMIT 1
FOR UPDATE SKIP LOCKED

-- name: occupied
SELECT EXISTS (SELECT FROM jobs.jobs WHERE schedule_id = $1::uuid AND state IN ('waiting', 'running'))

-- name: count_waiting
SELECT count(*) FROM jobs.jobs WHERE client_id = $1::text AND state = 'waiting'

-- name: one_at_a_time
SELECT pg_advisory_xact_lock(hashtextextended('jobs.limits ' || $1::text, 0))

-- name: note_tick
INSERT INTO jobs.ticks (schedule_id, tick, client_id, job_id, skipped, through, decided_at)
VALUES ($1::uuid, $2::timestamptz, $3::text, $4::uuid, $5::text, $6::timestamptz, $7::timestamptz)
ON CONFLICT (schedule_id, tick) DO NOTHING
RETURNING true

-- name: advance
UPDATE jobs.schedules SET next_tick = $2::timestamptz WHERE id = $1::uuid

-- name: forget_ticks
DELETE FROM jobs.ticks
WHERE (schedule_id, tick) IN (
    SELECT schedule_id, tick FROM jobs.ticks WHERE decided_at < now() - $1::interval LIMIT $2::integer
)
