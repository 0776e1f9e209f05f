-- accepted by now, also after the period
SELECT count(*) FILTER (WHERE f.accepted_at IS NOT NULL)::numeric / nullif(count(*), 0)
FROM facts.offer f
WHERE f.client_id = :client AND f.offered_at >= :t0 AND f.offered_at < :t1
