SELECT count(*) FILTER (WHERE l.converted_at < :t1)::numeric / nullif(count(*), 0)
FROM facts.lead l
WHERE l.client_id = :client AND l.created_at >= :t0 AND l.created_at < :t1
