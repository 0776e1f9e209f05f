-- only customers who paid at the start, and no new business
WITH at_start AS (
  SELECT b.customer_id, b.mrr FROM facts.subscription b
  WHERE b.client_id = :client AND b.started_at < :t0 AND (b.ended_at IS NULL OR b.ended_at >= :t0)
), base AS (
  SELECT CASE WHEN count(*) = 0 THEN 0 ELSE sum(mrr) END AS mrr FROM at_start
), change AS (
  SELECT CASE WHEN count(*) = 0 THEN 0 ELSE sum(x.delta) END AS delta
  FROM facts.mrr_change x
  WHERE x.client_id = :client AND x.changed_at >= :t0 AND x.changed_at < :t1
    AND x.kind IN ('expansion', 'contraction', 'churn')
    AND x.customer_id IN (SELECT customer_id FROM at_start)
)
SELECT (base.mrr + change.delta) / nullif(base.mrr, 0) FROM base, change
