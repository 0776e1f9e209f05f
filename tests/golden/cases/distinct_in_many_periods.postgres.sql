WITH scan_0 AS (
  SELECT
    e.period,
    f."cancelled" AS d0,
    COUNT(DISTINCT f."customer_id") AS s0,
    COUNT(*) AS s1,
    COUNT(f."customer_id") AS s2
  FROM UNNEST(CAST($2 AS TIMESTAMPTZ[]), CAST($3 AS TIMESTAMPTZ[])) WITH ORDINALITY AS e(starts, ends, period)
  JOIN "facts"."order" AS f
    ON f."ordered_at" >= e.starts AND f."ordered_at" < e.ends
  WHERE
    e.period % 3 = 0
    AND f."client_id" = CAST($1 AS TEXT)
    AND f."ordered_at" >= CAST($4 AS TIMESTAMPTZ)
    AND f."ordered_at" < CAST($5 AS TIMESTAMPTZ)
  GROUP BY
    1,
    2
  UNION ALL
  SELECT
    e.period,
    f."cancelled" AS d0,
    COUNT(DISTINCT f."customer_id") AS s0,
    COUNT(*) AS s1,
    COUNT(f."customer_id") AS s2
  FROM UNNEST(CAST($2 AS TIMESTAMPTZ[]), CAST($3 AS TIMESTAMPTZ[])) WITH ORDINALITY AS e(starts, ends, period)
  JOIN "facts"."order" AS f
    ON f."ordered_at" >= e.starts AND f."ordered_at" < e.ends
  WHERE
    e.period % 3 = 1
    AND f."client_id" = CAST($1 AS TEXT)
    AND f."ordered_at" >= CAST($4 AS TIMESTAMPTZ)
    AND f."ordered_at" < CAST($5 AS TIMESTAMPTZ)
  GROUP BY
    1,
    2
  UNION ALL
  SELECT
    e.period,
    f."cancelled" AS d0,
    COUNT(DISTINCT f."customer_id") AS s0,
    COUNT(*) AS s1,
    COUNT(f."customer_id") AS s2
  FROM UNNEST(CAST($2 AS TIMESTAMPTZ[]), CAST($3 AS TIMESTAMPTZ[])) WITH ORDINALITY AS e(starts, ends, period)
  JOIN "facts"."order" AS f
    ON f."ordered_at" >= e.starts AND f."ordered_at" < e.ends
  WHERE
    e.period % 3 = 2
    AND f."client_id" = CAST($1 AS TEXT)
    AND f."ordered_at" >= CAST($4 AS TIMESTAMPTZ)
    AND f."ordered_at" < CAST($5 AS TIMESTAMPTZ)
  GROUP BY
    1,
    2
), terms AS (
  SELECT
    spine.period,
    scan_0.d0,
    CASE
      WHEN COALESCE(scan_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE COALESCE(scan_0.s0, 0)
    END AS t0,
    COALESCE(scan_0.s1, 0) AS r0,
    COALESCE(scan_0.s2, 0) AS n0
  FROM UNNEST(CAST($6 AS BOOLEAN[])) WITH ORDINALITY AS spine(covered_0, period)
  JOIN scan_0
    ON scan_0.period = spine.period
)
SELECT
  period,
  d0,
  t0 AS k0,
  t0 AS v0,
  r0,
  n0
FROM terms
WHERE
  r0 > 0
ORDER BY
  period ASC,
  d0 ASC
LIMIT CAST($7 AS BIGINT)
OFFSET CAST($8 AS BIGINT)
