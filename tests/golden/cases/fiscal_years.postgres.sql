WITH scan_0 AS (
  SELECT
    e.period,
    SUM(f."amount") AS s0,
    COUNT(DISTINCT f."customer_id") AS s1,
    COUNT(*) AS s2,
    COUNT(f."amount") AS s3,
    COUNT(f."customer_id") AS s4
  FROM UNNEST(CAST($2 AS DATE[]), CAST($3 AS DATE[])) WITH ORDINALITY AS e(starts, ends, period)
  JOIN "facts"."sale" AS f
    ON f."sold_on" >= e.starts AND f."sold_on" < e.ends
  WHERE
    e.period % 3 = 0
    AND f."client_id" = CAST($1 AS TEXT)
    AND f."sold_on" >= CAST($4 AS DATE)
    AND f."sold_on" < CAST($5 AS DATE)
  GROUP BY
    1
  UNION ALL
  SELECT
    e.period,
    SUM(f."amount") AS s0,
    COUNT(DISTINCT f."customer_id") AS s1,
    COUNT(*) AS s2,
    COUNT(f."amount") AS s3,
    COUNT(f."customer_id") AS s4
  FROM UNNEST(CAST($2 AS DATE[]), CAST($3 AS DATE[])) WITH ORDINALITY AS e(starts, ends, period)
  JOIN "facts"."sale" AS f
    ON f."sold_on" >= e.starts AND f."sold_on" < e.ends
  WHERE
    e.period % 3 = 1
    AND f."client_id" = CAST($1 AS TEXT)
    AND f."sold_on" >= CAST($4 AS DATE)
    AND f."sold_on" < CAST($5 AS DATE)
  GROUP BY
    1
  UNION ALL
  SELECT
    e.period,
    SUM(f."amount") AS s0,
    COUNT(DISTINCT f."customer_id") AS s1,
    COUNT(*) AS s2,
    COUNT(f."amount") AS s3,
    COUNT(f."customer_id") AS s4
  FROM UNNEST(CAST($2 AS DATE[]), CAST($3 AS DATE[])) WITH ORDINALITY AS e(starts, ends, period)
  JOIN "facts"."sale" AS f
    ON f."sold_on" >= e.starts AND f."sold_on" < e.ends
  WHERE
    e.period % 3 = 2
    AND f."client_id" = CAST($1 AS TEXT)
    AND f."sold_on" >= CAST($4 AS DATE)
    AND f."sold_on" < CAST($5 AS DATE)
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period,
    CASE
      WHEN COALESCE(scan_0.s2, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s2, 0) AS r0,
    COALESCE(scan_0.s3, 0) AS n0,
    CASE
      WHEN COALESCE(scan_0.s2, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE COALESCE(scan_0.s1, 0)
    END AS t1,
    COALESCE(scan_0.s2, 0) AS r1,
    COALESCE(scan_0.s4, 0) AS n1
  FROM UNNEST(CAST($6 AS BOOLEAN[])) WITH ORDINALITY AS spine(covered_0, period)
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t1 AS k1,
  t0 AS v0,
  r0,
  n0,
  t1 AS v1,
  r1,
  n1
FROM terms
ORDER BY
  period ASC
LIMIT CAST($7 AS BIGINT)
OFFSET CAST($8 AS BIGINT)
