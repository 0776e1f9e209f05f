-- hours
SELECT percentile_cont(0.9) WITHIN GROUP (ORDER BY extract(epoch FROM t.resolved_at - t.opened_at) / 3600)
FROM facts.ticket t
WHERE t.client_id = :client AND t.resolved_at >= :t0 AND t.resolved_at < :t1
