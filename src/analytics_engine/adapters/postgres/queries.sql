-- name: set_for_the_transaction
select set_config(name, setting, true)
  from unnest($1::text[], $2::text[]) as given(name, setting)

-- name: add_to_outbox
insert into messaging.outbox (event_id, type, client_id, subject, event)
values ($1, $2, $3, $4, $5)

-- name: take_turn
select messaging.take_turn($1, $2, $3, $4, $5, $6)

-- name: whose_turn
select messaging.whose_turn($1, $2, $3, $4, $5, $6) as event_id

-- name: through
select messaging.through($1, $2, $3, $4, $5, $6) as event_id

-- name: give_up
select messaging.give_up($1, $2, $3, $4, $5)

-- name: enter_in_inbox
insert into messaging.inbox (consumer_group, event_id, type)
values ($1, $2, $3)
on conflict (consumer_group, event_id) do nothing
returning true

-- name: log_levels
-- what is set for one service goes before what is set for all
select distinct on (logger) logger, level, extract(epoch from expires_at - now())::float8 as remaining_s
  from operations.log_levels
 where service in ('', $1) and expires_at > now()
 order by logger, service desc

-- name: who_blocks
select pid,
       coalesce(usename::text, '') as login,
       coalesce(application_name, '') as application,
       xact_start at time zone 'UTC' as since
  from unnest(pg_blocking_pids($1)) as blocking (pid)
  join pg_stat_activity using (pid)
 order by pid

-- name: was_migrated
select oid from pg_class where relname = 'alembic_version' and relkind = 'r'

-- name: revision_for_services
select revision from operations.schema_revision

-- name: revision_for_the_owner
select version_num from alembic_version
