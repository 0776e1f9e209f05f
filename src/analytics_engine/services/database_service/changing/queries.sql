-- name: views_of_column
select distinct view.oid::regclass::text as name
  from pg_depend
  join pg_rewrite on pg_rewrite.oid = pg_depend.objid
  join pg_class as view on view.oid = pg_rewrite.ev_class
  join pg_attribute on attrelid = refobjid and attnum = refobjsubid
 where pg_depend.classid = 'pg_rewrite'::regclass
   and refclassid = 'pg_class'::regclass
   and refobjid = ($1::text)::regclass
   and attname = $2
 order by 1

-- name: try_lock_table
select pg_try_advisory_xact_lock(hashtextextended('fact table ' || $1, 0))

-- name: change_lock_timeout
-- who waits for a table's lock holds up everybody behind, so that waiting is short and done again
set local lock_timeout = '2s'

-- name: parts_to_fill
-- the table itself, or its partitions or chunks, in an order that new ones come last in
select pg_class.oid::bigint as oid, pg_class.oid::regclass::text as name,
       pg_relation_size(pg_class.oid) / current_setting('block_size')::bigint as blocks
  from pg_class
 where (oid = ($1::text)::regclass and relkind = 'r'
        and not exists (select from pg_inherits where inhparent = pg_class.oid))
    or oid in (select inhrelid from pg_inherits where inhparent = ($1::text)::regclass)
 order by pg_class.oid

-- name: exact_floats
-- floats as text are to be exact, as they are in the trigger
set local extra_float_digits = 1
