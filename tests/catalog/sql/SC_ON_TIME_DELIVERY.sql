SELECT count(*) FILTER (WHERE s.delivered_at <= s.promised_at)::numeric / nullif(count(*), 0)
FROM facts.shipment s
WHERE s.client_id = :client AND s.delivered_at >= :t0 AND s.delivered_at < :t1
