SELECT count(*)
FROM facts.ticket t
WHERE t.client_id = :client AND t.opened_at < :t1 AND (t.resolved_at IS NULL OR t.resolved_at >= :t1)
