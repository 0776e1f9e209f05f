-- name: settings
SELECT name, setting, unit FROM pg_settings WHERE source NOT IN ('default', 'override') AND name !~ 'conninfo|password|ssl_'
 ORDER BY name

-- name: activity
SELECT pid, usename, application_name, state, wait_event_type, wait_event, xact_start, query_start, backend_type
  FROM pg_stat_activity ORDER BY xact_start NULLS LAST

-- name: statements
-- normalized: constants are $1, $2, ...; statements of utilities, which are not, are left out
SELECT calls, total_exec_time, mean_exec_time, max_exec_time, rows, shared_blks_hit, shared_blks_read, temp_blks_written,
       regexp_replace(left(query, 2000), '''([^'']|'''')*''', '''...''', 'g') AS query
  FROM public.pg_stat_statements
 WHERE query ~* '^\s*(select|insert|update|delete|merge|with)\M'
 ORDER BY total_exec_time DESC LIMIT 50

-- name: tables
SELECT schemaname, relname, n_live_tup, n_dead_tup, seq_scan, idx_scan, last_autovacuum, last_autoanalyze,
       pg_total_relation_size(relid) AS size_bytes
  FROM pg_stat_user_tables ORDER BY size_bytes DESC LIMIT 100

-- name: database
SELECT datname, numbackends, xact_commit, xact_rollback, blks_read, blks_hit, deadlocks, temp_bytes, checksum_failures,
       stats_reset
  FROM pg_stat_database WHERE datname = current_database()

-- name: locks
SELECT locktype, mode, granted, count(*) FROM pg_locks GROUP BY 1, 2, 3 ORDER BY 4 DESC

-- name: revision
SELECT version_num FROM public.alembic_version
