-- name: list
SELECT id::text, email, name, role, client_id, disabled, created_at
FROM access.users ORDER BY lower(email) LIMIT $1 OFFSET $2

-- name: count
SELECT count(*) FROM access.users

-- name: read
SELECT id::text, email, name, role, client_id, disabled, created_at FROM access.users WHERE id = $1::text::uuid

-- name: read_by_email
SELECT id::text, email, name, role, client_id, disabled, created_at FROM access.users WHERE lower(email) = lower($1)

-- name: credentials
SELECT id::text, email, name, role, client_id, disabled, created_at, password_hash
FROM access.users WHERE lower(email) = lower($1)

-- name: any
SELECT EXISTS (SELECT FROM access.users)

-- name: lock
SELECT pg_advisory_xact_lock(hashtextextended('access.users', 0))

-- name: add
INSERT INTO access.users (id, email, name, password_hash, role, client_id)
VALUES ($1::text::uuid, $2, $3, $4, $5, $6)
ON CONFLICT (lower(email)) DO NOTHING
RETURNING id::text, email, name, role, client_id, disabled, created_at

-- name: change
UPDATE access.users
SET name = coalesce($2, name), role = coalesce($3, role), client_id = coalesce($4, client_id),
    disabled = coalesce($5, disabled)
WHERE id = $1::text::uuid
RETURNING id::text, email, name, role, client_id, disabled, created_at

-- name: set_password
UPDATE access.users SET password_hash = $2 WHERE id = $1::text::uuid

-- name: other_administrators
SELECT count(*) FROM access.users WHERE role = 'admin' AND NOT disabled AND id <> $1::text::uuid

-- name: end_sessions
UPDATE access.sessions SET revoked_at = now() WHERE user_id = $1::text::uuid AND revoked_at IS NULL
