SELECT CASE WHEN count(*) = 0 THEN 0 ELSE sum(b.mrr) END
FROM facts.subscription b
WHERE b.client_id = :client AND b.started_at < :t1 AND (b.ended_at IS NULL OR b.ended_at >= :t1)
