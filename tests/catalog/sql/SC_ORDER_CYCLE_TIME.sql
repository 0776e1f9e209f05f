-- days of 24 hours
SELECT avg(extract(epoch FROM o.delivered_at - o.ordered_at) / 86400)
FROM facts."order" o
WHERE o.client_id = :client AND o.cancelled_at IS NULL
  AND o.delivered_at >= :t0 AND o.delivered_at < :t1
