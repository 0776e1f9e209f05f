WITH scan_0 AS (
  SELECT
    WIDTH_BUCKET(f."delivered_at", CAST($1 AS TIMESTAMPTZ[])) AS period,
    COUNT(*) AS s0,
    SUM(
      CAST((
        EXTRACT(EPOCH FROM (
          f."delivered_at" - f."ordered_at"
        )) * 1000000
      ) AS DECIMAL) / 3600000000
    ) AS s1,
    COUNT(
      CAST((
        EXTRACT(EPOCH FROM (
          f."delivered_at" - f."ordered_at"
        )) * 1000000
      ) AS DECIMAL) / 3600000000
    ) AS s2,
    CAST(PERCENTILE_CONT(0.9) WITHIN GROUP (ORDER BY
      DATE_PART('epoch', f."delivered_at" - f."ordered_at")) AS DOUBLE PRECISION) / 3600 AS s3,
    COUNT(f."delivered_at") AS s4
  FROM "facts"."order" AS f
  WHERE
    f."client_id" = CAST($2 AS TEXT)
    AND f."delivered_at" >= CAST($3 AS TIMESTAMPTZ)
    AND f."delivered_at" < CAST($4 AS TIMESTAMPTZ)
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
    CAST(scan_0.s1 AS DECIMAL) / NULLIF(scan_0.s2, 0) AS t1,
    COALESCE(scan_0.s0, 0) AS r1,
    COALESCE(scan_0.s4, 0) AS n1,
    scan_0.s3 AS t2,
    COALESCE(scan_0.s0, 0) AS r2,
    COALESCE(scan_0.s4, 0) AS n2
  FROM UNNEST(CAST($5 AS BOOLEAN[])) WITH ORDINALITY AS spine(covered_0, period)
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t1 AS k1,
  t2 AS k2,
  t0 AS v0,
  r0,
  t1 AS v1,
  r1,
  n1,
  t2 AS v2,
  r2,
  n2
FROM terms
ORDER BY
  period ASC
LIMIT CAST($6 AS BIGINT)
OFFSET CAST($7 AS BIGINT)
