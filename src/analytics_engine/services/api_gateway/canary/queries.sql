-- name: claim
-- one run at a time, of all replicas; who is killed in a run leaves a claim that runs out
update operations.canary
   set started_at = now(), claimed_until = now() + make_interval(secs => $2)
 where started_at <= now() - make_interval(secs => $1) and claimed_until <= now()
returning true

-- name: end
update operations.canary
   set claimed_until = now(), outcome = $1, detail = $2,
       succeeded_at = case when $1 = 'ok' then now() else succeeded_at end

-- name: state
select outcome, detail, extract(epoch from succeeded_at)::float8 as succeeded_at_s from operations.canary
