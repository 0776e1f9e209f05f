WITH scan_0 AS (
  SELECT
    f.ae_group AS period,
    MAX(f."ordered_at") AS s0,
    MIN(f."promised_on") AS s1,
    COUNT(*) AS s2,
    COUNT(f."promised_on") AS s3
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
), terms AS (
  SELECT
    spine.period,
    scan_0.s0 AS t0,
    COALESCE(scan_0.s2, 0) AS r0,
    scan_0.s1 AS t1,
    COALESCE(scan_0.s2, 0) AS r1,
    COALESCE(scan_0.s3, 0) AS n1
  FROM UNNEST(CAST($5 AS BOOLEAN[])) WITH ORDINALITY AS spine(covered_0, period)
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t1 AS k1,
  t0 AS v0,
  r0,
  t1 AS v1,
  r1,
  n1
FROM terms
ORDER BY
  period ASC
LIMIT CAST($6 AS BIGINT)
OFFSET CAST($7 AS BIGINT)
