-- name: channels
SELECT * FROM messaging.channels
WHERE $1::text IS NULL OR kind = $1::text
ORDER BY name
LIMIT $2::integer OFFSET $3::integer

-- name: count_channels
SELECT count(*) FROM messaging.channels WHERE $1::text IS NULL OR kind = $1::text

-- name: channel
SELECT * FROM messaging.channels WHERE id = $1::uuid

-- name: channels_of_names
SELECT * FROM messaging.channels WHERE name = ANY ($1::text[])

-- name: add_channel
INSERT INTO messaging.channels (id, client_id, name, kind, options, secrets, enabled, created_by)
VALUES ($1::uuid, $2::text, $3::text, $4::text, $5::jsonb, $6::jsonb, $7::boolean, $8::text)
ON CONFLICT (client_id, name) DO NOTHING
RETURNING *

-- name: change_channel
UPDATE messaging.channels
SET name = $2::text, kind = $3::text, options = $4::jsonb, secrets = $5::jsonb, enabled = $6::boolean,
    version = version + 1, updated_at = now()
WHERE id = $1::uuid AND version = $7::integer
RETURNING *

-- name: delete_channel
DELETE FROM messaging.channels WHERE id = $1::uuid AND version = $2::integer RETURNING id

-- name: add_notification
INSERT INTO messaging.notifications (id, client_id, idempotency_key, content, created_by)
VALUES ($1::uuid, $2::text, $3::text, $4::jsonb, $5::text)
ON CONFLICT (client_id, idempotency_key) DO NOTHING
RETURNING id

-- name: notification_of_key
SELECT id, content FROM messaging.notifications WHERE idempotency_key = $1::text

-- name: deliveries_of
SELECT id FROM messaging.deliveries WHERE client_id = $1::text AND message_id = $2::text ORDER BY seq
