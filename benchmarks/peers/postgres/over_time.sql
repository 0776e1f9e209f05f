-- KPIs over time by day, the good way and by a join of rows with the calendar, for PostgreSQL.

-- name: rolling
WITH seen AS (
  SELECT DISTINCT customer_id, CAST(ordered_at AT TIME ZONE 'UTC' AS date) - DATE '2025-01-01' AS day
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
FROM GENERATE_SERIES(0, 729) AS d(day) LEFT JOIN sums AS s ON s.day = d.day
ORDER BY 1

-- name: rolling by a join
WITH seen AS (
  SELECT DISTINCT customer_id, CAST(ordered_at AT TIME ZONE 'UTC' AS date) - DATE '2025-01-01' AS day
  FROM facts."order"
  WHERE client_id = 'shop' AND ordered_at >= TIMESTAMPTZ '2024-12-01 00:00:00+00' AND ordered_at < TIMESTAMPTZ '2027-01-01 00:00:00+00'
)
SELECT d.day, COUNT(DISTINCT customer_id)
FROM GENERATE_SERIES(0, 729) AS d(day) LEFT JOIN seen ON seen.day BETWEEN d.day - 27 AND d.day
GROUP BY 1
ORDER BY 1

-- name: to date
WITH days AS (
  SELECT CAST(ordered_at AT TIME ZONE 'UTC' AS date) - DATE '2025-01-01' AS day, SUM(amount) AS revenue
  FROM facts."order"
  WHERE client_id = 'shop' AND ordered_at >= TIMESTAMPTZ '2024-12-01 00:00:00+00' AND ordered_at < TIMESTAMPTZ '2027-01-01 00:00:00+00'
  GROUP BY 1
)
SELECT day, SUM(revenue) OVER (PARTITION BY DATE_TRUNC('month', DATE '2025-01-01' + day) ORDER BY day) FROM days ORDER BY 1

-- name: to date by a join
WITH days AS (
  SELECT d.day, CAST(DATE_TRUNC('month', DATE '2025-01-01' + d.day) AS date) - DATE '2025-01-01' AS first FROM GENERATE_SERIES(0, 729) AS d(day)
), seen AS (
  SELECT CAST(ordered_at AT TIME ZONE 'UTC' AS date) - DATE '2025-01-01' AS day, amount
  FROM facts."order"
  WHERE client_id = 'shop' AND ordered_at >= TIMESTAMPTZ '2024-12-01 00:00:00+00' AND ordered_at < TIMESTAMPTZ '2027-01-01 00:00:00+00'
)
SELECT days.day, SUM(seen.amount)
FROM days LEFT JOIN seen ON seen.day BETWEEN days.first AND days.day
GROUP BY 1
ORDER BY 1
