-- name: lock_alone
-- Definitions of one scope are edited by one transaction at a time; an edit of a client holds the global scope still.
SELECT pg_advisory_xact_lock(hashtextextended('metadata.catalog:' || $1::text, 0))

-- name: lock_shared
SELECT pg_advisory_xact_lock_shared(hashtextextended('metadata.catalog:' || $1::text, 0))

-- name: catalog_versions
SELECT client_id, version, changed_at
FROM metadata.catalogs
WHERE client_id IN ('', $1::text)

-- name: effective_definitions
-- A client's own definition hides the global one of the same code.
SELECT DISTINCT ON (present.kind, present.code)
    present.client_id, present.kind, present.version, stored.body::text AS body, stored.author, stored.created_at
FROM metadata.definitions AS present
JOIN metadata.definition_versions AS stored USING (client_id, kind, code, version)
WHERE present.client_id IN ('', $1::text)
ORDER BY present.kind, present.code, present.client_id DESC

-- name: history
-- Newest first: the client's own versions, and before them the global ones that were in force until its first.
SELECT client_id, kind, version, body::text AS body, change::text AS change, author, created_at
FROM metadata.definition_versions
WHERE kind = $2::text
  AND code = $3::text
  AND (
    client_id = $1::text
    OR client_id = '' AND version < COALESCE(
        (SELECT min(version) FROM metadata.definition_versions WHERE client_id = $1 AND kind = $2 AND code = $3),
        2147483647
    )
  )
ORDER BY version DESC

-- name: add_version
INSERT INTO metadata.definition_versions (client_id, kind, code, version, body, content_hash, change, author, created_at)
VALUES (
    $1::text, $2::text, $3::text, $4::integer, $5::text::jsonb, $6::text, $7::text::jsonb, $8::text, $9::timestamptz
)

-- name: make_present
INSERT INTO metadata.definitions (client_id, kind, code, version)
VALUES ($1::text, $2::text, $3::text, $4::integer)
ON CONFLICT (client_id, kind, code) DO UPDATE SET version = EXCLUDED.version

-- name: renew_catalog_version
INSERT INTO metadata.catalogs (client_id, version)
SELECT
    $1::text,
    left(encode(sha256(convert_to(
        string_agg(concat_ws(':', kind, code, version, content_hash), ',' ORDER BY kind COLLATE "C", code COLLATE "C"),
        'UTF8'
    )), 'hex'), 16)
FROM metadata.definitions
JOIN metadata.definition_versions USING (client_id, kind, code, version)
WHERE client_id = $1::text
ON CONFLICT (client_id) DO UPDATE SET version = EXCLUDED.version, changed_at = now()
RETURNING version

-- name: shipped
SELECT kind, code, content_hash FROM metadata.shipped_definitions

-- name: remember_shipped
INSERT INTO metadata.shipped_definitions (kind, code, content_hash)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
ON CONFLICT (kind, code) DO UPDATE SET content_hash = EXCLUDED.content_hash
