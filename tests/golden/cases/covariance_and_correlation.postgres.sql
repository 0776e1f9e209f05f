WITH scan_0 AS (
  SELECT
    e.period,
    CAST(COVAR_SAMP(CAST(f."weight" AS DOUBLE PRECISION), CAST(f."distance" AS DOUBLE PRECISION)) AS DOUBLE PRECISION) AS s0,
    CAST(CORR(CAST(f."weight" AS DOUBLE PRECISION), CAST(f."distance" AS DOUBLE PRECISION)) AS DOUBLE PRECISION) AS s1,
    COUNT(*) AS s2,
    COUNT(CASE WHEN NOT f."distance" IS NULL THEN f."weight" END) AS s3
  FROM UNNEST(CAST($2 AS TIMESTAMPTZ[]), CAST($3 AS TIMESTAMPTZ[])) WITH ORDINALITY AS e(starts, ends, period)
  JOIN "facts"."order" AS f
    ON f."ordered_at" >= e.starts AND f."ordered_at" < e.ends
  WHERE
    e.period % 3 = 0
    AND f."client_id" = CAST($1 AS TEXT)
    AND f."ordered_at" >= CAST($4 AS TIMESTAMPTZ)
    AND f."ordered_at" < CAST($5 AS TIMESTAMPTZ)
    AND NOT f."weight" IS NULL
  GROUP BY
    1
  UNION ALL
  SELECT
    e.period,
    CAST(COVAR_SAMP(CAST(f."weight" AS DOUBLE PRECISION), CAST(f."distance" AS DOUBLE PRECISION)) AS DOUBLE PRECISION) AS s0,
    CAST(CORR(CAST(f."weight" AS DOUBLE PRECISION), CAST(f."distance" AS DOUBLE PRECISION)) AS DOUBLE PRECISION) AS s1,
    COUNT(*) AS s2,
    COUNT(CASE WHEN NOT f."distance" IS NULL THEN f."weight" END) AS s3
  FROM UNNEST(CAST($2 AS TIMESTAMPTZ[]), CAST($3 AS TIMESTAMPTZ[])) WITH ORDINALITY AS e(starts, ends, period)
  JOIN "facts"."order" AS f
    ON f."ordered_at" >= e.starts AND f."ordered_at" < e.ends
  WHERE
    e.period % 3 = 1
    AND f."client_id" = CAST($1 AS TEXT)
    AND f."ordered_at" >= CAST($4 AS TIMESTAMPTZ)
    AND f."ordered_at" < CAST($5 AS TIMESTAMPTZ)
    AND NOT f."weight" IS NULL
  GROUP BY
    1
  UNION ALL
  SELECT
    e.period,
    CAST(COVAR_SAMP(CAST(f."weight" AS DOUBLE PRECISION), CAST(f."distance" AS DOUBLE PRECISION)) AS DOUBLE PRECISION) AS s0,
    CAST(CORR(CAST(f."weight" AS DOUBLE PRECISION), CAST(f."distance" AS DOUBLE PRECISION)) AS DOUBLE PRECISION) AS s1,
    COUNT(*) AS s2,
    COUNT(CASE WHEN NOT f."distance" IS NULL THEN f."weight" END) AS s3
  FROM UNNEST(CAST($2 AS TIMESTAMPTZ[]), CAST($3 AS TIMESTAMPTZ[])) WITH ORDINALITY AS e(starts, ends, period)
  JOIN "facts"."order" AS f
    ON f."ordered_at" >= e.starts AND f."ordered_at" < e.ends
  WHERE
    e.period % 3 = 2
    AND f."client_id" = CAST($1 AS TEXT)
    AND f."ordered_at" >= CAST($4 AS TIMESTAMPTZ)
    AND f."ordered_at" < CAST($5 AS TIMESTAMPTZ)
    AND NOT f."weight" IS NULL
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period,
    scan_0.s0 AS t0,
    COALESCE(scan_0.s2, 0) AS r0,
    COALESCE(scan_0.s3, 0) AS n0,
    scan_0.s1 AS t1,
    COALESCE(scan_0.s2, 0) AS r1,
    COALESCE(scan_0.s3, 0) AS n1
  FROM UNNEST(CAST($6 AS BOOLEAN[])) WITH ORDINALITY AS spine(covered_0, period)
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
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
LIMIT CAST($7 AS BIGINT)
OFFSET CAST($8 AS BIGINT)
