WITH scan_0_fine AS (
  SELECT
    (
      (
        EPOCH_US(f."booked_at") - CAST($1 AS BIGINT)
      ) // CAST($2 AS BIGINT)
    ) + 1 AS cell,
    SUM(f."unit_price" * f."quantity") AS s0,
    SUM(CASE WHEN NOT f."unit_price" IS NULL THEN f."quantity" END) AS s1,
    COUNT(*) AS s2,
    COUNT(CASE WHEN NOT f."quantity" IS NULL THEN f."unit_price" END) AS s3
  FROM "facts"."order_line" AS f
  WHERE
    f."client_id" = CAST($3 AS TEXT)
    AND f."booked_at" >= CAST($4 AS TIMESTAMPTZ)
    AND f."booked_at" < CAST($5 AS TIMESTAMPTZ)
  GROUP BY
    1
), scan_0 AS (
  SELECT
    LIST_EXTRACT((
      SELECT
        CAST($6 AS BIGINT[])
    ), cell) AS period,
    SUM(s0) AS s0,
    SUM(s1) AS s1,
    CAST(SUM(s2) AS BIGINT) AS s2,
    CAST(SUM(s3) AS BIGINT) AS s3
  FROM scan_0_fine
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period,
    CAST(scan_0.s0 AS DOUBLE) / NULLIF(CAST(scan_0.s1 AS DOUBLE), 0) AS t0,
    COALESCE(scan_0.s2, 0) AS r0,
    COALESCE(scan_0.s3, 0) AS n0
  FROM (
    SELECT
      UNNEST(CAST($7 AS BOOLEAN[])) AS covered_0,
      GENERATE_SUBSCRIPTS(CAST($7 AS BOOLEAN[]), 1) AS period
  ) AS spine
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t0 AS v0,
  r0,
  n0
FROM terms
ORDER BY
  period ASC
LIMIT CAST($8 AS BIGINT)
OFFSET CAST($9 AS BIGINT)
