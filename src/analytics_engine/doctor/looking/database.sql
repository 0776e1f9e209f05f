-- name: server
SELECT current_setting('server_version_num')::integer AS version_num,
       current_setting('server_version') AS version,
       pg_is_in_recovery() AS in_recovery,
       extract(epoch FROM clock_timestamp())::float8 AS clock_s,
       coalesce((SELECT setting FROM pg_db_role_setting, unnest(setconfig) AS setting
                  WHERE setting LIKE 'default_transaction_read_only=%'
                    AND setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
                  LIMIT 1), '') AS read_only_setting,
       current_setting('fsync') AS fsync,
       current_setting('full_page_writes') AS full_page_writes,
       current_setting('synchronous_commit') AS synchronous_commit,
       current_setting('autovacuum') AS autovacuum,
       current_setting('track_counts') AS track_counts,
       current_setting('password_encryption') AS password_encryption,
       current_setting('max_connections')::integer AS max_connections,
       current_setting('superuser_reserved_connections')::integer
       + coalesce(current_setting('reserved_connections', true), '0')::integer AS reserved_connections,
       current_setting('pg_stat_statements.max', true) IS NOT NULL AS statements_preloaded,
       EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_stat_statements') AS statements_installed,
       (SELECT nullif(datconnlimit, -1) FROM pg_database WHERE datname = current_database()) AS database_limit,
       (SELECT datallowconn FROM pg_database WHERE datname = current_database()) AS allows_connections,
       (SELECT age(datfrozenxid) FROM pg_database WHERE datname = current_database()) AS xid_age,
       (SELECT count(*) FROM pg_stat_activity WHERE coalesce(backend_type, 'client backend') = 'client backend')
           AS sessions,
       to_regclass('public.alembic_version') IS NOT NULL AS migrated

-- name: collation
SELECT datcollversion AS recorded, pg_database_collation_actual_version(oid) AS actual
  FROM pg_database
 WHERE datname = current_database() AND datcollversion <> pg_database_collation_actual_version(oid)

-- name: revision
SELECT version_num FROM public.alembic_version

-- name: logins
SELECT wanted.login, rolname IS NOT NULL AS present, coalesce(rolcanlogin, false) AS can_login,
       coalesce(rolsuper OR rolbypassrls, false) AS too_mighty, nullif(rolconnlimit, -1) AS connection_limit,
       rolvaliduntil < now() AS expired
  FROM unnest($1::text[]) AS wanted(login)
  LEFT JOIN pg_roles ON rolname = wanted.login

-- name: missing_grants
SELECT login, relation, string_agg(privilege, ', ' ORDER BY privilege) AS privileges
  FROM unnest($1::text[], $2::text[], $3::text[]) AS wanted(login, relation, privilege)
 WHERE to_regrole(login) IS NOT NULL
   AND CASE WHEN privilege = 'USAGE' THEN NOT has_schema_privilege(login, relation, privilege)
            ELSE to_regclass(relation) IS NOT NULL AND NOT has_table_privilege(login, to_regclass(relation), privilege)
       END
 GROUP BY login, relation
 ORDER BY login, relation

-- name: blockers
SELECT blocker.pid, coalesce(blocker.usename, blocker.backend_type, '') AS login,
       coalesce(blocker.application_name, '') AS application, coalesce(blocker.state, '') AS state,
       count(DISTINCT waiting.pid) AS waiting,
       max(extract(epoch FROM clock_timestamp() - waiting.since))::float8 AS waited_s,
       coalesce(extract(epoch FROM clock_timestamp() - blocker.xact_start), 0)::float8 AS transaction_s
  FROM (SELECT pid, min(waitstart) AS since FROM pg_locks WHERE NOT granted AND locktype <> 'advisory' GROUP BY pid)
       AS waiting
 CROSS JOIN LATERAL unnest(pg_blocking_pids(waiting.pid)) AS by_pid
  JOIN pg_stat_activity AS blocker ON blocker.pid = by_pid
 WHERE cardinality(pg_blocking_pids(blocker.pid)) = 0
 GROUP BY 1, 2, 3, 4, blocker.xact_start
HAVING max(extract(epoch FROM clock_timestamp() - waiting.since)) > $1
 ORDER BY waiting DESC, transaction_s DESC

-- name: long_transactions
SELECT pid, coalesce(usename, '') AS login, coalesce(application_name, '') AS application, state,
       extract(epoch FROM clock_timestamp() - xact_start)::float8 AS transaction_s,
       extract(epoch FROM clock_timestamp() - state_change)::float8 AS idle_s
  FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
   AND (state LIKE 'idle in transaction%' AND clock_timestamp() - state_change > make_interval(secs => $1)
        OR clock_timestamp() - xact_start > make_interval(secs => $2))
 ORDER BY xact_start

-- name: replication_slots
SELECT slot_name::text, coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)::bigint AS retained_bytes
  FROM pg_replication_slots
 WHERE NOT active AND NOT temporary
 ORDER BY 2 DESC

-- name: archiver
SELECT failed_count, coalesce(last_failed_wal, '') AS last_failed_wal
  FROM pg_stat_archiver
 WHERE current_setting('archive_mode') <> 'off'
   AND last_failed_time > coalesce(last_archived_time, '-infinity')

-- name: invalid_indexes
SELECT quote_ident(nspname) || '.' || quote_ident(relname) AS name
  FROM pg_index
  JOIN pg_class ON pg_class.oid = indexrelid
  JOIN pg_namespace ON pg_namespace.oid = relnamespace
 WHERE NOT indisvalid AND relkind = 'i'
   AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index WHERE index_relid = indexrelid)
 ORDER BY 1

-- name: stale_statistics
SELECT quote_ident(schemaname) || '.' || quote_ident(stat.relname) AS name, n_live_tup AS rows,
       n_mod_since_analyze AS changed
  FROM pg_stat_user_tables AS stat
  JOIN pg_class ON pg_class.oid = relid
 WHERE n_live_tup > 10000 AND n_mod_since_analyze > n_live_tup
   AND 'autovacuum_enabled=false' = ANY (coalesce(reloptions, '{}'))
 ORDER BY n_live_tup DESC

-- name: checksum_failures
SELECT datname::text AS database, checksum_failures FROM pg_stat_database WHERE checksum_failures > 0

-- name: canary
SELECT detail FROM operations.canary WHERE outcome = 'wrong' AND started_at > now() - interval '1 hour'

-- name: outbox
SELECT count(*) AS events, coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 AS oldest_s
  FROM messaging.outbox
 WHERE sent_at IS NULL

-- name: relay_holders
SELECT pid, coalesce(usename, '') AS login, coalesce(application_name, '') AS application
  FROM pg_locks
  JOIN pg_stat_activity USING (pid)
 WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND pg_locks.database = pg_stat_activity.datid
   AND ((classid::bigint << 32) | objid::bigint) = hashtextextended($1, 0)

-- name: dead_letters
SELECT consumer_group, count(*) AS events, max(reason) AS reason FROM messaging.dead_letters GROUP BY consumer_group

-- name: deliveries
SELECT purpose, target, count(*) AS messages, max(coalesce(answer, '')) AS answer
  FROM messaging.deliveries
 WHERE state = 'failed' AND finished_at > now() - interval '1 day'
 GROUP BY purpose, target
 ORDER BY 3 DESC

-- name: disabled_subscriptions
SELECT client_id, url, coalesce(disabled_reason, '') AS reason
  FROM messaging.subscriptions
 WHERE NOT enabled AND coalesce(disabled_reason, '') <> ''

-- name: rollup_triggers
SELECT rollup.id, rollup.code, rollup.object_model,
       array_agg(DISTINCT event) FILTER (WHERE tgname IS NULL) AS missing,
       array_agg(DISTINCT event) FILTER (WHERE tgenabled = 'D') AS disabled
  FROM rollups.rollups AS rollup
 CROSS JOIN unnest('{insert,update,delete,truncate}'::text[]) AS event
  LEFT JOIN pg_trigger ON tgrelid = to_regclass('facts.' || quote_ident(object_model))
                      AND tgname = 'ae_rollup_keep_' || rollup.id || '_' || event
 WHERE rollup.status = 'ready' AND to_regclass('facts.' || quote_ident(object_model)) IS NOT NULL
 GROUP BY rollup.id, rollup.code, rollup.object_model
HAVING count(*) FILTER (WHERE tgname IS NULL OR tgenabled = 'D') > 0
 ORDER BY rollup.id

-- name: rollup_marks
SELECT rollup.code, count(*) AS marks, extract(epoch FROM now() - min(marked_at))::float8 AS oldest_s
  FROM rollups.marks
  JOIN rollups.rollups AS rollup ON rollup.id = rollup_id
  LEFT JOIN lifecycle.bounds USING (object_model)
 WHERE rollup.status = 'ready' AND ends > coalesce(rows_from, '-infinity')
 GROUP BY rollup.code
HAVING min(marked_at) < now() - make_interval(secs => $1)

-- name: rollups_building
SELECT code, extract(epoch FROM now() - created_at)::float8 AS since_s
  FROM rollups.rollups
 WHERE status = 'building' AND created_at < now() - make_interval(secs => $1)

-- name: workers
SELECT count(*) AS workers, coalesce(extract(epoch FROM now() - max(beat_at)), 0)::float8 AS silent_s FROM jobs.workers

-- name: jobs
SELECT count(*) FILTER (WHERE state = 'waiting' AND ready_at < now() - make_interval(secs => $1)) AS overdue,
       coalesce(extract(epoch FROM now() - min(ready_at) FILTER (WHERE state = 'waiting')), 0)::float8 AS oldest_s,
       coalesce(string_agg(DISTINCT kind, ', ')
                FILTER (WHERE state = 'waiting' AND ready_at < now() - make_interval(secs => $1)), '') AS kinds,
       count(*) FILTER (WHERE state = 'failed' AND ended_at > now() - interval '1 day') AS failed
  FROM jobs.jobs

-- name: schedules
SELECT name, client_id, extract(epoch FROM now() - next_tick)::float8 AS late_s
  FROM jobs.schedules
 WHERE enabled AND next_tick < now() - make_interval(secs => $1)
 ORDER BY next_tick

-- name: alert_checks
SELECT count(*) AS checks, coalesce(extract(epoch FROM now() - min(due_at)), 0)::float8 AS late_s
  FROM kpi.alert_checks
 WHERE due_at < now() - make_interval(secs => $1)

-- name: missing_partitions
SELECT to_char(month, 'YYYY_MM') AS month
  FROM generate_series(date_trunc('month', now() AT TIME ZONE 'UTC'),
                       date_trunc('month', now() AT TIME ZONE 'UTC') + interval '1 month', interval '1 month') AS month
 WHERE (SELECT relkind FROM pg_class WHERE oid = 'kpi.kpi_data'::regclass) = 'p'
   AND to_regclass('kpi.kpi_data_' || to_char(month, 'YYYY_MM')) IS NULL

-- name: object_tables
SELECT object_model FROM ingest.tables WHERE to_regclass('facts.' || quote_ident(object_model)) IS NULL

-- name: held_up
SELECT object_model, held_up FROM lifecycle.policies WHERE coalesce(held_up, '') <> ''

-- name: archived
SELECT name FROM lifecycle.parts ORDER BY archived_at DESC LIMIT 200

-- name: clients
SELECT client_id FROM config.clients

-- name: people
SELECT count(*) AS users, count(*) FILTER (WHERE role = 'admin' AND NOT disabled) AS admins FROM access.users

-- name: administrators
SELECT email, password_hash FROM access.users WHERE role = 'admin' AND NOT disabled ORDER BY created_at LIMIT 3

-- name: audit_chain
SELECT min(seq) FILTER (WHERE NOT whole) AS broken_at
  FROM (
    SELECT seq, hash = audit.entry_hash(log)
                AND previous_hash = coalesce(lag(hash) OVER (ORDER BY seq), previous_hash) AS whole
      FROM (SELECT * FROM audit.log ORDER BY seq DESC LIMIT 500) AS log
  ) AS entries
