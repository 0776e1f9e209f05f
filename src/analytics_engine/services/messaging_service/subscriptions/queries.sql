-- name: subscriptions
SELECT *, CASE WHEN previous_until > now() THEN previous_until END AS previous_secret_until
FROM messaging.subscriptions
ORDER BY created_at, id
LIMIT $1::integer OFFSET $2::integer

-- name: count_subscriptions
SELECT count(*) FROM messaging.subscriptions

-- name: subscription
SELECT *, CASE WHEN previous_until > now() THEN previous_until END AS previous_secret_until
FROM messaging.subscriptions
WHERE id = $1::uuid

-- name: enabled_subscriptions
SELECT id, url, types, filters FROM messaging.subscriptions WHERE enabled ORDER BY created_at, id

-- name: add_subscription
INSERT INTO messaging.subscriptions (id, client_id, url, types, filters, description, enabled, secret, created_by)
VALUES ($1::uuid, $2::text, $3::text, $4::text[], $5::jsonb, $6::text, $7::boolean, $8::text, $9::text)
RETURNING *, NULL::timestamptz AS previous_secret_until

-- name: change_subscription
UPDATE messaging.subscriptions
SET url = $2::text, types = $3::text[], filters = $4::jsonb, description = $5::text, enabled = $6::boolean,
    disabled_reason = CASE WHEN $6::boolean THEN '' ELSE disabled_reason END,
    failing_since = CASE WHEN $6::boolean AND (NOT enabled OR url <> $2::text) THEN NULL ELSE failing_since END,
    version = version + 1, updated_at = now()
WHERE id = $1::uuid AND version = $7::integer
RETURNING *, CASE WHEN previous_until > now() THEN previous_until END AS previous_secret_until

-- name: rotate_secret
UPDATE messaging.subscriptions
SET previous_secret = secret, previous_until = now() + $3::interval, secret = $2::text, version = version + 1,
    updated_at = now()
WHERE id = $1::uuid
RETURNING *, CASE WHEN previous_until > now() THEN previous_until END AS previous_secret_until

-- name: delete_subscription
DELETE FROM messaging.subscriptions WHERE id = $1::uuid AND version = $2::integer RETURNING id

-- name: works
UPDATE messaging.subscriptions SET failing_since = NULL WHERE id = $1::uuid AND failing_since IS NOT NULL

-- name: fails
UPDATE messaging.subscriptions
SET failing_since = coalesce(failing_since, now())
WHERE id = $1::uuid AND enabled
RETURNING failing_since, failing_since < now() - $2::interval AS for_long

-- name: disable
UPDATE messaging.subscriptions
SET enabled = false, disabled_reason = $2::text, version = version + 1, updated_at = now()
WHERE id = $1::uuid AND enabled
RETURNING id
