WITH scan_0_fine AS (
  SELECT
    (
      (
        EPOCH_US(f."booked_at") - CAST($1 AS BIGINT)
      ) // CAST($2 AS BIGINT)
    ) + 1 AS cell,
    SUM((
      f."quantity" * f."unit_price"
    ) - f."discount") AS s0,
    COUNT(*) AS s1,
    COUNT((
      f."quantity" * f."unit_price"
    ) - f."discount") AS s2
  FROM "facts"."order_line" AS f
  LEFT JOIN "facts"."order" AS j1
    ON j1."client_id" = f."client_id" AND j1."order_id" = f."order_id"
  WHERE
    f."client_id" = CAST($3 AS TEXT)
    AND f."booked_at" >= CAST($4 AS TIMESTAMPTZ)
    AND f."booked_at" < CAST($5 AS TIMESTAMPTZ)
    AND NOT j1."cancelled"
  GROUP BY
    1
), scan_0 AS (
  SELECT
    LIST_EXTRACT((
      SELECT
        CAST($6 AS BIGINT[])
    ), cell) AS period,
    SUM(s0) AS s0,
    CAST(SUM(s1) AS BIGINT) AS s1,
    CAST(SUM(s2) AS BIGINT) AS s2
  FROM scan_0_fine
  GROUP BY
    1
), scan_1_fine AS (
  SELECT
    (
      (
        EPOCH_US(f."ordered_at") - CAST($1 AS BIGINT)
      ) // CAST($2 AS BIGINT)
    ) + 1 AS cell,
    COUNT(*) AS s3
  FROM "facts"."order" AS f
  WHERE
    f."client_id" = CAST($3 AS TEXT)
    AND f."ordered_at" >= CAST($4 AS TIMESTAMPTZ)
    AND f."ordered_at" < CAST($5 AS TIMESTAMPTZ)
    AND NOT f."cancelled"
  GROUP BY
    1
), scan_1 AS (
  SELECT
    LIST_EXTRACT((
      SELECT
        CAST($6 AS BIGINT[])
    ), cell) AS period,
    CAST(SUM(s3) AS BIGINT) AS s3
  FROM scan_1_fine
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period,
    CASE
      WHEN COALESCE(scan_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s1, 0) AS r0,
    COALESCE(scan_0.s2, 0) AS n0,
    CASE
      WHEN COALESCE(scan_1.s3, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_1.s3
    END AS t1,
    COALESCE(scan_1.s3, 0) AS r1
  FROM (
    SELECT
      UNNEST(CAST($7 AS BOOLEAN[])) AS covered_0,
      UNNEST(CAST($8 AS BOOLEAN[])) AS covered_1,
      GENERATE_SUBSCRIPTS(CAST($7 AS BOOLEAN[]), 1) AS period
  ) AS spine
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
  LEFT JOIN scan_1
    ON scan_1.period = spine.period
), repeated_order AS (
  SELECT
    k.times
  FROM (
    SELECT
      COUNT(*) AS times
    FROM "facts"."order" AS f
    WHERE
      f."client_id" = CAST($3 AS TEXT)
    GROUP BY
      f."order_id"
  ) AS k
  WHERE
    k.times > 1
)
SELECT
  period,
  t0 AS k0,
  CAST(t0 AS DOUBLE) / NULLIF(CAST(t1 AS DOUBLE), 0) AS k1,
  t0 AS v0,
  r0,
  n0,
  t1 AS v1,
  r1,
  (
    SELECT
      COUNT(*)
    FROM repeated_order
  ) AS repeated_order
FROM terms
ORDER BY
  period ASC
LIMIT CAST($9 AS BIGINT)
OFFSET CAST($10 AS BIGINT)
