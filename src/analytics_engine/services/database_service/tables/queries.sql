-- name: server
select split_part(current_setting('server_version'), ' ', 1) as version,
       (select extversion from pg_extension where extname = 'timescaledb') as timescaledb,
       current_setting('timescaledb.license', true) as license

-- name: create_hypertable
select public.create_hypertable(
           ($1::text)::regclass, ($2::text)::name,
           chunk_time_interval => interval '1 month', create_default_indexes => false
       )

-- name: partitions_of
select child.relname as name
  from pg_inherits
  join pg_class as child on child.oid = inhrelid
 where inhparent = ($1::text)::regclass

-- name: parts_of
select inhrelid::regclass::text as name
  from pg_inherits
 where inhparent = ($1::text)::regclass

-- name: bounds_of_partitions
select name, edges[1]::timestamptz as starts, edges[2]::timestamptz as ends
  from (select inhrelid::regclass::text as name,
               regexp_match(pg_get_expr(relpartbound, inhrelid), $$FROM \('([^']+)'\) TO \('([^']+)'\)$$) as edges
          from pg_inherits
          join pg_class as child on child.oid = inhrelid
         where inhparent = ($1::text)::regclass) as partitions
 order by starts

-- name: chunks_of
select format('%I.%I', chunk_schema, chunk_name) as name, range_start, range_end
  from timescaledb_information.chunks
 where hypertable_schema = 'facts' and hypertable_name = $1
 order by range_start

-- name: lock_table
select pg_advisory_xact_lock(hashtextextended('fact table ' || $1, 0))

-- name: known_table
select object_model, key, time_attribute, columns, layout
  from ingest.tables
 where object_model = $1

-- name: rows_from
select rows_from from lifecycle.bounds where object_model = $1

-- name: remember_table
insert into ingest.tables (object_model, key, time_attribute, columns, layout, model_version)
values ($1, $2, $3, $4, $5, $6)
on conflict (object_model) do update
   set columns = excluded.columns, model_version = excluded.model_version, changed_at = now()

-- name: remember_columns
update ingest.tables set columns = $2, changed_at = now() where object_model = $1

-- name: table_state
select tables.object_model, tables.key, tables.time_attribute, tables.columns, tables.layout, tables.model_version,
       tables.created_at, tables.changed_at,
       coverage.covered_from, coverage.covered_until,
       measures.partitions, measures.estimated_rows, measures.size_bytes
  from ingest.tables
  left join facts.coverage on coverage.object_model = tables.object_model and coverage.client_id = $2
 cross join lateral (
       select count(*) - 1 as partitions,
              coalesce(sum(greatest(reltuples, 0)) filter (where relkind <> 'p'), 0)::bigint as estimated_rows,
              sum(pg_total_relation_size(oid))::bigint as size_bytes
         from pg_class
        where oid = to_regclass('facts.' || quote_ident($1))
           or oid in (select inhrelid from pg_inherits where inhparent = to_regclass('facts.' || quote_ident($1)))
       ) as measures
 where tables.object_model = $1

-- name: coverage
select object_model, covered_from, covered_until, changed_at
  from facts.coverage
 where client_id = $1
 order by object_model

-- name: change_lock_timeout
-- who waits for a table's lock holds up everybody behind, so that waiting is short and done again
set local lock_timeout = '2s'

-- name: changes_of_table
select * from ingest.table_changes where object_model = $1 order by id

-- name: changes_being_done
select *
  from ingest.table_changes
 where status = 'filling'
    or (status = 'filled' and changed_at < now() - interval '15 seconds')
    or (status = 'done' and kept_until < now())
 order by id

-- name: change
select * from ingest.table_changes where id = $1

-- name: add_change
insert into ingest.table_changes (object_model, kind, column_name, new_name, from_type, to_type, status, kept_until,
                                  asked_by, client_id, done_at)
values ($1, $2, $3, $4, $5, $6, $7, now() + make_interval(secs => $8), $9, $10,
        case when $7 = 'done' then now() end)
returning *

-- name: note_change
update ingest.table_changes
   set status = $2, detail = $3, changed_at = now(), done_at = case when $2 = 'done' then now() else done_at end
 where id = $1

-- name: note_name
update ingest.table_changes set column_name = $2, changed_at = now() where id = $1

-- name: note_progress
update ingest.table_changes
   set part = $2, block = $3, blocks_done = $4, blocks = $5, changed_at = now()
 where id = $1

-- name: outgrown
-- tables that fill more than twice the pages they filled when they were measured: unlike counts of changes, which are
-- lost when the server crashes, both figures are always there
with recursive parts as (
    select oid as root, oid
      from pg_class
     where relnamespace in ('facts'::regnamespace, 'fact_keys'::regnamespace, 'rollups'::regnamespace)
       and relkind in ('r', 'p')
       and not relispartition
     union all
    select root, inhrelid from parts join pg_inherits on inhparent = parts.oid
)
select root::regclass::text as name
  from parts
  join pg_class using (oid)
 group by root
having sum(pg_relation_size(oid)) / current_setting('block_size')::int > 2 * sum(greatest(relpages, 0)) + $1
 order by root
