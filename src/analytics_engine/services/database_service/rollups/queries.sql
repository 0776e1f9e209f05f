-- name: lock_definitions
select pg_advisory_xact_lock(hashtextextended('rollup definitions', 0))

-- name: lock_cells
-- one at a time rebuilds or compacts a rollup's cells of a client; writers are never in its way
select pg_try_advisory_xact_lock(hashtextextended('rollup cells ' || $1::integer || ' ' || $2, 0))

-- name: parts_of_tables
select coalesce(array_agg(inhrelid::bigint order by inhrelid), '{}')
  from pg_inherits
 where inhparent = any ($1::text[]::regclass[])

-- name: present
select id, client_id, code, object_model, status, kept, written, left_out, cells, created_at, ready_at, retired_at,
       verified_at
  from rollups.rollups
 where status <> 'retired'
 order by id

-- name: retired
select id, client_id, code, object_model, status, kept, written, left_out, cells, created_at, ready_at, retired_at,
       verified_at
  from rollups.rollups
 where status = 'retired' and retired_at < now() - make_interval(secs => $1)
 order by id

-- name: add
insert into rollups.rollups (client_id, code, object_model, status, kept, written, left_out)
values ($1, $2, $3, 'building', $4, $5, $6)
returning id

-- name: functions_differ
-- one that is not there is not made: its rollup was taken away meanwhile
select exists (
    select from pg_proc join unnest($1::text[], $2::text[]) as wanted(name, body) on wanted.name = proname
     where pronamespace = 'rollups'::regnamespace and prosrc <> wanted.body
)

-- name: make_ready
update rollups.rollups set status = 'ready', ready_at = now() where id = $1 and status = 'building'

-- name: retire
update rollups.rollups set status = 'retired', retired_at = now() where id = $1 and status <> 'retired'

-- name: forget_rollup
delete from rollups.rollups where id = $1

-- name: forget_marks
delete from rollups.marks where rollup_id = $1

-- name: count_cells
update rollups.rollups set cells = $2 where id = $1

-- name: note_verified
update rollups.rollups set verified_at = now() where id = $1

-- name: marks
select id, client_id, starts, ends, every_state, reason, marked_at
  from rollups.marks
 where rollup_id = $1 and ($2::text is null or client_id in ('', $2)) and ends > coalesce($4::timestamptz, '-infinity')
 order by client_id, starts
 limit $3

-- name: marked_clients
-- but for marks of times whose rows are archived: these stay, and are read from the archive
select distinct rollup_id, marks.client_id
  from rollups.marks
  join rollups.rollups on rollups.id = rollup_id
  left join lifecycle.bounds using (object_model)
 where ends > coalesce(rows_from + make_interval(days => $1), '-infinity')
 order by rollup_id, client_id

-- name: mark
insert into rollups.marks (rollup_id, client_id, starts, ends, every_state, reason)
select $1, $2, starts, ends, true, $5
  from unnest($3::timestamptz[], $4::timestamptz[]) as given(starts, ends)

-- name: unmark
delete from rollups.marks where id = any ($1::bigint[])

-- name: zone
select coalesce((select zone from rollups.zones where client_id = $1), 'UTC')

-- name: size_of
select sum(greatest(reltuples, 0))::bigint as estimated_rows, sum(pg_total_relation_size(oid))::bigint as size_bytes
  from pg_class
 where oid = any (($1::text[])::regclass[])

-- name: set_zone
insert into rollups.zones (client_id, zone) values ($1, $2)
on conflict (client_id) do update set zone = excluded.zone

-- name: asked_of_rows
select object_model, anchor, dimensions, kpis, sum(seconds)::float8 as seconds
  from rollups.usage
 where client_id = $1 and rollup_id = 0 and day >= current_date - $2::interval
 group by object_model, anchor, dimensions, kpis

-- name: was_read
select exists (select from rollups.usage where rollup_id = $1 and day >= current_date - $2::interval)

-- name: rows_of
select coalesce(sum(greatest(reltuples, 0)), 0)::float8
  from pg_class
 where oid = to_regclass('facts.' || quote_ident($1)) and relkind <> 'p'
    or oid in (select inhrelid from pg_inherits where inhparent = to_regclass('facts.' || quote_ident($1)))

-- name: days_covered
select object_model, (extract(epoch from covered_until - covered_from) / 86400)::float8 as days
  from facts.coverage
 where client_id = $1

-- name: different_values
select attname, n_distinct
  from pg_stats
 where schemaname = 'facts' and tablename = $1

-- name: forget_usage
delete from rollups.usage where day < current_date - interval '90 days'
