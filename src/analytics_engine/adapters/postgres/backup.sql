-- name: facts
SELECT current_setting('server_version_num')::int AS server_version,
       (SELECT system_identifier FROM pg_control_system()) AS system,
       pg_size_bytes(current_setting('wal_segment_size')) AS segment_bytes,
       current_setting('wal_level') AS wal_level,
       current_setting('max_wal_senders')::int AS wal_senders,
       current_database() AS database,
       (SELECT rolname FROM pg_roles WHERE rolsuper ORDER BY oid LIMIT 1)::text AS superuser,
       pg_database_size(current_database()) AS database_bytes,
       (SELECT sum(pg_database_size(oid)) FROM pg_database WHERE datallowconn)::bigint AS server_bytes,
       (SELECT count(*) FROM pg_tablespace WHERE spcname NOT IN ('pg_default', 'pg_global')) AS tablespaces,
       current_setting('shared_preload_libraries', true) AS preloaded,
       clock_timestamp() AS now

-- name: extensions
SELECT extname::text AS name, extversion AS version FROM pg_extension ORDER BY 1

-- name: has_revision
SELECT to_regclass('public.alembic_version') IS NOT NULL

-- name: revision
SELECT version_num FROM public.alembic_version

-- name: tables
SELECT format('%I.%I', n.nspname, c.relname) AS name
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p')
   AND NOT c.relispartition
   AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
   AND n.nspname !~ '^(_?timescaledb|pg_temp|pg_toast_temp)'
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
 ORDER BY 1

-- name: last_replayed
SELECT pg_last_xact_replay_timestamp()

-- name: slot
SELECT coalesce(wal_status = 'lost', false) AS lost FROM pg_replication_slots WHERE slot_name = $1

-- name: drop_slot
SELECT pg_drop_replication_slot($1)

-- name: roles
SELECT rolname::text AS name, rolcanlogin AS login, rolinherit AS inherit, rolsuper AS super
  FROM pg_roles
 WHERE rolname !~ '^pg_'
 ORDER BY 1

-- name: members
SELECT g.rolname::text AS granted, m.rolname::text AS member
  FROM pg_auth_members a
  JOIN pg_roles g ON g.oid = a.roleid
  JOIN pg_roles m ON m.oid = a.member
 WHERE NOT m.rolsuper
 ORDER BY 1, 2

-- name: mark
SELECT pg_logical_emit_message(true, 'analytics-engine.backup', '')

-- name: position
SELECT lsn::text AS lsn, ('x' || substr(pg_walfile_name(lsn), 1, 8))::bit(32)::int AS timeline
  FROM (SELECT pg_current_wal_flush_lsn() AS lsn) here

-- name: received
SELECT max(flush_lsn) >= $2::text::pg_lsn FROM pg_stat_replication WHERE application_name = $1

-- name: objects_of_others
SELECT count(*)
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
   AND n.nspname !~ '^(_?timescaledb|pg_temp|pg_toast_temp)'
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
