-- name: add_use
insert into rollups.usage as present (day, client_id, object_model, anchor, rollup_id, dimensions, kpis, grain, scans,
                                      seconds)
values (current_date, $1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict (day, client_id, object_model, anchor, rollup_id, dimensions, kpis, grain) do update
   set scans = present.scans + excluded.scans, seconds = present.seconds + excluded.seconds
