WITH scan_0 AS (
  SELECT
    f.ae_group AS period,
    f."store" AS d0,
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
    1,
    2
), scan_1 AS (
  SELECT
    f.ae_group AS period,
    SUM(f."amount") AS s3,
    COUNT(*) AS s4,
    COUNT(f."amount") AS s5
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
  FROM UNNEST(CAST($5 AS BOOLEAN[])) WITH ORDINALITY AS spine(covered_0, period)
  JOIN scan_0
    ON scan_0.period = spine.period
  LEFT JOIN scan_1
    ON scan_1.period = spine.period
)
SELECT
  period,
  d0,
  t0 AS k0,
  CAST(t0 AS DECIMAL) / NULLIF(t1, 0) AS k1,
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
      ORDER BY t0 DESC NULLS LAST
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
LIMIT CAST($6 AS BIGINT)
OFFSET CAST($7 AS BIGINT)
