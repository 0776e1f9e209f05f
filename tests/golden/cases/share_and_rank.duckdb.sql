WITH scan_0_fine AS (
  SELECT
    (
      (
        (
          f."sold_on" - CAST('1970-01-01' AS DATE)
        ) - CAST($1 AS BIGINT)
      ) // CAST($2 AS BIGINT)
    ) + 1 AS cell,
    f."store" AS d0,
    SUM(f."amount") AS s0,
    COUNT(*) AS s1,
    COUNT(f."amount") AS s2
  FROM "facts"."sale" AS f
  WHERE
    f."client_id" = CAST($3 AS TEXT)
    AND f."sold_on" >= CAST($4 AS DATE)
    AND f."sold_on" < CAST($5 AS DATE)
  GROUP BY
    1,
    2
), scan_0 AS (
  SELECT
    LIST_EXTRACT((
      SELECT
        CAST($6 AS BIGINT[])
    ), cell) AS period,
    d0,
    SUM(s0) AS s0,
    CAST(SUM(s1) AS BIGINT) AS s1,
    CAST(SUM(s2) AS BIGINT) AS s2
  FROM scan_0_fine
  GROUP BY
    1,
    2
), scan_1_fine AS (
  SELECT
    (
      (
        (
          f."sold_on" - CAST('1970-01-01' AS DATE)
        ) - CAST($1 AS BIGINT)
      ) // CAST($2 AS BIGINT)
    ) + 1 AS cell,
    SUM(f."amount") AS s3,
    COUNT(*) AS s4,
    COUNT(f."amount") AS s5
  FROM "facts"."sale" AS f
  WHERE
    f."client_id" = CAST($3 AS TEXT)
    AND f."sold_on" >= CAST($4 AS DATE)
    AND f."sold_on" < CAST($5 AS DATE)
  GROUP BY
    1
), scan_1 AS (
  SELECT
    LIST_EXTRACT((
      SELECT
        CAST($6 AS BIGINT[])
    ), cell) AS period,
    SUM(s3) AS s3,
    CAST(SUM(s4) AS BIGINT) AS s4,
    CAST(SUM(s5) AS BIGINT) AS s5
  FROM scan_1_fine
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period,
    scan_0.d0,
    CASE
      WHEN COALESCE(scan_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s1, 0) AS r0,
    COALESCE(scan_0.s2, 0) AS n0,
    CASE
      WHEN COALESCE(scan_1.s4, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_1.s3
    END AS t1,
    COALESCE(scan_1.s4, 0) AS r1,
    COALESCE(scan_1.s5, 0) AS n1
  FROM (
    SELECT
      UNNEST(CAST($7 AS BOOLEAN[])) AS covered_0,
      GENERATE_SUBSCRIPTS(CAST($7 AS BOOLEAN[]), 1) AS period
  ) AS spine
  JOIN scan_0
    ON scan_0.period = spine.period
  LEFT JOIN scan_1
    ON scan_1.period = spine.period
)
SELECT
  period,
  d0,
  t0 AS k0,
  CAST(t0 AS DOUBLE) / NULLIF(CAST(t1 AS DOUBLE), 0) AS k1,
  CASE
    WHEN (
      r0 > 0
    ) AND NOT (
      t0
    ) IS NULL
    THEN RANK() OVER (
      PARTITION BY period, CASE WHEN (
        r0 > 0
      ) AND NOT (
        t0
      ) IS NULL THEN 1 ELSE 0 END
      ORDER BY t0 DESC
    )
  END AS k2,
  t0 AS v0,
  r0,
  n0,
  t1 AS v1,
  r1,
  n1
FROM terms
WHERE
  r0 > 0
ORDER BY
  period ASC,
  d0 ASC
LIMIT CAST($8 AS BIGINT)
OFFSET CAST($9 AS BIGINT)
