-- One arm of the dashboard for PostgreSQL written out month by month: it reads one partition, and sorts in memory; workers take arms in turns.
-- The benchmark writes it once a month, with :month, :first and :after filled in, and joins the arms with UNION ALL (contestant c).
SELECT
  :month AS month,
  COUNT(*) AS orders,
  SUM(amount) AS revenue,
  SUM(quantity) AS units,
  COUNT(amount) AS amounts,
  MAX(amount) AS largest,
  SUM(amount - COALESCE(discount, 0)) AS net,
  COUNT(*) FILTER (WHERE returned) AS returned,
  COUNT(DISTINCT customer_id) AS customers,
  PERCENTILE_CONT(0.9) WITHIN GROUP (ORDER BY DATE_PART('epoch', delivered_at - ordered_at)) AS slow_s
FROM facts."order"
WHERE client_id = 'shop' AND ordered_at >= TIMESTAMPTZ ':first' AND ordered_at < TIMESTAMPTZ ':after'
