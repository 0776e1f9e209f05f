-- name: loads
with every_load as (
    (select ingest_id, object_model, state, idempotency_key, loaded_by, size_bytes, rows_checked, rows_copied, started_at,
            seen_at, problem, null::ingest.loads as load
       from (select *, received_bytes as size_bytes from ingest.progress) as progress
      where client_id = $1
        and ($2::uuid is null or ingest_id = $2)
        and ($3::text is null or object_model = $3)
        and ($4::text is null or idempotency_key = $4)
        and not exists (select from ingest.loads where loads.ingest_id = progress.ingest_id))
    union all
    (select ingest_id, object_model, 'loaded', idempotency_key, loaded_by, size_bytes, rows + rejected, rows,
            coalesce(started_at, loaded_at), loaded_at, null, loads
       from ingest.loads
      where client_id = $1
        and ($2::uuid is null or ingest_id = $2)
        and ($3::text is null or object_model = $3)
        and ($4::text is null or idempotency_key = $4)
      order by loaded_at desc, ingest_id desc
      limit $5::bigint + $6::bigint)
)
select every_load.ingest_id::text, every_load.object_model, idempotency_key, loaded_by, size_bytes as received_bytes,
       rows_checked, rows_copied, started_at, seen_at, problem,
       case when state in ('receiving', 'checking', 'loading') and seen_at < now() - interval '30 seconds'
            then 'interrupted' else state end as state,
       (load).model_version, (load).mode, (load).rows, (load).inserted, (load).updated, (load).rejected,
       (load).covered_from, (load).covered_until, (load).xid::text::bigint as watermark,
       (select count(*) from ingest.rejects where rejects.ingest_id = every_load.ingest_id) as rejects_kept
  from every_load
 order by seen_at desc, every_load.ingest_id desc
 limit $5 offset $6

-- name: count_loads
select (select count(*)
          from ingest.loads
         where client_id = $1 and ($2::text is null or object_model = $2) and ($3::text is null or idempotency_key = $3))
     + (select count(*)
          from ingest.progress
         where client_id = $1 and ($2::text is null or object_model = $2) and ($3::text is null or idempotency_key = $3)
           and not exists (select from ingest.loads where loads.ingest_id = progress.ingest_id))

-- name: rejects
select line, "column", value, reason, further, raw
  from ingest.rejects
 where client_id = $1 and ingest_id = $2
 order by line, place
 limit $3 offset $4

-- name: count_rejects
select count(*)
  from ingest.rejects
 where client_id = $1 and ingest_id = $2

-- name: keep_rejects
insert into ingest.rejects (client_id, ingest_id, place, line, "column", value, reason, further, raw)
select $1, $2, kept.place, kept.line, kept."column", kept.value, kept.reason, kept.further::json, kept.raw::json
  from unnest($3::integer[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])
    as kept (place, line, "column", value, reason, further, raw)

-- name: delete_rejects
delete from ingest.rejects
 where client_id = $1 and ingest_id = $2

-- name: forget_canary_receipts
with forgotten as (
    delete from ingest.loads
     where client_id = $1 and loaded_at < now() - interval '1 day'
    returning 1
)
select count(*) from forgotten
