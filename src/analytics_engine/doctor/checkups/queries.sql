-- name: sizes
SELECT pg_database_size(current_database()) AS database_bytes

-- name: largest_tables
WITH RECURSIVE family AS (
    SELECT pg_class.oid AS root, pg_class.oid AS part
      FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
     WHERE relkind IN ('r', 'p', 'm') AND nspname !~ '^(pg_|information_schema$)'
       AND NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = pg_class.oid)
    UNION ALL
    SELECT root, inhrelid FROM family JOIN pg_inherits ON inhparent = part
)
SELECT nspname || '.' || relname AS name, sum(pg_total_relation_size(part))::bigint AS size_bytes
  FROM family
  JOIN pg_class ON pg_class.oid = root
  JOIN pg_namespace ON pg_namespace.oid = relnamespace
 GROUP BY 1
 ORDER BY 2 DESC, 1
 LIMIT $1

-- name: slow_statements
SELECT calls, mean_exec_time / 1000 AS mean_s, total_exec_time / 1000 AS total_s,
       left(regexp_replace(query, '\s+', ' ', 'g'), 120) AS statement
  FROM public.pg_stat_statements
 WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
 ORDER BY total_exec_time DESC
 LIMIT 5

-- name: keys
SELECT prefix, name, expires_at < now() AS expired, expires_at IS NULL AS endless,
       coalesce(last_used_at, created_at) < now() - interval '90 days' AS unused
  FROM access.api_keys
 WHERE revoked_at IS NULL

-- name: administrators
SELECT email, password_hash FROM access.users WHERE role = 'admin' AND NOT disabled ORDER BY created_at

-- name: audit_log
SELECT count(*) AS entries, min(seq) FILTER (WHERE NOT whole) AS broken_at
  FROM (SELECT seq, hash = audit.entry_hash(log) AND seq = 1 + coalesce(lag(seq) OVER chain, 0)
                    AND previous_hash = coalesce(lag(hash) OVER chain, ''::bytea) AS whole
          FROM audit.log AS log WINDOW chain AS (ORDER BY seq)) AS entries
