-- name: as_monitor
set local role pg_read_all_stats

-- name: may_monitor
select pg_has_role('pg_read_all_stats', 'member')

-- name: activity
with waiting as (
    select pid, min(waitstart) as since from pg_locks where not granted group by pid
)
select activity.pid, coalesce(usename, '') as login, coalesce(application_name, '') as application, state,
       wait_event_type, wait_event,
       extract(epoch from clock_timestamp() - xact_start)::float8 as transaction_s,
       extract(epoch from clock_timestamp() - query_start)::float8 as statement_s,
       case when waiting.pid is null then '{}' else pg_blocking_pids(activity.pid) end as blocked_by,
       extract(epoch from clock_timestamp() - waiting.since)::float8 as waiting_s,
       left(query, 2000) as statement
  from pg_stat_activity as activity
  left join waiting on waiting.pid = activity.pid
 where datname = current_database() and activity.pid <> pg_backend_pid() and backend_type = 'client backend'
 order by xact_start nulls last, activity.pid

-- name: blocking
-- who waits and who is waited for, whatever they are: a vacuum blocks too
with waiting as (
    select activity.pid, pg_blocking_pids(activity.pid) as blocked_by, min(waitstart) as since
      from pg_stat_activity as activity
      join pg_locks on pg_locks.pid = activity.pid and not granted
     where activity.datname = current_database() and activity.pid <> pg_backend_pid()
     group by activity.pid
)
select activity.pid, coalesce(usename, backend_type, '') as login, coalesce(application_name, '') as application, state,
       wait_event_type, wait_event,
       extract(epoch from clock_timestamp() - xact_start)::float8 as transaction_s,
       extract(epoch from clock_timestamp() - query_start)::float8 as statement_s,
       coalesce(waiting.blocked_by, '{}') as blocked_by,
       extract(epoch from clock_timestamp() - waiting.since)::float8 as waiting_s,
       left(query, 2000) as statement
  from pg_stat_activity as activity
  left join waiting on waiting.pid = activity.pid
 where waiting.pid is not null
    or activity.pid in (select unnest(blocked_by) from waiting)
 order by activity.pid

-- name: signal_session
select outcome, login, application
  from operations.signal_session($1, terminate => $2)

-- name: statements_are_counted
select exists (select from pg_extension where extname = 'pg_stat_statements') as installed,
       current_setting('pg_stat_statements.max', true) is not null as preloaded

-- name: slow_queries
select queryid::text as query_id, rolname as login, calls,
       total_exec_time as total_exec_time_ms, mean_exec_time as mean_exec_time_ms,
       max_exec_time as max_exec_time_ms, rows,
       shared_blks_hit, shared_blks_read, left(query, 2000) as statement
  from public.pg_stat_statements
  join pg_roles on pg_roles.oid = userid
 where dbid = (select oid from pg_database where datname = current_database())
 order by case $1::text when 'mean' then mean_exec_time when 'total' then total_exec_time
                        when 'max' then max_exec_time when 'rows' then rows else calls end desc,
          queryid, userid
 limit $2 offset $3

-- name: count_of_statements
select count(*)
  from public.pg_stat_statements
  join pg_roles on pg_roles.oid = userid
 where dbid = (select oid from pg_database where datname = current_database())

-- name: reset_statements
select operations.reset_statements()

-- name: statements_with_predicates
select query as statement, calls
  from public.pg_stat_statements
 where dbid = (select oid from pg_database where datname = current_database())
   and length(query) <= 10000 and query ~* '\mwhere\M'
 order by total_exec_time desc
 limit 300

-- name: connections_of_server
select current_setting('max_connections')::integer as max_connections,
       current_setting('superuser_reserved_connections')::integer
       + coalesce(current_setting('reserved_connections', true), '0')::integer as reserved,
       (select nullif(datconnlimit, -1) from pg_database where datname = current_database()) as database_limit

-- name: connections_by_login
-- the limit is the server's, so the sessions of all its databases count
with sessions as (
    select usename,
           count(*) filter (where state is distinct from 'idle') as used,
           count(*) filter (where state = 'idle') as idle,
           count(*) filter (where state like 'idle in transaction%') as idle_in_transaction
      from pg_stat_activity
     where usename is not null and pid <> pg_backend_pid()
       and coalesce(backend_type, 'client backend') = 'client backend'
     group by usename
)
select rolname as login, nullif(rolconnlimit, -1) as role_limit,
       coalesce(used, 0) as used, coalesce(idle, 0) as idle, coalesce(idle_in_transaction, 0) as idle_in_transaction
  from pg_roles
  left join sessions on usename = rolname
 where usename is not null or rolname = any ($1::text[])
 order by rolname

-- name: statistics_since
select stats_reset from pg_stat_database where datname = current_database()

-- name: tables
-- partitions and chunks inherit from their table; what belongs to an extension is not ours
with recursive family as (
    select pg_class.oid as root, pg_class.oid as part
      from pg_class
      join pg_namespace on pg_namespace.oid = relnamespace
     where relkind in ('r', 'p', 'm') and nspname !~ '^(pg_|information_schema$)'
       and not exists (select from pg_inherits where inhrelid = pg_class.oid)
       and not exists (select from pg_depend
                        where classid = 'pg_class'::regclass and objid = pg_class.oid and deptype = 'e')
    union all
    select family.root, inhrelid
      from family
      join pg_inherits on inhparent = family.part
),
part as (
    select family.root, pg_class.oid, relkind, relpages, reltuples, reltoastrelid,
           coalesce(pg_table_size(pg_class.oid), 0) as table_bytes,
           coalesce(pg_total_relation_size(nullif(reltoastrelid, 0)), 0) as toast_bytes,
           coalesce(pg_indexes_size(pg_class.oid), 0) as index_bytes,
           stat.*,
           case when $1 then operations.measured_bloat(pg_class.oid) end as measured_bloat,
           widths.width, widths.header,
           coalesce((select option_value::integer
                       from pg_options_to_table(reloptions)
                      where option_name = 'fillfactor'), 100) as fillfactor,
           current_setting('block_size')::integer as block
      from family
      join pg_class on pg_class.oid = family.part
      left join pg_stat_all_tables as stat on stat.relid = pg_class.oid
      left join operations.row_widths() as widths on widths.relation = pg_class.oid
),
estimated as (
    select part.*,
           case when relkind = 'p' or relpages = 0 or reltuples < 0 then null
                when measured_bloat is not null then measured_bloat
                when width is null then null
                else greatest(0, relpages - ceil(reltuples * (4 + header + ceil(width / 8) * 8)
                                                 / ((block - 24) * fillfactor / 100.0)))::bigint * block
           end as bloat_bytes
      from part
)
select nspname as schema_name, root.relname as name, count(*) - 1 as parts,
       sum(table_bytes - toast_bytes)::bigint as heap_bytes,
       sum(index_bytes)::bigint as index_bytes,
       sum(toast_bytes)::bigint as toast_bytes,
       sum(table_bytes + index_bytes)::bigint as total_bytes,
       coalesce(sum(greatest(estimated.reltuples, 0)) filter (where estimated.relkind <> 'p'), 0)::bigint
           as estimated_rows,
       coalesce(sum(n_dead_tup), 0)::bigint as dead_rows,
       max(last_vacuum) as last_vacuum, max(last_autovacuum) as last_autovacuum,
       max(last_analyze) as last_analyze, max(last_autoanalyze) as last_autoanalyze,
       coalesce(sum(seq_scan), 0)::bigint as sequential_scans,
       coalesce(sum(seq_tup_read), 0)::bigint as rows_read_sequentially,
       coalesce(sum(idx_scan), 0)::bigint as index_scans,
       sum(bloat_bytes)::bigint as bloat_bytes,
       coalesce(sum(estimated.relpages::bigint * block) filter (where bloat_bytes is not null), 0)::bigint
           as bloat_covers_bytes,
       bool_or(measured_bloat is not null) as bloat_measured
  from estimated
  join pg_class as root on root.oid = estimated.root
  join pg_namespace on pg_namespace.oid = root.relnamespace
 group by nspname, root.relname
 order by total_bytes desc, nspname, root.relname

-- name: indexes
-- an index of a partition or chunk is the same index when it is on the same columns in the same way
with recursive family as (
    select pg_class.oid as root, pg_class.oid as part
      from pg_class
      join pg_namespace on pg_namespace.oid = relnamespace
     where relkind in ('r', 'p', 'm') and nspname !~ '^(pg_|information_schema$)'
       and not exists (select from pg_inherits where inhrelid = pg_class.oid)
       and not exists (select from pg_depend
                        where classid = 'pg_class'::regclass and objid = pg_class.oid and deptype = 'e')
    union all
    select family.root, inhrelid
      from family
      join pg_inherits on inhparent = family.part
),
part as (
    select family.root, indrelid, pg_class.relname, pg_class.oid, relkind, amname as method,
           indisunique or indisexclusion as enforces, indisprimary, indisvalid,
           array(select pg_get_indexdef(pg_index.indexrelid, place, false)
                   from generate_series(1, indnkeyatts) as place) as columns,
           array(select pg_get_indexdef(pg_index.indexrelid, place, false)
                   from generate_series(indnkeyatts + 1, indnatts) as place) as included,
           indoption::text as options, pg_get_expr(indpred, indrelid) as predicate,
           stat.idx_scan, (to_jsonb(stat) ->> 'last_idx_scan')::timestamptz as last_used
      from family
      join pg_index on indrelid = family.part
      join pg_class on pg_class.oid = pg_index.indexrelid
      join pg_am on pg_am.oid = relam
      left join pg_stat_all_indexes as stat on stat.indexrelid = pg_index.indexrelid
)
select nspname as schema_name, root.relname as table,
       coalesce(min(part.relname) filter (where indrelid = part.root), min(part.relname)) as name,
       coalesce((array_agg(part.relname order by part.relname) filter (where indrelid = part.root))[2:], '{}')
           as duplicates,
       columns, included, method, predicate, enforces, bool_or(indisprimary) as primary_key,
       bool_and(indisvalid) as valid,
       count(*) filter (where indrelid <> part.root) as parts,
       coalesce(sum(pg_relation_size(part.oid)) filter (where part.relkind = 'i'), 0)::bigint as size_bytes,
       coalesce(sum(idx_scan), 0)::bigint as scans, max(last_used) as last_used
  from part
  join pg_class as root on root.oid = part.root
  join pg_namespace on pg_namespace.oid = root.relnamespace
 group by nspname, part.root, root.relname, columns, included, method, options, predicate, enforces
 order by size_bytes desc, nspname, root.relname, name

-- name: sample
-- of all databases of the server, but for the size: the limit on sessions, and what holds back vacuum, are its own
select pg_database_size(current_database()) as size_bytes,
       current_setting('max_connections')::integer as max_connections,
       count(*) as connections,
       coalesce(extract(epoch from clock_timestamp() - min(xact_start) filter (where pid <> pg_backend_pid())),
                0)::float8 as oldest_transaction_s
  from pg_stat_activity
 where backend_type = 'client backend'

-- name: replication_slots
select slot_name,
       coalesce(pg_wal_lsn_diff(case when pg_is_in_recovery() then pg_last_wal_replay_lsn()
                                     else pg_current_wal_lsn() end, restart_lsn), 0)::float8 as retained_bytes
  from pg_replication_slots

-- name: waiting_marks
-- but for marks of times whose rows are archived: these stay, and are read from the archive
select code, count(marks.id) as marks,
       coalesce(extract(epoch from clock_timestamp() - min(marked_at)), 0)::float8 as oldest_s
  from rollups.rollups
  left join lifecycle.bounds using (object_model)
  left join rollups.marks on rollup_id = rollups.id and ends > coalesce(rows_from, '-infinity')
 where status <> 'retired'
 group by code
