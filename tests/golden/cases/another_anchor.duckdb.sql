WITH scan_0_fine AS (
  SELECT
    (
      (
        EPOCH_US(f."delivered_at") - CAST($1 AS BIGINT)
      ) // CAST($2 AS BIGINT)
    ) + 1 AS cell,
    COUNT(*) AS s0,
    SUM(
      CAST((
        EPOCH_US(f."delivered_at") - EPOCH_US(f."ordered_at")
      ) AS DOUBLE) / CAST(3600000000 AS DOUBLE)
    ) AS s1,
    COUNT(
      CAST((
        EPOCH_US(f."delivered_at") - EPOCH_US(f."ordered_at")
      ) AS DOUBLE) / CAST(3600000000 AS DOUBLE)
    ) AS s2,
    COUNT(f."delivered_at") AS s4
  FROM "facts"."order" AS f
  WHERE
    f."client_id" = CAST($3 AS TEXT)
    AND f."delivered_at" >= CAST($4 AS TIMESTAMPTZ)
    AND f."delivered_at" < CAST($5 AS TIMESTAMPTZ)
  GROUP BY
    1
), scan_0 AS (
  SELECT
    LIST_EXTRACT((
      SELECT
        CAST($6 AS BIGINT[])
    ), cell) AS period,
    CAST(SUM(s0) AS BIGINT) AS s0,
    SUM(s1) AS s1,
    CAST(SUM(s2) AS BIGINT) AS s2,
    CAST(SUM(s4) AS BIGINT) AS s4
  FROM scan_0_fine
  GROUP BY
    1
), scan_0_whole AS (
  SELECT
    LIST_EXTRACT(
      (
        SELECT
          CAST($6 AS BIGINT[])
      ),
      (
        (
          EPOCH_US(f."delivered_at") - CAST($1 AS BIGINT)
        ) // CAST($2 AS BIGINT)
      ) + 1
    ) AS period,
    CAST(QUANTILE_CONT((
      EPOCH_US(f."delivered_at") - EPOCH_US(f."ordered_at")
    ), 0.9) AS DOUBLE) / CAST(3600000000 AS DOUBLE) AS s3
  FROM "facts"."order" AS f
  WHERE
    f."client_id" = CAST($3 AS TEXT)
    AND f."delivered_at" >= CAST($4 AS TIMESTAMPTZ)
    AND f."delivered_at" < CAST($5 AS TIMESTAMPTZ)
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
    CAST(scan_0.s1 AS DOUBLE) / NULLIF(CAST(scan_0.s2 AS DOUBLE), 0) AS t1,
    COALESCE(scan_0.s0, 0) AS r1,
    COALESCE(scan_0.s4, 0) AS n1,
    scan_0_whole.s3 AS t2,
    COALESCE(scan_0.s0, 0) AS r2,
    COALESCE(scan_0.s4, 0) AS n2
  FROM (
    SELECT
      UNNEST(CAST($7 AS BOOLEAN[])) AS covered_0,
      GENERATE_SUBSCRIPTS(CAST($7 AS BOOLEAN[]), 1) AS period
  ) AS spine
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
  LEFT JOIN scan_0_whole
    ON scan_0_whole.period = spine.period
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
LIMIT CAST($8 AS BIGINT)
OFFSET CAST($9 AS BIGINT)
