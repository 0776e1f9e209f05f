WITH scan_0 AS (
  SELECT
    CAST(1 AS INT) AS period,
    COUNT(DISTINCT f."customer_id") AS s0,
    COUNT(*) AS s1,
    COUNT(f."customer_id") AS s2
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
    CASE
      WHEN COALESCE(scan_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE COALESCE(scan_0.s0, 0)
    END AS t0,
    COALESCE(scan_0.s1, 0) AS r0,
    COALESCE(scan_0.s2, 0) AS n0
  FROM (
    SELECT
      UNNEST(CAST($4 AS BOOLEAN[])) AS covered_0,
      GENERATE_SUBSCRIPTS(CAST($4 AS BOOLEAN[]), 1) AS period
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
LIMIT CAST($5 AS BIGINT)
OFFSET CAST($6 AS BIGINT)
