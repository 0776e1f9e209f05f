-- days of 24 hours
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM r.filled_at - r.opened_at) / 86400)
FROM facts.requisition r
WHERE r.client_id = :client AND r.filled_at >= :t0 AND r.filled_at < :t1
