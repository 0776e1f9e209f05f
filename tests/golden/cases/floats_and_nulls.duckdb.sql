WITH scan_0_fine AS (
  SELECT
    (
      (
        EPOCH_US(f."ordered_at") - CAST($1 AS BIGINT)
      ) // CAST($2 AS BIGINT)
    ) + 1 AS cell,
    SUM(f."weight") AS s0,
    COUNT(f."weight") AS s1,
    MAX(f."weight") AS s2,
    COUNT(*) AS s4
  FROM "facts"."order" AS f
  WHERE
    f."client_id" = CAST($3 AS TEXT)
    AND f."ordered_at" >= CAST($5 AS TIMESTAMPTZ)
    AND f."ordered_at" < CAST($6 AS TIMESTAMPTZ)
    AND f."order_id" <> CAST($4 AS TEXT)
  GROUP BY
    1
), scan_0 AS (
  SELECT
    LIST_EXTRACT((
      SELECT
        CAST($7 AS BIGINT[])
    ), cell) AS period,
    CAST(SUM(s0) AS DOUBLE) AS s0,
    CAST(SUM(s1) AS BIGINT) AS s1,
    MAX(s2) AS s2,
    CAST(SUM(s4) AS BIGINT) AS s4
  FROM scan_0_fine
  GROUP BY
    1
), scan_0_whole AS (
  SELECT
    LIST_EXTRACT(
      (
        SELECT
          CAST($7 AS BIGINT[])
      ),
      (
        (
          EPOCH_US(f."ordered_at") - CAST($1 AS BIGINT)
        ) // CAST($2 AS BIGINT)
      ) + 1
    ) AS period,
    CASE
      WHEN NOT ISNAN(STDDEV_SAMP(CAST(f."weight" AS DOUBLE)))
      THEN STDDEV_SAMP(CAST(f."weight" AS DOUBLE))
    END AS s3
  FROM "facts"."order" AS f
  WHERE
    f."client_id" = CAST($3 AS TEXT)
    AND f."ordered_at" >= CAST($5 AS TIMESTAMPTZ)
    AND f."ordered_at" < CAST($6 AS TIMESTAMPTZ)
    AND f."order_id" <> CAST($4 AS TEXT)
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period,
    CAST(scan_0.s0 AS DOUBLE) / NULLIF(CAST(scan_0.s1 AS DOUBLE), 0) AS t0,
    COALESCE(scan_0.s4, 0) AS r0,
    COALESCE(scan_0.s1, 0) AS n0,
    CASE
      WHEN COALESCE(scan_0.s4, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t1,
    COALESCE(scan_0.s4, 0) AS r1,
    COALESCE(scan_0.s1, 0) AS n1,
    scan_0.s2 AS t2,
    COALESCE(scan_0.s4, 0) AS r2,
    COALESCE(scan_0.s1, 0) AS n2,
    scan_0_whole.s3 AS t3,
    COALESCE(scan_0.s4, 0) AS r3,
    COALESCE(scan_0.s1, 0) AS n3
  FROM (
    SELECT
      UNNEST(CAST($8 AS BOOLEAN[])) AS covered_0,
      GENERATE_SUBSCRIPTS(CAST($8 AS BOOLEAN[]), 1) AS period
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
  t3 AS k3,
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
LIMIT CAST($9 AS BIGINT)
OFFSET CAST($10 AS BIGINT)
