-- KPIs over time by day, the good way and by a join of rows with the calendar, for DuckDB.

-- name: rolling
WITH seen AS (
  SELECT DISTINCT customer_id, (EPOCH_US(ordered_at) - 1735689600000000) // 86400000000 AS day
  FROM facts."order"
  WHERE client_id = 'shop' AND ordered_at >= TIMESTAMPTZ '2024-12-01 00:00:00+00' AND ordered_at < TIMESTAMPTZ '2027-01-01 00:00:00+00'
), held AS (
  SELECT day, LEAD(day) OVER (PARTITION BY customer_id ORDER BY day) AS following FROM seen
), spans AS (
  SELECT day, LEAST(day + 28, COALESCE(following, day + 28)) AS until, COUNT(*) AS held FROM held GROUP BY 1, 2
), moves AS (
  SELECT day, held AS moved FROM spans
  UNION ALL
  SELECT until, -held FROM spans
), sums AS (
  SELECT day, SUM(moved) AS moved FROM moves GROUP BY 1
)
SELECT d.day, COALESCE(SUM(s.moved) OVER (ORDER BY d.day), 0)
FROM RANGE(730) AS d(day) LEFT JOIN sums AS s ON s.day = d.day
ORDER BY 1

-- name: rolling by a join
WITH seen AS (
  SELECT DISTINCT customer_id, (EPOCH_US(ordered_at) - 1735689600000000) // 86400000000 AS day
  FROM facts."order"
  WHERE client_id = 'shop' AND ordered_at >= TIMESTAMPTZ '2024-12-01 00:00:00+00' AND ordered_at < TIMESTAMPTZ '2027-01-01 00:00:00+00'
)
SELECT d.day, COUNT(DISTINCT customer_id)
FROM RANGE(730) AS d(day) LEFT JOIN seen ON seen.day BETWEEN d.day - 27 AND d.day
GROUP BY 1
ORDER BY 1

-- name: to date
WITH days AS (
  SELECT (EPOCH_US(ordered_at) - 1735689600000000) // 86400000000 AS day, SUM(amount) AS revenue
  FROM facts."order"
  WHERE client_id = 'shop' AND ordered_at >= TIMESTAMPTZ '2024-12-01 00:00:00+00' AND ordered_at < TIMESTAMPTZ '2027-01-01 00:00:00+00'
  GROUP BY 1
)
SELECT day, SUM(revenue) OVER (PARTITION BY DATE_TRUNC('month', DATE '2025-01-01' + CAST(day AS INTEGER)) ORDER BY day) FROM days ORDER BY 1

-- name: to date by a join
WITH days AS (
  SELECT d.day, DATE_DIFF('day', DATE '2025-01-01', CAST(DATE_TRUNC('month', DATE '2025-01-01' + CAST(d.day AS INTEGER)) AS DATE)) AS first FROM RANGE(730) AS d(day)
), seen AS (
  SELECT (EPOCH_US(ordered_at) - 1735689600000000) // 86400000000 AS day, amount
  FROM facts."order"
  WHERE client_id = 'shop' AND ordered_at >= TIMESTAMPTZ '2024-12-01 00:00:00+00' AND ordered_at < TIMESTAMPTZ '2027-01-01 00:00:00+00'
)
SELECT days.day, SUM(seen.amount)
FROM days LEFT JOIN seen ON seen.day BETWEEN days.first AND days.day
GROUP BY 1
ORDER BY 1
