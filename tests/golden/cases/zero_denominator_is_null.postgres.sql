WITH scan_0 AS (
  SELECT
    f.ae_group AS period,
    COUNT(*) AS s0
  FROM (
    SELECT
      f.*,
      WIDTH_BUCKET(f."ordered_at", CAST($1 AS TIMESTAMPTZ[])) AS ae_group
    FROM "facts"."order" AS f
    WHERE
      f."client_id" = CAST($2 AS TEXT)
      AND f."ordered_at" >= CAST($3 AS TIMESTAMPTZ)
      AND f."ordered_at" < CAST($4 AS TIMESTAMPTZ)
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
), scan_1 AS (
  SELECT
    f.ae_group AS period,
    SUM(f."hours") AS s1,
    COUNT(*) AS s2,
    COUNT(f."hours") AS s3
  FROM (
    SELECT
      f.*,
      WIDTH_BUCKET(f."worked_on", CAST($5 AS DATE[])) AS ae_group
    FROM "facts"."shift" AS f
    WHERE
      f."client_id" = CAST($2 AS TEXT)
      AND f."worked_on" >= CAST($6 AS DATE)
      AND f."worked_on" < CAST($7 AS DATE)
    UNION ALL
    SELECT
      f.*,
      CAST(NULL AS INT) AS ae_group
    FROM "facts"."shift" AS f
    WHERE
      FALSE
  ) AS f
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period,
    CASE
      WHEN COALESCE(scan_0.s0, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s0, 0) AS r0,
    CASE
      WHEN COALESCE(scan_1.s2, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_1.s1
    END AS t1,
    COALESCE(scan_1.s2, 0) AS r1,
    COALESCE(scan_1.s3, 0) AS n1
  FROM UNNEST(CAST($8 AS BOOLEAN[]), CAST($9 AS BOOLEAN[])) WITH ORDINALITY AS spine(covered_0, covered_1, period)
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
  LEFT JOIN scan_1
    ON scan_1.period = spine.period
)
SELECT
  period,
  CAST(t0 AS DECIMAL) / NULLIF(t1, 0) AS k0,
  t0 AS v0,
  r0,
  t1 AS v1,
  r1,
  n1
FROM terms
ORDER BY
  period ASC
LIMIT CAST($10 AS BIGINT)
OFFSET CAST($11 AS BIGINT)
