-- name: can_see_the_revision
select exists (
    select from pg_class join pg_namespace on pg_namespace.oid = relnamespace
     where nspname = 'operations' and relname = 'schema_revision'
)

-- name: revision
select revision from operations.schema_revision
