WITH scan_0_fine AS (
  SELECT
    (
      (
        EPOCH_US(f."ordered_at") - CAST($1 AS BIGINT)
      ) // CAST($2 AS BIGINT)
    ) + 1 AS cell,
    COUNT(*) AS s2,
    COUNT(CASE WHEN NOT f."distance" IS NULL THEN f."weight" END) AS s3
  FROM "facts"."order" AS f
  WHERE
    f."client_id" = CAST($3 AS TEXT)
    AND f."ordered_at" >= CAST($4 AS TIMESTAMPTZ)
    AND f."ordered_at" < CAST($5 AS TIMESTAMPTZ)
    AND NOT f."weight" IS NULL
  GROUP BY
    1
), scan_0 AS (
  SELECT
    LIST_EXTRACT((
      SELECT
        CAST($6 AS BIGINT[])
    ), cell) AS period,
    CAST(SUM(s2) AS BIGINT) AS s2,
    CAST(SUM(s3) AS BIGINT) AS s3
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
          EPOCH_US(f."ordered_at") - CAST($1 AS BIGINT)
        ) // CAST($2 AS BIGINT)
      ) + 1
    ) AS period,
    CASE
      WHEN NOT ISNAN(COVAR_SAMP(CAST(f."weight" AS DOUBLE), CAST(f."distance" AS DOUBLE)))
      THEN COVAR_SAMP(CAST(f."weight" AS DOUBLE), CAST(f."distance" AS DOUBLE))
    END AS s0,
    CASE
      WHEN NOT ISNAN(CORR(CAST(f."weight" AS DOUBLE), CAST(f."distance" AS DOUBLE)))
      THEN CORR(CAST(f."weight" AS DOUBLE), CAST(f."distance" AS DOUBLE))
    END AS s1
  FROM "facts"."order" AS f
  WHERE
    f."client_id" = CAST($3 AS TEXT)
    AND f."ordered_at" >= CAST($4 AS TIMESTAMPTZ)
    AND f."ordered_at" < CAST($5 AS TIMESTAMPTZ)
    AND NOT f."weight" IS NULL
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period,
    scan_0_whole.s0 AS t0,
    COALESCE(scan_0.s2, 0) AS r0,
    COALESCE(scan_0.s3, 0) AS n0,
    scan_0_whole.s1 AS t1,
    COALESCE(scan_0.s2, 0) AS r1,
    COALESCE(scan_0.s3, 0) AS n1
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
  t0 AS v0,
  r0,
  n0,
  t1 AS v1,
  r1,
  n1
FROM terms
ORDER BY
  period ASC
LIMIT CAST($8 AS BIGINT)
OFFSET CAST($9 AS BIGINT)
