-- name: open
INSERT INTO access.sessions (id, user_id, client_id) VALUES ($1::text::uuid, $2::text::uuid, $3)

-- name: issue
INSERT INTO access.refresh_tokens (hash, session_id, expires_at) VALUES ($1, $2::text::uuid, $3)

-- name: read_for_update
SELECT session.id::text AS session_id, session.client_id AS session_client_id, session.revoked_at,
       token.used_at, token.expires_at,
       person.id::text, person.email, person.name, person.role, person.client_id, person.disabled, person.created_at
FROM access.refresh_tokens AS token
JOIN access.sessions AS session ON session.id = token.session_id
JOIN access.users AS person ON person.id = session.user_id
WHERE token.hash = $1
FOR UPDATE OF session, token

-- name: use
UPDATE access.refresh_tokens SET used_at = $2 WHERE hash = $1

-- name: revoke
UPDATE access.sessions SET revoked_at = coalesce(revoked_at, now()) WHERE id = $1::text::uuid

-- name: switch_client
UPDATE access.sessions SET client_id = $2 WHERE id = $1::text::uuid AND revoked_at IS NULL

-- name: forget_expired
DELETE FROM access.sessions AS session
WHERE session.user_id = $1::text::uuid
  AND NOT EXISTS (SELECT FROM access.refresh_tokens AS token
                  WHERE token.session_id = session.id AND token.expires_at > $2)
