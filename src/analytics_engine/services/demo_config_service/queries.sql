-- name: client
SELECT profile::text AS profile, present.version
FROM config.clients AS present
JOIN config.client_versions USING (client_id, version)
WHERE present.client_id = $1::text

-- name: lock_client
SELECT pg_advisory_xact_lock(hashtextextended('config.client:' || $1::text, 0))

-- name: clients
SELECT profile::text AS profile, present.version, count(*) OVER () AS total
FROM config.clients AS present
JOIN config.client_versions USING (client_id, version)
WHERE ($1::text IS NULL OR present.client_id = $1::text) AND present.client_id <> ALL ($4::text[])
ORDER BY present.client_id
LIMIT $2::integer OFFSET $3::integer

-- name: client_history
SELECT profile::text AS profile, version, author, created_at
FROM config.client_versions
WHERE client_id = $1::text
ORDER BY version DESC

-- name: add_client_version
INSERT INTO config.client_versions (client_id, version, profile, author, created_at)
VALUES ($1::text, $2::integer, $3::text::jsonb, $4::text, $5::timestamptz)

-- name: make_client_present
INSERT INTO config.clients (client_id, version)
VALUES ($1::text, $2::integer)
ON CONFLICT (client_id) DO UPDATE SET version = EXCLUDED.version

-- name: request_load
-- One load of a sample at a time: while one is queued or running, a further request is that one.
INSERT INTO config.sample_loads (load_id, sample, client_id, status, step, requested_by)
VALUES ($1::text::uuid, $2::text, $3::text, 'queued', 'waiting to start', $4::text)
ON CONFLICT (sample) WHERE status IN ('queued', 'running') DO NOTHING

-- name: active_load
SELECT *, rows::text AS rows_text FROM config.sample_loads
WHERE sample = $1::text AND status IN ('queued', 'running')

-- name: load
SELECT *, rows::text AS rows_text FROM config.sample_loads WHERE load_id = $1::text::uuid

-- name: latest_loads
SELECT DISTINCT ON (sample) *, rows::text AS rows_text FROM config.sample_loads ORDER BY sample, requested_at DESC

-- name: claim_load
-- A running load whose lease ran out was left by a process that died.
UPDATE config.sample_loads
SET status = 'running', lease_until = now() + make_interval(secs => $1::double precision)
WHERE load_id = (
    SELECT load_id FROM config.sample_loads
    WHERE status = 'queued' OR status = 'running' AND lease_until < now()
    ORDER BY requested_at
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)
RETURNING *, rows::text AS rows_text

-- name: give_back_load
UPDATE config.sample_loads
SET status = 'queued', lease_until = NULL
WHERE load_id = $1::text::uuid AND status = 'running'

-- name: renew_lease
UPDATE config.sample_loads
SET lease_until = now() + make_interval(secs => $2::double precision)
WHERE load_id = $1::text::uuid AND status = 'running'

-- name: note_progress
UPDATE config.sample_loads
SET progress = $2::real, step = $3::text, detail = $4::text, rows = $5::text::jsonb
WHERE load_id = $1::text::uuid AND status = 'running'

-- name: finish_load
UPDATE config.sample_loads
SET status = $2::text, detail = $3::text, remedy = $4::text, finished_at = now(), lease_until = NULL,
    progress = CASE WHEN $2::text = 'succeeded' THEN 1 ELSE progress END
WHERE load_id = $1::text::uuid AND status = 'running'
