-- name: as_runner
SET LOCAL ROLE ae_job_runner

-- name: add
INSERT INTO jobs.jobs
    (id, client_id, kind, params, subject, role, started_by, schedule_id, tick, as_of, lane, idempotency_key, request_id)
VALUES
    ($1::uuid, $2::text, $3::text, $4::jsonb, $5::text, $6::text, $7::text, $8::uuid, $9::timestamptz, $10::timestamptz,
     $11::text, $12::text, $13::text)
ON CONFLICT DO NOTHING
RETURNING id

-- name: claim
-- Who sees the job that goes before it in its lane wait or run passes it over; the index of lanes would refuse it else.
WITH busy AS (
    SELECT client_id, count(*) AS running FROM jobs.jobs WHERE state = 'running' GROUP BY client_id
), next AS (
    SELECT job.id
    FROM jobs.jobs AS job
    LEFT JOIN busy ON busy.client_id = job.client_id
    WHERE job.state = 'waiting' AND job.kind = ANY ($2::text[]) AND job.ready_at <= now()
      AND NOT EXISTS (
        SELECT FROM jobs.jobs AS before
        WHERE before.lane = job.lane
          AND (before.state = 'running'
               OR (before.state = 'waiting' AND (before.as_of, before.id) < (job.as_of, job.id)))
      )
    ORDER BY coalesce(busy.running, 0), job.created_at, job.id
    LIMIT 1
    FOR UPDATE OF job SKIP LOCKED
)
UPDATE jobs.jobs
SET state = 'running', worker = $1::text, claim = claim + 1, attempt = attempt + 1, problem = NULL, done = 0,
    started_at = coalesce(started_at, now())
FROM next
WHERE jobs.id = next.id
RETURNING jobs.id, kind, params, client_id, subject, role, started_by, as_of, claim, attempt, request_id

-- name: beat
INSERT INTO jobs.workers (id, service)
VALUES ($1::text, $2::text)
ON CONFLICT (id) DO UPDATE SET beat_at = now()

-- name: held
SELECT id, claim, cancel_requested_at IS NOT NULL AS cancel
FROM jobs.jobs
WHERE worker = $1::text AND state = 'running'

-- name: silent
-- A worker without an entry has never been heard of, or was given up on before.
SELECT job.id
FROM jobs.jobs AS job
LEFT JOIN jobs.workers ON workers.id = job.worker
WHERE job.state = 'running' AND (workers.id IS NULL OR workers.beat_at < now() - $1::interval)
FOR UPDATE OF job SKIP LOCKED

-- name: take_back
UPDATE jobs.jobs
SET state = CASE WHEN cancel_requested_at IS NOT NULL THEN 'cancelled' WHEN attempt < $2::integer THEN 'waiting' ELSE 'failed' END,
    ended_at = CASE WHEN cancel_requested_at IS NULL AND attempt < $2::integer THEN NULL ELSE now() END,
    problem = CASE WHEN cancel_requested_at IS NULL AND attempt >= $2::integer THEN $3::jsonb END,
    worker = NULL, ready_at = now()
WHERE id = ANY ($1::uuid[]) AND state = 'running' AND ($4::text IS NULL OR worker = $4::text)
RETURNING state

-- name: forget_silent
DELETE FROM jobs.workers
WHERE beat_at < now() - $1::interval
  AND NOT EXISTS (SELECT FROM jobs.jobs WHERE worker = workers.id AND state = 'running')

-- name: sign_off
DELETE FROM jobs.workers WHERE id = $1::text

-- name: hold
-- Others wait for a moment, or until this transaction ends: it commits as long as the job is this claim's.
SELECT true FROM jobs.jobs WHERE id = $1::uuid AND claim = $2::bigint AND state = 'running' FOR UPDATE

-- name: progress
UPDATE jobs.jobs
SET done = $3::integer, total = $4::integer, progressed_at = now()
WHERE id = $1::uuid AND claim = $2::bigint AND state = 'running'

-- name: fail_part
INSERT INTO jobs.parts (job_id, what, client_id, problem)
VALUES ($1::uuid, $2::text, $3::text, $4::jsonb)
ON CONFLICT (job_id, what) DO UPDATE SET problem = EXCLUDED.problem, ended_at = now()

-- name: note_done
INSERT INTO jobs.parts (job_id, what, client_id)
SELECT $1::uuid, what, $3::text FROM unnest($2::text[]) AS given (what)
ON CONFLICT (job_id, what) DO UPDATE SET problem = NULL, ended_at = now()
WHERE parts.problem IS NOT NULL
RETURNING what

-- name: parts_done
SELECT what FROM jobs.parts WHERE job_id = $1::uuid AND problem IS NULL

-- name: forget_failed_parts
DELETE FROM jobs.parts WHERE job_id = $1::uuid AND problem IS NOT NULL

-- name: ended
SELECT id, result
FROM jobs.jobs
WHERE ended_at < now() - $1::interval
ORDER BY ended_at
LIMIT $2::integer
FOR UPDATE SKIP LOCKED

-- name: forget
DELETE FROM jobs.jobs WHERE id = ANY ($1::uuid[])

-- name: keep_result
UPDATE jobs.jobs SET result = $3::jsonb WHERE id = $1::uuid AND claim = $2::bigint AND state = 'running'

-- name: end
UPDATE jobs.jobs
SET state = $3::text, problem = $4::jsonb, worker = NULL, ended_at = now()
WHERE id = $1::uuid AND claim = $2::bigint AND state = 'running'
RETURNING id

-- name: again
UPDATE jobs.jobs
SET state = 'waiting', problem = $4::jsonb, worker = NULL, ready_at = now() + $3::interval
WHERE id = $1::uuid AND claim = $2::bigint AND state = 'running'
RETURNING id

-- name: let_go
UPDATE jobs.jobs
SET state = 'waiting', worker = NULL, attempt = attempt - 1, ready_at = now()
WHERE id = $1::uuid AND claim = $2::bigint AND state = 'running'
RETURNING id

-- name: counts
SELECT kind, state, count(*) AS jobs,
       coalesce(extract(epoch FROM now() - min(ready_at) FILTER (WHERE state = 'waiting')), 0)::double precision AS oldest_s
FROM jobs.jobs
WHERE state IN ('waiting', 'running')
GROUP BY kind, state
