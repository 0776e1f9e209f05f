WITH at_start AS (
  SELECT DISTINCT c.customer_id FROM facts.customer c
  WHERE c.client_id = :client AND c.acquired_at < :t0 AND (c.churned_at IS NULL OR c.churned_at >= :t0)
), at_end AS (
  SELECT DISTINCT c.customer_id FROM facts.customer c
  WHERE c.client_id = :client AND c.acquired_at < :t1 AND (c.churned_at IS NULL OR c.churned_at >= :t1)
)
SELECT (SELECT count(*) FROM (SELECT customer_id FROM at_start INTERSECT SELECT customer_id FROM at_end) kept)::numeric
     / nullif((SELECT count(*) FROM at_start), 0)
