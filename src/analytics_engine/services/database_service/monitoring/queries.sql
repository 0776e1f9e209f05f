-- name: as_monitor
set local role pg_read_all_stats

-- name: activity
select pid, usename as login, application_name as application, state, wait_event_type, wait_event,
       extract(epoch from clock_timestamp() - xact_start)::float8 as transaction_s,
       extract(epoch from clock_timestamp() - query_start)::float8 as statement_s,
       pg_blocking_pids(pid) as blocked_by,
       left(query, 2000) as statement
  from pg_stat_activity
 where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
 order by xact_start nulls last, pid

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
 order by mean_exec_time desc
 limit $1
