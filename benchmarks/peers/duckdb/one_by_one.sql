-- Each KPI of the dashboard as a statement of its own, for DuckDB.

-- name: ORDERS
WITH days AS (
  SELECT (EPOCH_US(ordered_at) - 1735689600000000) // 86400000000 AS day, COUNT(*) AS a
  FROM facts."order"
  WHERE client_id = 'shop' AND ordered_at >= TIMESTAMPTZ '2025-01-01 00:00:00+00' AND ordered_at < TIMESTAMPTZ '2027-01-01 00:00:00+00'
  GROUP BY 1
), months AS (
  SELECT (YEAR(DATE '2025-01-01' + CAST(day AS INTEGER)) - 2025) * 12 + MONTH(DATE '2025-01-01' + CAST(day AS INTEGER)) AS month, SUM(a) AS a
  FROM days
  GROUP BY 1
)
SELECT month, a FROM months ORDER BY month

-- name: REVENUE
WITH days AS (
  SELECT (EPOCH_US(ordered_at) - 1735689600000000) // 86400000000 AS day, SUM(amount) AS a
  FROM facts."order"
  WHERE client_id = 'shop' AND ordered_at >= TIMESTAMPTZ '2025-01-01 00:00:00+00' AND ordered_at < TIMESTAMPTZ '2027-01-01 00:00:00+00'
  GROUP BY 1
), months AS (
  SELECT (YEAR(DATE '2025-01-01' + CAST(day AS INTEGER)) - 2025) * 12 + MONTH(DATE '2025-01-01' + CAST(day AS INTEGER)) AS month, SUM(a) AS a
  FROM days
  GROUP BY 1
)
SELECT month, a FROM months ORDER BY month

-- name: UNITS
WITH days AS (
  SELECT (EPOCH_US(ordered_at) - 1735689600000000) // 86400000000 AS day, SUM(quantity) AS a
  FROM facts."order"
  WHERE client_id = 'shop' AND ordered_at >= TIMESTAMPTZ '2025-01-01 00:00:00+00' AND ordered_at < TIMESTAMPTZ '2027-01-01 00:00:00+00'
  GROUP BY 1
), months AS (
  SELECT (YEAR(DATE '2025-01-01' + CAST(day AS INTEGER)) - 2025) * 12 + MONTH(DATE '2025-01-01' + CAST(day AS INTEGER)) AS month, SUM(a) AS a
  FROM days
  GROUP BY 1
)
SELECT month, a FROM months ORDER BY month

-- name: AVERAGE_ORDER
WITH days AS (
  SELECT (EPOCH_US(ordered_at) - 1735689600000000) // 86400000000 AS day, SUM(amount) AS a, COUNT(amount) AS b
  FROM facts."order"
  WHERE client_id = 'shop' AND ordered_at >= TIMESTAMPTZ '2025-01-01 00:00:00+00' AND ordered_at < TIMESTAMPTZ '2027-01-01 00:00:00+00'
  GROUP BY 1
), months AS (
  SELECT (YEAR(DATE '2025-01-01' + CAST(day AS INTEGER)) - 2025) * 12 + MONTH(DATE '2025-01-01' + CAST(day AS INTEGER)) AS month, SUM(a) AS a, SUM(b) AS b
  FROM days
  GROUP BY 1
)
SELECT month, CAST(a AS DOUBLE) / b FROM months ORDER BY month

-- name: LARGEST_ORDER
WITH days AS (
  SELECT (EPOCH_US(ordered_at) - 1735689600000000) // 86400000000 AS day, MAX(amount) AS a
  FROM facts."order"
  WHERE client_id = 'shop' AND ordered_at >= TIMESTAMPTZ '2025-01-01 00:00:00+00' AND ordered_at < TIMESTAMPTZ '2027-01-01 00:00:00+00'
  GROUP BY 1
), months AS (
  SELECT (YEAR(DATE '2025-01-01' + CAST(day AS INTEGER)) - 2025) * 12 + MONTH(DATE '2025-01-01' + CAST(day AS INTEGER)) AS month, MAX(a) AS a
  FROM days
  GROUP BY 1
)
SELECT month, a FROM months ORDER BY month

-- name: NET_REVENUE
WITH days AS (
  SELECT (EPOCH_US(ordered_at) - 1735689600000000) // 86400000000 AS day, SUM(amount - COALESCE(discount, 0)) AS a
  FROM facts."order"
  WHERE client_id = 'shop' AND ordered_at >= TIMESTAMPTZ '2025-01-01 00:00:00+00' AND ordered_at < TIMESTAMPTZ '2027-01-01 00:00:00+00'
  GROUP BY 1
), months AS (
  SELECT (YEAR(DATE '2025-01-01' + CAST(day AS INTEGER)) - 2025) * 12 + MONTH(DATE '2025-01-01' + CAST(day AS INTEGER)) AS month, SUM(a) AS a
  FROM days
  GROUP BY 1
)
SELECT month, a FROM months ORDER BY month

-- name: REVENUE_PER_UNIT
WITH days AS (
  SELECT (EPOCH_US(ordered_at) - 1735689600000000) // 86400000000 AS day, SUM(amount) AS a, SUM(quantity) AS b
  FROM facts."order"
  WHERE client_id = 'shop' AND ordered_at >= TIMESTAMPTZ '2025-01-01 00:00:00+00' AND ordered_at < TIMESTAMPTZ '2027-01-01 00:00:00+00'
  GROUP BY 1
), months AS (
  SELECT (YEAR(DATE '2025-01-01' + CAST(day AS INTEGER)) - 2025) * 12 + MONTH(DATE '2025-01-01' + CAST(day AS INTEGER)) AS month, SUM(a) AS a, SUM(b) AS b
  FROM days
  GROUP BY 1
)
SELECT month, CAST(a AS DOUBLE) / b FROM months ORDER BY month

-- name: REVENUE_OF_THE_YEAR
WITH days AS (
  SELECT (EPOCH_US(ordered_at) - 1735689600000000) // 86400000000 AS day, SUM(amount) AS a
  FROM facts."order"
  WHERE client_id = 'shop' AND ordered_at >= TIMESTAMPTZ '2025-01-01 00:00:00+00' AND ordered_at < TIMESTAMPTZ '2027-01-01 00:00:00+00'
  GROUP BY 1
), months AS (
  SELECT (YEAR(DATE '2025-01-01' + CAST(day AS INTEGER)) - 2025) * 12 + MONTH(DATE '2025-01-01' + CAST(day AS INTEGER)) AS month, SUM(a) AS a
  FROM days
  GROUP BY 1
)
SELECT month, SUM(a) OVER (PARTITION BY (month - 1) // 12 ORDER BY month) FROM months ORDER BY month

-- name: REVENUE_THE_MONTH_BEFORE
WITH days AS (
  SELECT (EPOCH_US(ordered_at) - 1735689600000000) // 86400000000 AS day, SUM(amount) AS a
  FROM facts."order"
  WHERE client_id = 'shop' AND ordered_at >= TIMESTAMPTZ '2025-01-01 00:00:00+00' AND ordered_at < TIMESTAMPTZ '2027-01-01 00:00:00+00'
  GROUP BY 1
), months AS (
  SELECT (YEAR(DATE '2025-01-01' + CAST(day AS INTEGER)) - 2025) * 12 + MONTH(DATE '2025-01-01' + CAST(day AS INTEGER)) AS month, SUM(a) AS a
  FROM days
  GROUP BY 1
)
SELECT month, LAG(a) OVER (ORDER BY month) FROM months ORDER BY month

-- name: RETURN_RATE
WITH days AS (
  SELECT (EPOCH_US(ordered_at) - 1735689600000000) // 86400000000 AS day, COUNT(*) FILTER (WHERE returned) AS a, COUNT(*) AS b
  FROM facts."order"
  WHERE client_id = 'shop' AND ordered_at >= TIMESTAMPTZ '2025-01-01 00:00:00+00' AND ordered_at < TIMESTAMPTZ '2027-01-01 00:00:00+00'
  GROUP BY 1
), months AS (
  SELECT (YEAR(DATE '2025-01-01' + CAST(day AS INTEGER)) - 2025) * 12 + MONTH(DATE '2025-01-01' + CAST(day AS INTEGER)) AS month, SUM(a) AS a, SUM(b) AS b
  FROM days
  GROUP BY 1
)
SELECT month, a / b FROM months ORDER BY month

-- name: CUSTOMERS
WITH masks AS (
  SELECT customer_id, BIT_OR(CAST(1 AS BIGINT) << ((YEAR(MAKE_TIMESTAMP(EPOCH_US(ordered_at))) - 2025) * 12 + MONTH(MAKE_TIMESTAMP(EPOCH_US(ordered_at))))) AS mask
  FROM facts."order"
  WHERE client_id = 'shop' AND ordered_at >= TIMESTAMPTZ '2025-01-01 00:00:00+00' AND ordered_at < TIMESTAMPTZ '2027-01-01 00:00:00+00'
  GROUP BY 1
)
SELECT month, COUNT(*) FROM masks, RANGE(1, 25) AS m(month) WHERE (mask >> month) & 1 = 1 GROUP BY 1 ORDER BY 1

-- name: DELIVERY_TIME_P90
SELECT
  (YEAR(MAKE_TIMESTAMP(EPOCH_US(ordered_at))) - 2025) * 12 + MONTH(MAKE_TIMESTAMP(EPOCH_US(ordered_at))) AS month,
  QUANTILE_CONT(CAST(EPOCH_US(delivered_at) - EPOCH_US(ordered_at) AS DOUBLE), 0.9) / 3600000000
FROM facts."order"
WHERE client_id = 'shop' AND ordered_at >= TIMESTAMPTZ '2025-01-01 00:00:00+00' AND ordered_at < TIMESTAMPTZ '2027-01-01 00:00:00+00'
GROUP BY 1
ORDER BY 1
