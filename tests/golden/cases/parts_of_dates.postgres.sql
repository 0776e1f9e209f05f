WITH scan_0 AS (
  SELECT
    f.ae_group AS period,
    CAST(EXTRACT(WEEK FROM f."sold_on") AS BIGINT) AS d0,
    CAST(EXTRACT(ISODOW FROM f."sold_on") AS BIGINT) AS d1,
    SUM(f."amount") AS s0,
    COUNT(*) AS s1,
    COUNT(f."amount") AS s2
  FROM (
    SELECT
      f.*,
      CAST(1 AS INT) AS ae_group
    FROM "facts"."sale" AS f
    WHERE
      f."client_id" = CAST($1 AS TEXT)
      AND f."sold_on" >= CAST($2 AS DATE)
      AND f."sold_on" < CAST($3 AS DATE)
    UNION ALL
    SELECT
      f.*,
      CAST(NULL AS INT) AS ae_group
    FROM "facts"."sale" AS f
    WHERE
      FALSE
  ) AS f
  GROUP BY
    1,
    2,
    3
), terms AS (
  SELECT
    spine.period,
    scan_0.d0,
    scan_0.d1,
    CASE
      WHEN COALESCE(scan_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s1, 0) AS r0,
    COALESCE(scan_0.s2, 0) AS n0
  FROM UNNEST(CAST($4 AS BOOLEAN[])) WITH ORDINALITY AS spine(covered_0, period)
  JOIN scan_0
    ON scan_0.period = spine.period
)
SELECT
  period,
  d0,
  d1,
  t0 AS k0,
  t0 AS v0,
  r0,
  n0
FROM terms
WHERE
  r0 > 0
ORDER BY
  period ASC,
  d0 ASC,
  d1 ASC
LIMIT CAST($5 AS BIGINT)
OFFSET CAST($6 AS BIGINT)
