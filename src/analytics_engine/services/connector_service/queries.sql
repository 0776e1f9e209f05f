-- name: profiles
SELECT *
FROM connect.connector_profiles
WHERE $1::text IS NULL OR kind = $1::text
ORDER BY name
LIMIT $2::integer OFFSET $3::integer

-- name: count_profiles
SELECT count(*)
FROM connect.connector_profiles
WHERE $1::text IS NULL OR kind = $1::text

-- name: profile
SELECT * FROM connect.connector_profiles WHERE id = $1::uuid

-- name: profile_of_name
SELECT * FROM connect.connector_profiles WHERE name = $1::text

-- name: add_profile
INSERT INTO connect.connector_profiles (id, client_id, name, kind, options, secret_refs, created_by)
VALUES ($1::uuid, $2::text, $3::text, $4::text, $5::jsonb, $6::jsonb, $7::text)
ON CONFLICT (client_id, name) DO NOTHING
RETURNING *

-- name: change_profile
UPDATE connect.connector_profiles
SET name = $2::text, kind = $3::text, options = $4::jsonb, secret_refs = $5::jsonb, version = version + 1,
    updated_at = now()
WHERE id = $1::uuid AND ($6::integer IS NULL OR version = $6::integer)
RETURNING *

-- name: delete_profile
DELETE FROM connect.connector_profiles
WHERE id = $1::uuid AND ($2::integer IS NULL OR version = $2::integer)
RETURNING id
