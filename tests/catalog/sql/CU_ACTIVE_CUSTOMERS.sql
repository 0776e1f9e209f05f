SELECT count(DISTINCT o.customer_id)
FROM facts."order" o
WHERE o.client_id = :client AND o.cancelled_at IS NULL AND o.ordered_at >= :t0 AND o.ordered_at < :t1
