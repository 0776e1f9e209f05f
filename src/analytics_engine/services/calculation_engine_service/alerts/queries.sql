-- name: alerts
select * from kpi.alerts order by name limit $1::integer offset $2::integer

-- name: count_alerts
select count(*) from kpi.alerts

-- name: alert
select * from kpi.alerts where id = $1::uuid

-- name: alert_of_name
select * from kpi.alerts where name = $1

-- name: alerts_of
select * from kpi.alerts where id = any($1::uuid[]) order by id

-- name: add_alert
insert into kpi.alerts (id, client_id, name, rule, created_by, created_at, updated_at)
values ($1::uuid, $2, $3, $4::jsonb, $5, $6, $6)
on conflict (client_id, name) do nothing
returning *

-- name: change_alert
update kpi.alerts set name = $2, rule = $3::jsonb, version = version + 1, updated_at = $4
 where id = $1::uuid and version = $5::integer
returning *

-- name: delete_alert
delete from kpi.alerts where id = $1::uuid and version = $2::integer returning id

-- name: lock_alert
select * from kpi.alerts where id = $1::uuid for update

-- name: note_evaluation
update kpi.alerts set last_evaluation = $2::jsonb where id = $1::uuid and version = $3::integer

-- name: schedule
insert into kpi.alert_checks (alert_id, client_id, every_s, object_models, due_at)
values ($1::uuid, $2, $3::integer, $4::text[], $5::timestamptz)
on conflict (alert_id) do update
   set every_s = excluded.every_s, object_models = excluded.object_models, due_at = excluded.due_at,
       claim = null, claimed_until = null

-- name: unschedule
delete from kpi.alert_checks where alert_id = $1::uuid

-- name: claim
with next as (
    select client_id from kpi.alert_checks
     where due_at <= $1::timestamptz and claim is null or claimed_until <= $1::timestamptz
     order by due_at limit 1
       for update skip locked
), due as (
    select alert_id from kpi.alert_checks
     where client_id = (select client_id from next)
       and (due_at <= $1::timestamptz and claim is null or claimed_until <= $1::timestamptz)
     order by due_at limit $4::integer
       for update skip locked
)
update kpi.alert_checks as checks
   set claim = $2::uuid, claimed_until = $3::timestamptz, checked_at = $1::timestamptz,
       due_at = $1::timestamptz + make_interval(secs => checks.every_s)
  from due
 where checks.alert_id = due.alert_id
returning checks.alert_id, checks.client_id

-- name: renew_claim
update kpi.alert_checks set claimed_until = $2::timestamptz where claim = $1::uuid returning alert_id

-- name: lateness
select coalesce(max(extract(epoch from $1::timestamptz - due_at)), 0)::float8 from kpi.alert_checks
 where due_at < $1::timestamptz

-- name: hold_claim
select alert_id from kpi.alert_checks where alert_id = $1::uuid and claim = $2::uuid for update

-- name: end_claim
update kpi.alert_checks
   set claim = null, claimed_until = null, object_models = coalesce($3::text[], object_models),
       due_at = least(due_at, $4::timestamptz)
 where alert_id = $1::uuid and claim = $2::uuid

-- name: give_back
update kpi.alert_checks set claim = null, claimed_until = null, due_at = least(due_at, $2::timestamptz)
 where claim = $1::uuid

-- name: bring_forward
with wanted as (
    select alert_id from kpi.alert_checks
     where object_models && $2::text[] and ($1 = '' or client_id = $1) and due_at > $3::timestamptz
     order by alert_id
       for update
)
update kpi.alert_checks as checks
   set due_at = least(due_at, greatest($3::timestamptz, checked_at + make_interval(secs => $4::float8)))
  from wanted
 where checks.alert_id = wanted.alert_id

-- name: bring_all_forward
with wanted as (
    select alert_id from kpi.alert_checks
     where ($1 = '' or client_id = $1) and due_at > $2::timestamptz
     order by alert_id
       for update
)
update kpi.alert_checks as checks set due_at = $2::timestamptz from wanted where checks.alert_id = wanted.alert_id

-- name: states
select * from kpi.alert_states where alert_id = any($1::uuid[])

-- name: lock_states
select * from kpi.alert_states where alert_id = $1::uuid order by cell_key for update

-- name: put_states
insert into kpi.alert_states as present (alert_id, cell_key, client_id, cell, state, since, memory, version, told, period,
                                         value, threshold, reason, acknowledged_by, acknowledged_at, note)
select $1::uuid, given.cell_key, $2, given.cell, given.state, given.since, given.memory, given.version, given.told,
       given.period, given.value, given.threshold, given.reason, given.acknowledged_by, given.acknowledged_at, given.note
  from jsonb_to_recordset($3::jsonb) as given(
           cell_key text, cell jsonb, state text, since timestamptz, memory jsonb, version integer, told boolean,
           period text, value text, threshold text, reason text, acknowledged_by text, acknowledged_at timestamptz,
           note text)
on conflict (alert_id, cell_key) do update
   set state = excluded.state, since = excluded.since, memory = excluded.memory, version = excluded.version,
       told = excluded.told, period = excluded.period, value = excluded.value, threshold = excluded.threshold,
       reason = excluded.reason, acknowledged_by = excluded.acknowledged_by,
       acknowledged_at = excluded.acknowledged_at, note = excluded.note

-- name: forget_states
delete from kpi.alert_states where alert_id = $1::uuid and cell_key = any($2::text[])

-- name: acknowledge
update kpi.alert_states set acknowledged_by = $3, acknowledged_at = $4, note = $5
 where alert_id = $1::uuid and cell = $2::jsonb and state = 'firing'
returning *

-- name: active
select states.*, alerts.rule
  from kpi.alert_states as states join kpi.alerts as alerts on alerts.id = states.alert_id
 where states.state in ('pending', 'firing', 'error') or (states.state = 'no_data' and $1::boolean)
 order by array_position(array['firing', 'error', 'pending', 'no_data'], states.state), states.since desc,
          states.alert_id, states.cell_key
 limit $2::integer offset $3::integer

-- name: count_active
select count(*) from kpi.alert_states
 where state in ('pending', 'firing', 'error') or (state = 'no_data' and $1::boolean)

-- name: add_changes
insert into kpi.alert_changes (id, alert_id, client_id, cell_key, cell, number, previous, state, changed_at, period, value,
                               threshold, reason, summary, silence_id, notified, watermark, kpi_version, alert_version)
select given.id, $1::uuid, $2, given.cell_key, given.cell, given.number, given.previous, given.state, given.changed_at,
       given.period, given.value, given.threshold, given.reason, given.summary, given.silence_id, given.notified,
       given.watermark, given.kpi_version, given.alert_version
  from jsonb_array_elements($3::jsonb) with ordinality as listed(change, place),
       jsonb_to_record(listed.change) as given(
           id uuid, cell_key text, cell jsonb, number integer, previous text, state text, changed_at timestamptz,
           period text, value text, threshold text, reason text, summary text, silence_id uuid, notified boolean,
           watermark bigint, kpi_version integer, alert_version integer)
 order by listed.place

-- name: changes
select * from kpi.alert_changes where alert_id = $1::uuid order by position desc limit $2::integer offset $3::integer

-- name: count_changes
select count(*) from kpi.alert_changes where alert_id = $1::uuid

-- name: forget_history
select kpi.forget_alert_history($1::timestamptz)

-- name: silences
select * from kpi.alert_silences where $1::boolean or ends_at > $2::timestamptz
 order by ends_at desc, id limit $3::integer offset $4::integer

-- name: count_silences
select count(*) from kpi.alert_silences where $1::boolean or ends_at > $2::timestamptz

-- name: silences_now
select * from kpi.alert_silences where starts_at <= $1::timestamptz and ends_at > $1::timestamptz order by id

-- name: add_silence
insert into kpi.alert_silences (id, client_id, matchers, starts_at, ends_at, reason, created_by, created_at)
values ($1::uuid, $2, $3::jsonb, $4, $5, $6, $7, $8)
returning *

-- name: expire_silence
update kpi.alert_silences set starts_at = least(starts_at, $2::timestamptz), ends_at = $2::timestamptz
 where id = $1::uuid and ends_at > $2::timestamptz
returning *

-- name: silence
select * from kpi.alert_silences where id = $1::uuid

-- name: state_counts
select state, cells from kpi.alert_state_counts()
