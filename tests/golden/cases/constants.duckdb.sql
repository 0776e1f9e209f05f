WITH scan_0 AS (
  SELECT
    CAST(1 AS INT) AS period,
    SUM(f."amount") AS s0,
    COUNT(*) AS s1,
    COUNT(f."amount") AS s2
  FROM "facts"."sale" AS f
  WHERE
    f."client_id" = CAST($1 AS TEXT)
    AND f."sold_on" >= CAST($2 AS DATE)
    AND f."sold_on" < CAST($3 AS DATE)
  GROUP BY
    1
), scan_1 AS (
  SELECT
    CAST(1 AS INT) AS period,
    COUNT(*) FILTER(WHERE
      f."promised_on" > CAST($6 AS DATE)) AS s3,
    COUNT(*) FILTER(WHERE
      f."ordered_at" >= CAST($7 AS TIMESTAMPTZ)) AS s4,
    SUM(f."weight") AS s5,
    COUNT(*) FILTER(WHERE
      (
        (
          (
            f."weight" >= 2
          ) AND (
            f."customer_id" = CAST($8 AS TEXT)
          )
        )
        OR (
          f."customer_id" = CAST($9 AS TEXT)
        )
      )) AS s6,
    COUNT(*) AS s7,
    COUNT(f."weight") AS s8
  FROM "facts"."order" AS f
  WHERE
    f."client_id" = CAST($1 AS TEXT)
    AND f."ordered_at" >= CAST($4 AS TIMESTAMPTZ)
    AND f."ordered_at" < CAST($5 AS TIMESTAMPTZ)
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
    COALESCE(scan_1.s3, 0) AS r1,
    CASE
      WHEN COALESCE(scan_1.s4, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_1.s4
    END AS t2,
    COALESCE(scan_1.s4, 0) AS r2,
    CASE
      WHEN COALESCE(scan_1.s7, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_1.s5
    END AS t3,
    COALESCE(scan_1.s7, 0) AS r3,
    COALESCE(scan_1.s8, 0) AS n3,
    CASE
      WHEN COALESCE(scan_1.s6, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_1.s6
    END AS t4,
    COALESCE(scan_1.s6, 0) AS r4,
    spine.days_0
  FROM (
    SELECT
      UNNEST(CAST($10 AS BOOLEAN[])) AS covered_0,
      UNNEST(CAST($11 AS BOOLEAN[])) AS covered_1,
      UNNEST(CAST($12 AS BIGINT[])) AS days_0,
      GENERATE_SUBSCRIPTS(CAST($10 AS BOOLEAN[]), 1) AS period
  ) AS spine
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
  LEFT JOIN scan_1
    ON scan_1.period = spine.period
)
SELECT
  period,
  CAST((
    t0 * 365
  ) AS DOUBLE) / NULLIF(CAST(days_0 AS DOUBLE), 0) AS k0,
  t1 AS k1,
  t2 AS k2,
  CAST(t3 AS DOUBLE) / CAST(1000 AS DOUBLE) AS k3,
  t4 AS k4,
  t0 AS v0,
  r0,
  n0,
  t1 AS v1,
  r1,
  t2 AS v2,
  r2,
  t3 AS v3,
  r3,
  n3,
  t4 AS v4,
  r4
FROM terms
ORDER BY
  period ASC
LIMIT CAST($13 AS BIGINT)
OFFSET CAST($14 AS BIGINT)
