-- name: one_at_a_time
-- The limits of a client are counted and used up by one at a time.
SELECT pg_advisory_xact_lock(hashtextextended('jobs.limits ' || $1::text, 0))

-- name: count_waiting
SELECT count(*) FROM jobs.jobs WHERE state = 'waiting'

-- name: of_key
SELECT id, kind, params FROM jobs.jobs WHERE idempotency_key = $1::text

-- name: jobs
SELECT jobs.*, coalesce(failed.parts, 0) AS failed_parts
FROM jobs.jobs
LEFT JOIN LATERAL (
    SELECT count(*) AS parts FROM jobs.parts WHERE job_id = jobs.id AND parts.problem IS NOT NULL
) AS failed ON true
WHERE ($1::text[] IS NULL OR state = ANY ($1::text[]))
  AND ($2::text IS NULL OR kind = $2::text)
  AND ($3::uuid IS NULL OR schedule_id = $3::uuid)
ORDER BY created_at DESC, id DESC
LIMIT $4::integer OFFSET $5::integer

-- name: count_jobs
SELECT count(*)
FROM jobs.jobs
WHERE ($1::text[] IS NULL OR state = ANY ($1::text[]))
  AND ($2::text IS NULL OR kind = $2::text)
  AND ($3::uuid IS NULL OR schedule_id = $3::uuid)

-- name: job
SELECT jobs.*,
       (SELECT count(*) FROM jobs.parts WHERE job_id = jobs.id AND parts.problem IS NOT NULL) AS failed_parts
FROM jobs.jobs
WHERE id = $1::uuid

-- name: failures
SELECT what, problem, ended_at AS failed_at
FROM jobs.parts
WHERE job_id = $1::uuid AND problem IS NOT NULL
ORDER BY what
LIMIT $2::integer

-- name: cancel
UPDATE jobs.jobs
SET state = CASE state WHEN 'waiting' THEN 'cancelled' ELSE state END,
    ended_at = CASE state WHEN 'waiting' THEN now() END,
    cancel_requested_at = coalesce(cancel_requested_at, now())
WHERE id = $1::uuid AND state IN ('waiting', 'running')
RETURNING id

-- name: retry
UPDATE jobs.jobs
SET state = 'waiting', attempt = 0, ended_at = NULL, cancel_requested_at = NULL, ready_at = now()
WHERE id = $1::uuid
  AND (state IN ('failed', 'cancelled')
       OR (state = 'completed'
           AND EXISTS (SELECT FROM jobs.parts WHERE job_id = jobs.id AND parts.problem IS NOT NULL)))
RETURNING id

-- name: keep_values
INSERT INTO kpi.kpi_data
    (time, client_id, kpi_code, kpi_version, grain, dimensions, period_start, period_end, value, reason, watermark)
SELECT $1::timestamptz, $2::text, $3::text, $4::integer, $5::text, dimensions, period_start, period_end, value, reason,
       $6::bigint
FROM unnest($7::jsonb[], $8::timestamptz[], $9::timestamptz[], $10::numeric[], $11::text[])
     AS given (dimensions, period_start, period_end, value, reason)
