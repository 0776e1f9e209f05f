-- The dashboard as one statement, for PostgreSQL: the rows of each month by a range of the primary key, which come grouped by month as they are read;
-- three arms, which workers take in turns. It needs an index on client and time; its text does not depend on how many months are asked.
WITH folded AS (
  SELECT
    m.month,
    COUNT(*) AS orders,
    SUM(amount) AS revenue,
    SUM(quantity) AS units,
    COUNT(amount) AS amounts,
    MAX(amount) AS largest,
    SUM(amount - COALESCE(discount, 0)) AS net,
    COUNT(*) FILTER (WHERE returned) AS returned,
    COUNT(DISTINCT customer_id) AS customers,
    PERCENTILE_CONT(0.9) WITHIN GROUP (ORDER BY DATE_PART('epoch', delivered_at - ordered_at)) AS slow_s
  FROM UNNEST(
    '{"2025-01-01 00:00:00+00","2025-02-01 00:00:00+00","2025-03-01 00:00:00+00","2025-04-01 00:00:00+00","2025-05-01 00:00:00+00","2025-06-01 00:00:00+00","2025-07-01 00:00:00+00","2025-08-01 00:00:00+00","2025-09-01 00:00:00+00","2025-10-01 00:00:00+00","2025-11-01 00:00:00+00","2025-12-01 00:00:00+00","2026-01-01 00:00:00+00","2026-02-01 00:00:00+00","2026-03-01 00:00:00+00","2026-04-01 00:00:00+00","2026-05-01 00:00:00+00","2026-06-01 00:00:00+00","2026-07-01 00:00:00+00","2026-08-01 00:00:00+00","2026-09-01 00:00:00+00","2026-10-01 00:00:00+00","2026-11-01 00:00:00+00","2026-12-01 00:00:00+00"}'::timestamptz[],
    '{"2025-02-01 00:00:00+00","2025-03-01 00:00:00+00","2025-04-01 00:00:00+00","2025-05-01 00:00:00+00","2025-06-01 00:00:00+00","2025-07-01 00:00:00+00","2025-08-01 00:00:00+00","2025-09-01 00:00:00+00","2025-10-01 00:00:00+00","2025-11-01 00:00:00+00","2025-12-01 00:00:00+00","2026-01-01 00:00:00+00","2026-02-01 00:00:00+00","2026-03-01 00:00:00+00","2026-04-01 00:00:00+00","2026-05-01 00:00:00+00","2026-06-01 00:00:00+00","2026-07-01 00:00:00+00","2026-08-01 00:00:00+00","2026-09-01 00:00:00+00","2026-10-01 00:00:00+00","2026-11-01 00:00:00+00","2026-12-01 00:00:00+00","2027-01-01 00:00:00+00"}'::timestamptz[]
  ) WITH ORDINALITY AS m(first, after, month) JOIN facts."order" ON ordered_at >= m.first AND ordered_at < m.after
  WHERE client_id = 'shop' AND m.month % 3 = 0
  GROUP BY 1
  UNION ALL
  SELECT
    m.month,
    COUNT(*) AS orders,
    SUM(amount) AS revenue,
    SUM(quantity) AS units,
    COUNT(amount) AS amounts,
    MAX(amount) AS largest,
    SUM(amount - COALESCE(discount, 0)) AS net,
    COUNT(*) FILTER (WHERE returned) AS returned,
    COUNT(DISTINCT customer_id) AS customers,
    PERCENTILE_CONT(0.9) WITHIN GROUP (ORDER BY DATE_PART('epoch', delivered_at - ordered_at)) AS slow_s
  FROM UNNEST(
    '{"2025-01-01 00:00:00+00","2025-02-01 00:00:00+00","2025-03-01 00:00:00+00","2025-04-01 00:00:00+00","2025-05-01 00:00:00+00","2025-06-01 00:00:00+00","2025-07-01 00:00:00+00","2025-08-01 00:00:00+00","2025-09-01 00:00:00+00","2025-10-01 00:00:00+00","2025-11-01 00:00:00+00","2025-12-01 00:00:00+00","2026-01-01 00:00:00+00","2026-02-01 00:00:00+00","2026-03-01 00:00:00+00","2026-04-01 00:00:00+00","2026-05-01 00:00:00+00","2026-06-01 00:00:00+00","2026-07-01 00:00:00+00","2026-08-01 00:00:00+00","2026-09-01 00:00:00+00","2026-10-01 00:00:00+00","2026-11-01 00:00:00+00","2026-12-01 00:00:00+00"}'::timestamptz[],
    '{"2025-02-01 00:00:00+00","2025-03-01 00:00:00+00","2025-04-01 00:00:00+00","2025-05-01 00:00:00+00","2025-06-01 00:00:00+00","2025-07-01 00:00:00+00","2025-08-01 00:00:00+00","2025-09-01 00:00:00+00","2025-10-01 00:00:00+00","2025-11-01 00:00:00+00","2025-12-01 00:00:00+00","2026-01-01 00:00:00+00","2026-02-01 00:00:00+00","2026-03-01 00:00:00+00","2026-04-01 00:00:00+00","2026-05-01 00:00:00+00","2026-06-01 00:00:00+00","2026-07-01 00:00:00+00","2026-08-01 00:00:00+00","2026-09-01 00:00:00+00","2026-10-01 00:00:00+00","2026-11-01 00:00:00+00","2026-12-01 00:00:00+00","2027-01-01 00:00:00+00"}'::timestamptz[]
  ) WITH ORDINALITY AS m(first, after, month) JOIN facts."order" ON ordered_at >= m.first AND ordered_at < m.after
  WHERE client_id = 'shop' AND m.month % 3 = 1
  GROUP BY 1
  UNION ALL
  SELECT
    m.month,
    COUNT(*) AS orders,
    SUM(amount) AS revenue,
    SUM(quantity) AS units,
    COUNT(amount) AS amounts,
    MAX(amount) AS largest,
    SUM(amount - COALESCE(discount, 0)) AS net,
    COUNT(*) FILTER (WHERE returned) AS returned,
    COUNT(DISTINCT customer_id) AS customers,
    PERCENTILE_CONT(0.9) WITHIN GROUP (ORDER BY DATE_PART('epoch', delivered_at - ordered_at)) AS slow_s
  FROM UNNEST(
    '{"2025-01-01 00:00:00+00","2025-02-01 00:00:00+00","2025-03-01 00:00:00+00","2025-04-01 00:00:00+00","2025-05-01 00:00:00+00","2025-06-01 00:00:00+00","2025-07-01 00:00:00+00","2025-08-01 00:00:00+00","2025-09-01 00:00:00+00","2025-10-01 00:00:00+00","2025-11-01 00:00:00+00","2025-12-01 00:00:00+00","2026-01-01 00:00:00+00","2026-02-01 00:00:00+00","2026-03-01 00:00:00+00","2026-04-01 00:00:00+00","2026-05-01 00:00:00+00","2026-06-01 00:00:00+00","2026-07-01 00:00:00+00","2026-08-01 00:00:00+00","2026-09-01 00:00:00+00","2026-10-01 00:00:00+00","2026-11-01 00:00:00+00","2026-12-01 00:00:00+00"}'::timestamptz[],
    '{"2025-02-01 00:00:00+00","2025-03-01 00:00:00+00","2025-04-01 00:00:00+00","2025-05-01 00:00:00+00","2025-06-01 00:00:00+00","2025-07-01 00:00:00+00","2025-08-01 00:00:00+00","2025-09-01 00:00:00+00","2025-10-01 00:00:00+00","2025-11-01 00:00:00+00","2025-12-01 00:00:00+00","2026-01-01 00:00:00+00","2026-02-01 00:00:00+00","2026-03-01 00:00:00+00","2026-04-01 00:00:00+00","2026-05-01 00:00:00+00","2026-06-01 00:00:00+00","2026-07-01 00:00:00+00","2026-08-01 00:00:00+00","2026-09-01 00:00:00+00","2026-10-01 00:00:00+00","2026-11-01 00:00:00+00","2026-12-01 00:00:00+00","2027-01-01 00:00:00+00"}'::timestamptz[]
  ) WITH ORDINALITY AS m(first, after, month) JOIN facts."order" ON ordered_at >= m.first AND ordered_at < m.after
  WHERE client_id = 'shop' AND m.month % 3 = 2
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
FROM folded
ORDER BY month
