-- name: append
INSERT INTO audit.log (actor, client_id, action, target, outcome, request_id, details)
VALUES ($1, $2, $3, $4, $5, $6, $7::text::jsonb)

-- name: page
SELECT seq, at, actor, client_id, action, target, outcome, request_id, details::text AS details,
       encode(hash, 'hex') AS hash
FROM audit.log
WHERE ($1::text IS NULL OR actor = $1) AND ($2::text IS NULL OR action = $2)
ORDER BY seq DESC
LIMIT $3 OFFSET $4

-- name: count
SELECT count(*) FROM audit.log WHERE ($1::text IS NULL OR actor = $1) AND ($2::text IS NULL OR action = $2)

-- name: verify
SELECT count(*) AS entries, min(seq) FILTER (WHERE NOT whole) AS broken_at
FROM (
    SELECT seq,
           hash = audit.entry_hash(log)
           AND seq = 1 + coalesce(lag(seq) OVER chain, 0)
           AND previous_hash = coalesce(lag(hash) OVER chain, ''::bytea) AS whole
    FROM audit.log AS log
    WINDOW chain AS (ORDER BY seq)
) AS entries
