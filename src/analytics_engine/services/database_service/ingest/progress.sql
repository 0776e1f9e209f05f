-- name: write_progress
insert into ingest.progress as known (client_id, ingest_id, object_model, idempotency_key, loaded_by, state,
                                      received_bytes, rows_checked, rows_copied, problem, started_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
on conflict (client_id, ingest_id) do update
   set state = excluded.state, received_bytes = excluded.received_bytes, rows_checked = excluded.rows_checked,
       rows_copied = excluded.rows_copied, problem = excluded.problem, started_at = excluded.started_at,
       seen_at = now()

-- name: forget_progress
delete from ingest.progress
 where client_id = $1 and ingest_id = $2

-- name: forget_old_progress
delete from ingest.progress
 where client_id = $1 and seen_at < now() - interval '1 day'
