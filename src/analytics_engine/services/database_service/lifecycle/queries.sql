-- name: policies
select policies.object_model, keep_rows_months, keep_archive_months, held_up, policies.changed_by, policies.changed_at
  from lifecycle.policies
 order by policies.object_model

-- name: set_policy
insert into lifecycle.policies (object_model, keep_rows_months, keep_archive_months, changed_by)
values ($1, $2, $3, $4)
on conflict (object_model) do update
   set keep_rows_months = excluded.keep_rows_months, keep_archive_months = excluded.keep_archive_months,
       held_up = '', changed_by = excluded.changed_by, changed_at = now()

-- name: forget_policy
delete from lifecycle.policies where object_model = $1 returning object_model

-- name: note_held_up
update lifecycle.policies set held_up = $2 where object_model = $1 and held_up <> $2

-- name: states
select coalesce(policies.object_model, bounds.object_model) as object_model, keep_rows_months, keep_archive_months,
       coalesce(held_up, '') as held_up, policies.changed_at, rows_from,
       nullif(archived_from, '-infinity') as archived_from,
       coalesce(parts.files, 0) as files, coalesce(parts.rows, 0)::bigint as rows,
       coalesce(parts.size_bytes, 0)::bigint as size_bytes, parts.first
  from lifecycle.policies
  full join lifecycle.bounds using (object_model)
  left join (select object_model, count(*) as files, sum(rows) as rows, sum(size_bytes) as size_bytes,
                    min(starts) as first
               from lifecycle.parts
              where client_id = $1
              group by object_model) as parts using (object_model)
 order by object_model

-- name: snapshot
select pg_snapshot_xmin(pg_current_snapshot())::text

-- name: lock_timeout
-- who waits for a table's lock holds up everybody behind, so that waiting is short and done again
set local lock_timeout = '2s'

-- name: barrier_timeout
set local lock_timeout = '300ms'

-- name: note_part
insert into lifecycle.parts (client_id, object_model, starts, ends, name, columns, rows, size_bytes, digest)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- name: move_bound
insert into lifecycle.bounds (object_model, time_attribute, rows_from) values ($1, $2, $3)
on conflict (object_model) do update set rows_from = excluded.rows_from, changed_at = now()

-- name: note_leaving
insert into lifecycle.leaving (relation, object_model, starts, ends) values ($1, $2, $3, $4)

-- name: leaving
select relation, starts, ends from lifecycle.leaving where object_model = $1 order by starts

-- name: wait_for_readers
-- those who began before the rows were published as archived still read them where they were; others wait meanwhile
lock table lifecycle.barrier in access exclusive mode

-- name: has_left
delete from lifecycle.leaving where relation = $1

-- name: expiring
select id, name, ends from lifecycle.parts where object_model = $1 and ends <= $2 order by starts, id

-- name: move_archive
update lifecycle.bounds set archived_from = $2, changed_at = now()
 where object_model = $1 and archived_from < $2

-- name: forget_part
delete from lifecycle.parts where id = $1

-- name: marks_before
select exists (select
                 from rollups.marks
                 join rollups.rollups on rollups.id = marks.rollup_id
                where object_model = $1 and status <> 'retired' and starts < $2
                  and ends > coalesce((select rows_from from lifecycle.bounds where object_model = $1), '-infinity'))
