WITH scan_0 AS (
  SELECT
    f.ae_group AS period,
    SUM(f."amount") AS s0,
    COUNT(*) AS s1,
    COUNT(f."amount") AS s2
  FROM (
    SELECT
      f.*,
      WIDTH_BUCKET(f."sold_on", CAST($1 AS DATE[])) AS ae_group
    FROM "facts"."sale" AS f
    WHERE
      f."client_id" = CAST($2 AS TEXT)
      AND f."sold_on" >= CAST($3 AS DATE)
      AND f."sold_on" < CAST($4 AS DATE)
    UNION ALL
    SELECT
      f.*,
      CAST(NULL AS INT) AS ae_group
    FROM "facts"."sale" AS f
    WHERE
      FALSE
  ) AS f
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
    COALESCE(scan_0.s2, 0) AS n0
  FROM UNNEST(CAST($5 AS BOOLEAN[])) WITH ORDINALITY AS spine(covered_0, period)
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
LIMIT CAST($6 AS BIGINT)
OFFSET CAST($7 AS BIGINT)
