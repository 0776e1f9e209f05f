WITH customer AS (
  SELECT o.customer_id, count(*) AS orders
  FROM facts."order" o
  WHERE o.client_id = :client AND o.cancelled_at IS NULL AND o.customer_id IS NOT NULL
    AND o.ordered_at >= :t0 AND o.ordered_at < :t1
  GROUP BY o.customer_id
)
SELECT count(*) FILTER (WHERE orders >= 2)::numeric / nullif(count(*), 0) FROM customer
