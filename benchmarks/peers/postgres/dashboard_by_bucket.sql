-- The dashboard as one statement, for PostgreSQL: what folds in one parallel scan (the join tells the planner that there are few months),
-- distinct customers and the percentile in a second one, durations as doubles.
WITH starts AS (
  SELECT ARRAY_AGG(TIMESTAMPTZ '2025-01-01 00:00:00+00' + MAKE_INTERVAL(months => i) ORDER BY i) AS list FROM GENERATE_SERIES(0, 23) AS s(i)
), folded AS (
  SELECT
    m.month,
    COUNT(*) AS orders,
    SUM(amount) AS revenue,
    SUM(quantity) AS units,
    COUNT(amount) AS amounts,
    MAX(amount) AS largest,
    SUM(amount - COALESCE(discount, 0)) AS net,
    COUNT(*) FILTER (WHERE returned) AS returned
  FROM facts."order"
  JOIN UNNEST('{1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24}'::int[]) AS m(month)
    ON m.month = WIDTH_BUCKET(ordered_at, (SELECT list FROM starts))
  WHERE client_id = 'shop' AND ordered_at >= TIMESTAMPTZ '2025-01-01 00:00:00+00' AND ordered_at < TIMESTAMPTZ '2027-01-01 00:00:00+00'
  GROUP BY 1
), beside AS (
  SELECT
    WIDTH_BUCKET(ordered_at, (SELECT list FROM starts)) AS month,
    COUNT(DISTINCT customer_id) AS customers,
    PERCENTILE_CONT(0.9) WITHIN GROUP (ORDER BY DATE_PART('epoch', delivered_at - ordered_at)) AS slow_s
  FROM facts."order"
  WHERE client_id = 'shop' AND ordered_at >= TIMESTAMPTZ '2025-01-01 00:00:00+00' AND ordered_at < TIMESTAMPTZ '2027-01-01 00:00:00+00'
  GROUP BY 1
)
SELECT
  month,
  orders,
  revenue,
  units,
  revenue / amounts,
  largest,
  net,
  revenue / units,
  SUM(revenue) OVER (PARTITION BY (month - 1) / 12 ORDER BY month),
  LAG(revenue) OVER (ORDER BY month),
  returned::numeric / orders,
  customers,
  slow_s / 3600
FROM folded JOIN beside USING (month)
ORDER BY month
