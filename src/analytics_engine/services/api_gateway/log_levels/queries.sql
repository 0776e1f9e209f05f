-- name: present
select nullif(service, '') as service, logger, level, expires_at, set_by, set_at
  from operations.log_levels
 where expires_at > now()
 order by service, logger

-- name: set
insert into operations.log_levels (service, logger, level, expires_at, set_by)
values ($1, $2, $3, now() + make_interval(mins => $4), $5)
on conflict (service, logger) do update
   set level = excluded.level, expires_at = excluded.expires_at, set_by = excluded.set_by, set_at = now()
returning nullif(service, '') as service, logger, level, expires_at, set_by, set_at

-- name: forget_expired
delete from operations.log_levels where expires_at <= now()

-- name: unset
delete from operations.log_levels
 where ($1::text is null or service = $1) and ($2::text is null or logger = $2)
returning service
