-- The dashboard as one statement, for DuckDB: what folds by days first, months from a list of 730 days, distinct customers as one bit a month.
WITH calendar AS MATERIALIZED (
  SELECT ARRAY_AGG((YEAR(day) - 2025) * 12 + MONTH(day) ORDER BY day) AS months
  FROM (SELECT DATE '2025-01-01' + CAST(i AS INTEGER) AS day FROM RANGE(730) AS t(i))
), days AS (
  SELECT
    (EPOCH_US(ordered_at) - 1735689600000000) // 86400000000 AS day,
    COUNT(*) AS orders,
    SUM(amount) AS revenue,
    SUM(quantity) AS units,
    COUNT(amount) AS amounts,
    MAX(amount) AS largest,
    SUM(amount - COALESCE(discount, 0)) AS net,
    COUNT(*) FILTER (WHERE returned) AS returned
  FROM facts."order"
  WHERE client_id = 'shop' AND ordered_at >= TIMESTAMPTZ '2025-01-01 00:00:00+00' AND ordered_at < TIMESTAMPTZ '2027-01-01 00:00:00+00'
  GROUP BY 1
), folded AS (
  SELECT
    LIST_EXTRACT((SELECT months FROM calendar), 1 + day) AS month,
    SUM(orders) AS orders,
    SUM(revenue) AS revenue,
    SUM(units) AS units,
    SUM(amounts) AS amounts,
    MAX(largest) AS largest,
    SUM(net) AS net,
    SUM(returned) AS returned
  FROM days
  GROUP BY 1
), slow AS (
  SELECT
    LIST_EXTRACT((SELECT months FROM calendar), 1 + (EPOCH_US(ordered_at) - 1735689600000000) // 86400000000) AS month,
    QUANTILE_CONT(EPOCH_US(delivered_at) - EPOCH_US(ordered_at), 0.9) AS slow_us
  FROM facts."order"
  WHERE client_id = 'shop' AND ordered_at >= TIMESTAMPTZ '2025-01-01 00:00:00+00' AND ordered_at < TIMESTAMPTZ '2027-01-01 00:00:00+00'
  GROUP BY 1
), masks AS (
  SELECT
    customer_id,
    BIT_OR(CAST(1 AS BIGINT) << LIST_EXTRACT((SELECT months FROM calendar), 1 + (EPOCH_US(ordered_at) - 1735689600000000) // 86400000000)) AS mask
  FROM facts."order"
  WHERE client_id = 'shop' AND ordered_at >= TIMESTAMPTZ '2025-01-01 00:00:00+00' AND ordered_at < TIMESTAMPTZ '2027-01-01 00:00:00+00'
  GROUP BY 1
), people AS (
  SELECT month, COUNT(*) AS customers FROM masks, RANGE(1, 25) AS m(month) WHERE (mask >> month) & 1 = 1 GROUP BY 1
)
SELECT
  month,
  orders,
  revenue,
  units,
  CAST(revenue AS DOUBLE) / amounts,
  largest,
  net,
  CAST(revenue AS DOUBLE) / units,
  SUM(revenue) OVER (PARTITION BY (month - 1) // 12 ORDER BY month),
  LAG(revenue) OVER (ORDER BY month),
  returned / orders,
  customers,
  slow_us / 3600000000
FROM folded JOIN slow USING (month) JOIN people USING (month)
ORDER BY month
