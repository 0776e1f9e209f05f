-- name: list
SELECT id::text, prefix, name, client_id, role, scopes, created_at, created_by, expires_at, revoked_at, last_used_at
FROM access.api_keys ORDER BY created_at DESC, id DESC LIMIT $1 OFFSET $2

-- name: count
SELECT count(*) FROM access.api_keys

-- name: read_by_hash
SELECT id::text, prefix, name, client_id, role, scopes, created_at, created_by, expires_at, revoked_at, last_used_at
FROM access.api_keys WHERE hash = $1

-- name: add
INSERT INTO access.api_keys (id, prefix, hash, name, client_id, role, scopes, created_by, expires_at)
VALUES ($1::text::uuid, $2, $3, $4, $5, $6, $7::text[], $8, $9)
ON CONFLICT DO NOTHING
RETURNING id::text, prefix, name, client_id, role, scopes, created_at, created_by, expires_at, revoked_at, last_used_at

-- name: revoke
UPDATE access.api_keys SET revoked_at = coalesce(revoked_at, $2) WHERE id = $1::text::uuid OR prefix = $3
RETURNING id::text, prefix, name, client_id, role, scopes, created_at, created_by, expires_at, revoked_at, last_used_at

-- name: mark_used
-- of many requests at once one notes it, and none waits for another
UPDATE access.api_keys SET last_used_at = $2
WHERE id = (
    SELECT id FROM access.api_keys
    WHERE id = $1::text::uuid AND (last_used_at IS NULL OR last_used_at < $3)
    FOR NO KEY UPDATE SKIP LOCKED
)
