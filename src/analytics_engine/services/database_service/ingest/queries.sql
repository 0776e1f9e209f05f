-- name: lock_idempotency_key
-- loads that wait for another load are in no hurry: the time limit of a lock is for locks of others; the server computes
-- columns in their order, those of the inner query first
select set_config('lock_timeout', queue.limit_before, true)
  from (select current_setting('lock_timeout') as limit_before, set_config('lock_timeout', '0', true),
               pg_advisory_xact_lock(hashtextextended('idempotency ' || $1 || ' ' || $2, 0))) as queue

-- name: load_of_key
select ingest_id::text, object_model, model_version, mode, rows, inserted, updated, rejected, covered_from,
       covered_until, xid::text::bigint as watermark, request_hash
  from ingest.loads
 where client_id = $1 and idempotency_key = $2

-- name: is_load
select exists (select from ingest.loads where ingest_id = $1)

-- name: lock_appends
select set_config('lock_timeout', queue.limit_before, true)
  from (select current_setting('lock_timeout') as limit_before, set_config('lock_timeout', '0', true),
               pg_advisory_xact_lock_shared(hashtextextended('load ' || $1 || ' ' || $2, 0))) as queue

-- name: lock_upserts
select set_config('lock_timeout', queue.limit_before, true)
  from (select current_setting('lock_timeout') as limit_before, set_config('lock_timeout', '0', true),
               pg_advisory_xact_lock(hashtextextended('load ' || $1 || ' ' || $2, 0))) as queue

-- name: record_load
with widened as (
    insert into facts.coverage as present (client_id, object_model, covered_from, covered_until)
    select $2, $3, $10::timestamptz, $11::timestamptz
     where $10 is not null
        on conflict (client_id, object_model) do update
       set covered_from = least(present.covered_from, excluded.covered_from),
           covered_until = greatest(present.covered_until, excluded.covered_until),
           changed_at = now()
     where excluded.covered_from < present.covered_from or excluded.covered_until > present.covered_until
)
insert into ingest.loads (ingest_id, client_id, object_model, model_version, mode, rows, inserted, updated, size_bytes,
                          covered_from, covered_until, loaded_by, idempotency_key, request_hash, rejected, on_error,
                          started_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
returning xid::text::bigint as watermark

-- name: plan_for_the_rows_at_hand
-- a plan kept from when the tables were empty would look up every key of a large load by a scan; what a rollup's trigger
-- is told of some hundred thousand rows should not go to disk
set local plan_cache_mode = force_custom_plan; set local work_mem = '32MB'

-- name: save_point
savepoint before_copy

-- name: return_to_save_point
rollback to savepoint before_copy
