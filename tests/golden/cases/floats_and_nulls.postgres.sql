WITH scan_0 AS (
  SELECT
    e.period,
    SUM(f."weight") AS s0,
    COUNT(f."weight") AS s1,
    MAX(f."weight") AS s2,
    CAST(STDDEV_SAMP(f."weight") AS DOUBLE PRECISION) AS s3,
    COUNT(*) AS s4
  FROM UNNEST(CAST($3 AS TIMESTAMPTZ[]), CAST($4 AS TIMESTAMPTZ[])) WITH ORDINALITY AS e(starts, ends, period)
  JOIN "facts"."order" AS f
    ON f."ordered_at" >= e.starts AND f."ordered_at" < e.ends
  WHERE
    e.period % 3 = 0
    AND f."client_id" = CAST($1 AS TEXT)
    AND f."ordered_at" >= CAST($5 AS TIMESTAMPTZ)
    AND f."ordered_at" < CAST($6 AS TIMESTAMPTZ)
    AND f."order_id" <> CAST($2 AS TEXT)
  GROUP BY
    1
  UNION ALL
  SELECT
    e.period,
    SUM(f."weight") AS s0,
    COUNT(f."weight") AS s1,
    MAX(f."weight") AS s2,
    CAST(STDDEV_SAMP(f."weight") AS DOUBLE PRECISION) AS s3,
    COUNT(*) AS s4
  FROM UNNEST(CAST($3 AS TIMESTAMPTZ[]), CAST($4 AS TIMESTAMPTZ[])) WITH ORDINALITY AS e(starts, ends, period)
  JOIN "facts"."order" AS f
    ON f."ordered_at" >= e.starts AND f."ordered_at" < e.ends
  WHERE
    e.period % 3 = 1
    AND f."client_id" = CAST($1 AS TEXT)
    AND f."ordered_at" >= CAST($5 AS TIMESTAMPTZ)
    AND f."ordered_at" < CAST($6 AS TIMESTAMPTZ)
    AND f."order_id" <> CAST($2 AS TEXT)
  GROUP BY
    1
  UNION ALL
  SELECT
    e.period,
    SUM(f."weight") AS s0,
    COUNT(f."weight") AS s1,
    MAX(f."weight") AS s2,
    CAST(STDDEV_SAMP(f."weight") AS DOUBLE PRECISION) AS s3,
    COUNT(*) AS s4
  FROM UNNEST(CAST($3 AS TIMESTAMPTZ[]), CAST($4 AS TIMESTAMPTZ[])) WITH ORDINALITY AS e(starts, ends, period)
  JOIN "facts"."order" AS f
    ON f."ordered_at" >= e.starts AND f."ordered_at" < e.ends
  WHERE
    e.period % 3 = 2
    AND f."client_id" = CAST($1 AS TEXT)
    AND f."ordered_at" >= CAST($5 AS TIMESTAMPTZ)
    AND f."ordered_at" < CAST($6 AS TIMESTAMPTZ)
    AND f."order_id" <> CAST($2 AS TEXT)
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period,
    CAST(scan_0.s0 AS DOUBLE PRECISION) / NULLIF(scan_0.s1, 0) AS t0,
    COALESCE(scan_0.s4, 0) AS r0,
    COALESCE(scan_0.s1, 0) AS n0,
    CASE
      WHEN COALESCE(scan_0.s4, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t1,
    COALESCE(scan_0.s4, 0) AS r1,
    COALESCE(scan_0.s1, 0) AS n1,
    scan_0.s2 AS t2,
    COALESCE(scan_0.s4, 0) AS r2,
    COALESCE(scan_0.s1, 0) AS n2,
    scan_0.s3 AS t3,
    COALESCE(scan_0.s4, 0) AS r3,
    COALESCE(scan_0.s1, 0) AS n3
  FROM UNNEST(CAST($7 AS BOOLEAN[])) WITH ORDINALITY AS spine(covered_0, period)
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t1 AS k1,
  t2 AS k2,
  t3 AS k3,
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
  n3
FROM terms
ORDER BY
  period ASC
LIMIT CAST($8 AS BIGINT)
OFFSET CAST($9 AS BIGINT)
