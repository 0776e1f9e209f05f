-- hours
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM l.responded_at - l.created_at) / 3600)
FROM facts.lead l
WHERE l.client_id = :client AND l.created_at >= :t0 AND l.created_at < :t1
