WITH scan_0 AS (
  SELECT
    f.ae_group AS period,
    SUM(
      CAST((
        EXTRACT(EPOCH FROM (
          f."delivered_at" - f."ordered_at"
        )) * 1000000
      ) AS DECIMAL) / 60000000
    ) AS s0,
    SUM(
      CAST((
        EXTRACT(EPOCH FROM (
          f."delivered_at" - f."ordered_at"
        )) * 1000000
      ) AS DECIMAL) / 3600000000
    ) AS s1,
    SUM(
      CAST((
        EXTRACT(EPOCH FROM (
          f."delivered_at" - f."ordered_at"
        )) * 1000000
      ) AS DECIMAL) / 86400000000
    ) AS s2,
    SUM(
      CAST((
        EXTRACT(EPOCH FROM (
          f."ordered_at" - f."delivered_at"
        )) * 1000000
      ) AS DECIMAL) / 3600000000
    ) AS s3,
    COUNT(*) AS s4,
    COUNT(f."delivered_at") AS s5
  FROM (
    SELECT
      f.*,
      CAST(1 AS INT) AS ae_group
    FROM "facts"."order" AS f
    WHERE
      f."client_id" = CAST($1 AS TEXT)
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
  WHERE
    f."order_id" <> CAST($2 AS TEXT)
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period,
    CASE
      WHEN COALESCE(scan_0.s4, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s4, 0) AS r0,
    COALESCE(scan_0.s5, 0) AS n0,
    CASE
      WHEN COALESCE(scan_0.s4, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s1
    END AS t1,
    COALESCE(scan_0.s4, 0) AS r1,
    COALESCE(scan_0.s5, 0) AS n1,
    CASE
      WHEN COALESCE(scan_0.s4, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s2
    END AS t2,
    COALESCE(scan_0.s4, 0) AS r2,
    COALESCE(scan_0.s5, 0) AS n2,
    CASE
      WHEN COALESCE(scan_0.s4, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s3
    END AS t3,
    COALESCE(scan_0.s4, 0) AS r3,
    COALESCE(scan_0.s5, 0) AS n3
  FROM UNNEST(CAST($5 AS BOOLEAN[])) WITH ORDINALITY AS spine(covered_0, period)
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t1 AS k1,
  t2 AS k2,
  CAST(t0 AS DECIMAL) / 60 AS k3,
  CAST(t3 * 60 AS DECIMAL) / 1 AS k4,
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
LIMIT CAST($6 AS BIGINT)
OFFSET CAST($7 AS BIGINT)
