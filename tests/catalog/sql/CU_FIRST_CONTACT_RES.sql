SELECT count(*) FILTER (WHERE t.contacts = 1 AND t.reopened = 0)::numeric / nullif(count(*), 0)
FROM facts.ticket t
WHERE t.client_id = :client AND t.resolved_at >= :t0 AND t.resolved_at < :t1
