WITH scan_0 AS (
  SELECT
    CAST(1 AS INT) AS period,
    MIN(f."weight") AS s0,
    MAX(f."weight") AS s1,
    PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY
      CAST(f."weight" AS DOUBLE PRECISION)) AS s2,
    PERCENTILE_CONT(0.25) WITHIN GROUP (ORDER BY
      CAST(f."weight" AS DOUBLE PRECISION)) AS s3,
    PERCENTILE_DISC(0.24999999999999975) WITHIN GROUP (ORDER BY
      CAST(f."weight" AS DOUBLE PRECISION)) AS s4,
    PERCENTILE_CONT(0.9) WITHIN GROUP (ORDER BY
      CAST(f."weight" AS DOUBLE PRECISION)) AS s5,
    COUNT(*) AS s6,
    COUNT(f."weight") AS s7
  FROM "facts"."order" AS f
  WHERE
    f."client_id" = CAST($1 AS TEXT)
    AND f."ordered_at" >= CAST($2 AS TIMESTAMPTZ)
    AND f."ordered_at" < CAST($3 AS TIMESTAMPTZ)
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period,
    scan_0.s0 AS t0,
    COALESCE(scan_0.s6, 0) AS r0,
    COALESCE(scan_0.s7, 0) AS n0,
    scan_0.s1 AS t1,
    COALESCE(scan_0.s6, 0) AS r1,
    COALESCE(scan_0.s7, 0) AS n1,
    scan_0.s2 AS t2,
    COALESCE(scan_0.s6, 0) AS r2,
    COALESCE(scan_0.s7, 0) AS n2,
    scan_0.s3 AS t3,
    COALESCE(scan_0.s6, 0) AS r3,
    COALESCE(scan_0.s7, 0) AS n3,
    scan_0.s4 AS t4,
    COALESCE(scan_0.s6, 0) AS r4,
    COALESCE(scan_0.s7, 0) AS n4,
    scan_0.s5 AS t5,
    COALESCE(scan_0.s6, 0) AS r5,
    COALESCE(scan_0.s7, 0) AS n5
  FROM UNNEST(CAST($4 AS BOOLEAN[])) WITH ORDINALITY AS spine(covered_0, period)
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t1 AS k1,
  t2 AS k2,
  t3 AS k3,
  t4 AS k4,
  t5 AS k5,
  t0 AS v0,
  r0,
  n0,
  t1 AS v1,
  r1,
  n1,
  t2 AS v2,
  r2,
  n2,
  t3 AS v3,
  r3,
  n3,
  t4 AS v4,
  r4,
  n4,
  t5 AS v5,
  r5,
  n5
FROM terms
ORDER BY
  period ASC
LIMIT CAST($5 AS BIGINT)
OFFSET CAST($6 AS BIGINT)
