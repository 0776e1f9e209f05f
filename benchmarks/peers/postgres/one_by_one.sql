-- Each KPI of the dashboard as a statement of its own, for PostgreSQL.

-- name: ORDERS
WITH months AS (
  SELECT m.month, COUNT(*) AS a
  FROM facts."order"
  JOIN UNNEST('{1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24}'::int[]) AS m(month)
    ON m.month = WIDTH_BUCKET(ordered_at, (
      SELECT ARRAY_AGG(TIMESTAMPTZ '2025-01-01 00:00:00+00' + MAKE_INTERVAL(months => i) ORDER BY i) FROM GENERATE_SERIES(0, 23) AS s(i)
    ))
  WHERE client_id = 'shop' AND ordered_at >= TIMESTAMPTZ '2025-01-01 00:00:00+00' AND ordered_at < TIMESTAMPTZ '2027-01-01 00:00:00+00'
  GROUP BY 1
)
SELECT month, a FROM months ORDER BY month

-- name: REVENUE
WITH months AS (
  SELECT m.month, SUM(amount) AS a
  FROM facts."order"
  JOIN UNNEST('{1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24}'::int[]) AS m(month)
    ON m.month = WIDTH_BUCKET(ordered_at, (
      SELECT ARRAY_AGG(TIMESTAMPTZ '2025-01-01 00:00:00+00' + MAKE_INTERVAL(months => i) ORDER BY i) FROM GENERATE_SERIES(0, 23) AS s(i)
    ))
  WHERE client_id = 'shop' AND ordered_at >= TIMESTAMPTZ '2025-01-01 00:00:00+00' AND ordered_at < TIMESTAMPTZ '2027-01-01 00:00:00+00'
  GROUP BY 1
)
SELECT month, a FROM months ORDER BY month

-- name: UNITS
WITH months AS (
  SELECT m.month, SUM(quantity) AS a
  FROM facts."order"
  JOIN UNNEST('{1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24}'::int[]) AS m(month)
    ON m.month = WIDTH_BUCKET(ordered_at, (
      SELECT ARRAY_AGG(TIMESTAMPTZ '2025-01-01 00:00:00+00' + MAKE_INTERVAL(months => i) ORDER BY i) FROM GENERATE_SERIES(0, 23) AS s(i)
    ))
  WHERE client_id = 'shop' AND ordered_at >= TIMESTAMPTZ '2025-01-01 00:00:00+00' AND ordered_at < TIMESTAMPTZ '2027-01-01 00:00:00+00'
  GROUP BY 1
)
SELECT month, a FROM months ORDER BY month

-- name: AVERAGE_ORDER
WITH months AS (
  SELECT m.month, AVG(amount) AS a
  FROM facts."order"
  JOIN UNNEST('{1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24}'::int[]) AS m(month)
    ON m.month = WIDTH_BUCKET(ordered_at, (
      SELECT ARRAY_AGG(TIMESTAMPTZ '2025-01-01 00:00:00+00' + MAKE_INTERVAL(months => i) ORDER BY i) FROM GENERATE_SERIES(0, 23) AS s(i)
    ))
  WHERE client_id = 'shop' AND ordered_at >= TIMESTAMPTZ '2025-01-01 00:00:00+00' AND ordered_at < TIMESTAMPTZ '2027-01-01 00:00:00+00'
  GROUP BY 1
)
SELECT month, a FROM months ORDER BY month

-- name: LARGEST_ORDER
WITH months AS (
  SELECT m.month, MAX(amount) AS a
  FROM facts."order"
  JOIN UNNEST('{1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24}'::int[]) AS m(month)
    ON m.month = WIDTH_BUCKET(ordered_at, (
      SELECT ARRAY_AGG(TIMESTAMPTZ '2025-01-01 00:00:00+00' + MAKE_INTERVAL(months => i) ORDER BY i) FROM GENERATE_SERIES(0, 23) AS s(i)
    ))
  WHERE client_id = 'shop' AND ordered_at >= TIMESTAMPTZ '2025-01-01 00:00:00+00' AND ordered_at < TIMESTAMPTZ '2027-01-01 00:00:00+00'
  GROUP BY 1
)
SELECT month, a FROM months ORDER BY month

-- name: NET_REVENUE
WITH months AS (
  SELECT m.month, SUM(amount - COALESCE(discount, 0)) AS a
  FROM facts."order"
  JOIN UNNEST('{1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24}'::int[]) AS m(month)
    ON m.month = WIDTH_BUCKET(ordered_at, (
      SELECT ARRAY_AGG(TIMESTAMPTZ '2025-01-01 00:00:00+00' + MAKE_INTERVAL(months => i) ORDER BY i) FROM GENERATE_SERIES(0, 23) AS s(i)
    ))
  WHERE client_id = 'shop' AND ordered_at >= TIMESTAMPTZ '2025-01-01 00:00:00+00' AND ordered_at < TIMESTAMPTZ '2027-01-01 00:00:00+00'
  GROUP BY 1
)
SELECT month, a FROM months ORDER BY month

-- name: REVENUE_PER_UNIT
WITH months AS (
  SELECT m.month, SUM(amount) AS a, SUM(quantity) AS b
  FROM facts."order"
  JOIN UNNEST('{1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24}'::int[]) AS m(month)
    ON m.month = WIDTH_BUCKET(ordered_at, (
      SELECT ARRAY_AGG(TIMESTAMPTZ '2025-01-01 00:00:00+00' + MAKE_INTERVAL(months => i) ORDER BY i) FROM GENERATE_SERIES(0, 23) AS s(i)
    ))
  WHERE client_id = 'shop' AND ordered_at >= TIMESTAMPTZ '2025-01-01 00:00:00+00' AND ordered_at < TIMESTAMPTZ '2027-01-01 00:00:00+00'
  GROUP BY 1
)
SELECT month, a / b FROM months ORDER BY month

-- name: REVENUE_OF_THE_YEAR
WITH months AS (
  SELECT m.month, SUM(amount) AS a
  FROM facts."order"
  JOIN UNNEST('{1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24}'::int[]) AS m(month)
    ON m.month = WIDTH_BUCKET(ordered_at, (
      SELECT ARRAY_AGG(TIMESTAMPTZ '2025-01-01 00:00:00+00' + MAKE_INTERVAL(months => i) ORDER BY i) FROM GENERATE_SERIES(0, 23) AS s(i)
    ))
  WHERE client_id = 'shop' AND ordered_at >= TIMESTAMPTZ '2025-01-01 00:00:00+00' AND ordered_at < TIMESTAMPTZ '2027-01-01 00:00:00+00'
  GROUP BY 1
)
SELECT month, SUM(a) OVER (PARTITION BY (month - 1) / 12 ORDER BY month) FROM months ORDER BY month

-- name: REVENUE_THE_MONTH_BEFORE
WITH months AS (
  SELECT m.month, SUM(amount) AS a
  FROM facts."order"
  JOIN UNNEST('{1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24}'::int[]) AS m(month)
    ON m.month = WIDTH_BUCKET(ordered_at, (
      SELECT ARRAY_AGG(TIMESTAMPTZ '2025-01-01 00:00:00+00' + MAKE_INTERVAL(months => i) ORDER BY i) FROM GENERATE_SERIES(0, 23) AS s(i)
    ))
  WHERE client_id = 'shop' AND ordered_at >= TIMESTAMPTZ '2025-01-01 00:00:00+00' AND ordered_at < TIMESTAMPTZ '2027-01-01 00:00:00+00'
  GROUP BY 1
)
SELECT month, LAG(a) OVER (ORDER BY month) FROM months ORDER BY month

-- name: RETURN_RATE
WITH months AS (
  SELECT m.month, COUNT(*) FILTER (WHERE returned) AS a, COUNT(*) AS b
  FROM facts."order"
  JOIN UNNEST('{1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24}'::int[]) AS m(month)
    ON m.month = WIDTH_BUCKET(ordered_at, (
      SELECT ARRAY_AGG(TIMESTAMPTZ '2025-01-01 00:00:00+00' + MAKE_INTERVAL(months => i) ORDER BY i) FROM GENERATE_SERIES(0, 23) AS s(i)
    ))
  WHERE client_id = 'shop' AND ordered_at >= TIMESTAMPTZ '2025-01-01 00:00:00+00' AND ordered_at < TIMESTAMPTZ '2027-01-01 00:00:00+00'
  GROUP BY 1
)
SELECT month, a::numeric / b FROM months ORDER BY month

-- name: CUSTOMERS
SELECT
  WIDTH_BUCKET(ordered_at, (
    SELECT ARRAY_AGG(TIMESTAMPTZ '2025-01-01 00:00:00+00' + MAKE_INTERVAL(months => i) ORDER BY i) FROM GENERATE_SERIES(0, 23) AS s(i)
  )) AS month,
  COUNT(DISTINCT customer_id)
FROM facts."order"
WHERE client_id = 'shop' AND ordered_at >= TIMESTAMPTZ '2025-01-01 00:00:00+00' AND ordered_at < TIMESTAMPTZ '2027-01-01 00:00:00+00'
GROUP BY 1
ORDER BY 1

-- name: DELIVERY_TIME_P90
SELECT
  WIDTH_BUCKET(ordered_at, (
    SELECT ARRAY_AGG(TIMESTAMPTZ '2025-01-01 00:00:00+00' + MAKE_INTERVAL(months => i) ORDER BY i) FROM GENERATE_SERIES(0, 23) AS s(i)
  )) AS month,
  PERCENTILE_CONT(0.9) WITHIN GROUP (ORDER BY DATE_PART('epoch', delivered_at - ordered_at)) / 3600
FROM facts."order"
WHERE client_id = 'shop' AND ordered_at >= TIMESTAMPTZ '2025-01-01 00:00:00+00' AND ordered_at < TIMESTAMPTZ '2027-01-01 00:00:00+00'
GROUP BY 1
ORDER BY 1
