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
), scan_1 AS (
  SELECT
    f.ae_group AS period,
    COUNT(*) AS s3
  FROM (
    SELECT
      f.*,
      WIDTH_BUCKET(f."ordered_at", CAST($5 AS TIMESTAMPTZ[])) AS ae_group
    FROM "facts"."order" AS f
    WHERE
      f."client_id" = CAST($2 AS TEXT)
      AND f."ordered_at" >= CAST($6 AS TIMESTAMPTZ)
      AND f."ordered_at" < CAST($7 AS TIMESTAMPTZ)
    UNION ALL
    SELECT
      f.*,
      CAST(NULL AS INT) AS ae_group
    FROM "facts"."order" AS f
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
    COALESCE(scan_0.s2, 0) AS n0,
    CASE
      WHEN COALESCE(scan_1.s3, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_1.s3
    END AS t1,
    COALESCE(scan_1.s3, 0) AS r1,
    spine.days_0
  FROM UNNEST(CAST($8 AS BOOLEAN[]), CAST($9 AS BOOLEAN[]), CAST($10 AS BIGINT[])) WITH ORDINALITY AS spine(covered_0, covered_1, days_0, period)
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
  LEFT JOIN scan_1
    ON scan_1.period = spine.period
)
SELECT
  period,
  CAST(t0 AS DECIMAL) / NULLIF(days_0, 0) AS k0,
  CAST((
    t1 * days_0
  ) AS DECIMAL) / NULLIF(days_0, 0) AS k1,
  t0 AS v0,
  r0,
  n0,
  t1 AS v1,
  r1
FROM terms
ORDER BY
  period ASC
LIMIT CAST($11 AS BIGINT)
OFFSET CAST($12 AS BIGINT)
