WITH scan_0_fine AS (
  SELECT
    (
      (
        EPOCH_US(f."ordered_at") - CAST($1 AS BIGINT)
      ) // CAST($2 AS BIGINT)
    ) + 1 AS cell,
    MAX(f."ordered_at") AS s0,
    MIN(f."promised_on") AS s1,
    COUNT(*) AS s2,
    COUNT(f."promised_on") AS s3
  FROM "facts"."order" AS f
  WHERE
    f."client_id" = CAST($3 AS TEXT)
    AND f."ordered_at" >= CAST($4 AS TIMESTAMPTZ)
    AND f."ordered_at" < CAST($5 AS TIMESTAMPTZ)
  GROUP BY
    1
), scan_0 AS (
  SELECT
    LIST_EXTRACT((
      SELECT
        CAST($6 AS BIGINT[])
    ), cell) AS period,
    MAX(s0) AS s0,
    MIN(s1) AS s1,
    CAST(SUM(s2) AS BIGINT) AS s2,
    CAST(SUM(s3) AS BIGINT) AS s3
  FROM scan_0_fine
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
  FROM (
    SELECT
      UNNEST(CAST($7 AS BOOLEAN[])) AS covered_0,
      GENERATE_SUBSCRIPTS(CAST($7 AS BOOLEAN[]), 1) AS period
  ) AS spine
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
LIMIT CAST($8 AS BIGINT)
OFFSET CAST($9 AS BIGINT)
