WITH scan_0 AS (
  SELECT
    f.ae_group AS period,
    SUM(CAST(EXTRACT(YEAR FROM f."ordered_at" AT TIME ZONE CAST($4 AS TEXT)) AS BIGINT)) AS s0,
    SUM(
      CAST(EXTRACT(QUARTER FROM f."ordered_at" AT TIME ZONE CAST($4 AS TEXT)) AS BIGINT)
    ) AS s1,
    SUM(CAST(EXTRACT(MONTH FROM f."ordered_at" AT TIME ZONE CAST($4 AS TEXT)) AS BIGINT)) AS s2,
    SUM(CAST(EXTRACT(WEEK FROM f."ordered_at" AT TIME ZONE CAST($4 AS TEXT)) AS BIGINT)) AS s3,
    SUM(CAST(EXTRACT(DAY FROM f."ordered_at" AT TIME ZONE CAST($4 AS TEXT)) AS BIGINT)) AS s4,
    SUM(
      CAST(EXTRACT(ISODOW FROM f."ordered_at" AT TIME ZONE CAST($4 AS TEXT)) AS BIGINT)
    ) AS s5,
    SUM(CAST(EXTRACT(HOUR FROM f."ordered_at" AT TIME ZONE CAST($4 AS TEXT)) AS BIGINT)) AS s6,
    SUM(
      CAST(EXTRACT(MINUTE FROM f."ordered_at" AT TIME ZONE CAST($4 AS TEXT)) AS BIGINT)
    ) AS s7,
    SUM(
      CAST(FLOOR(EXTRACT(SECOND FROM f."ordered_at" AT TIME ZONE CAST($4 AS TEXT))) AS BIGINT)
    ) AS s8,
    COUNT(*) AS s9
  FROM (
    SELECT
      f.*,
      CAST(1 AS INT) AS ae_group
    FROM "facts"."order" AS f
    WHERE
      f."client_id" = CAST($1 AS TEXT)
      AND f."ordered_at" >= CAST($2 AS TIMESTAMPTZ)
      AND f."ordered_at" < CAST($3 AS TIMESTAMPTZ)
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
    CASE
      WHEN COALESCE(scan_0.s9, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s9, 0) AS r0,
    CASE
      WHEN COALESCE(scan_0.s9, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s1
    END AS t1,
    COALESCE(scan_0.s9, 0) AS r1,
    CASE
      WHEN COALESCE(scan_0.s9, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s2
    END AS t2,
    COALESCE(scan_0.s9, 0) AS r2,
    CASE
      WHEN COALESCE(scan_0.s9, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s3
    END AS t3,
    COALESCE(scan_0.s9, 0) AS r3,
    CASE
      WHEN COALESCE(scan_0.s9, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s4
    END AS t4,
    COALESCE(scan_0.s9, 0) AS r4,
    CASE
      WHEN COALESCE(scan_0.s9, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s5
    END AS t5,
    COALESCE(scan_0.s9, 0) AS r5,
    CASE
      WHEN COALESCE(scan_0.s9, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s6
    END AS t6,
    COALESCE(scan_0.s9, 0) AS r6,
    CASE
      WHEN COALESCE(scan_0.s9, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s7
    END AS t7,
    COALESCE(scan_0.s9, 0) AS r7,
    CASE
      WHEN COALESCE(scan_0.s9, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s8
    END AS t8,
    COALESCE(scan_0.s9, 0) AS r8
  FROM UNNEST(CAST($5 AS BOOLEAN[])) WITH ORDINALITY AS spine(covered_0, period)
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t1 AS k1,
  t2 AS k2,
  t3 AS k3,
  t4 AS k4,
  t5 AS k5,
  t6 AS k6,
  t7 AS k7,
  t8 AS k8,
  t0 AS v0,
  r0,
  t1 AS v1,
  r1,
  t2 AS v2,
  r2,
  t3 AS v3,
  r3,
  t4 AS v4,
  r4,
  t5 AS v5,
  r5,
  t6 AS v6,
  r6,
  t7 AS v7,
  r7,
  t8 AS v8,
  r8
FROM terms
ORDER BY
  period ASC
LIMIT CAST($6 AS BIGINT)
OFFSET CAST($7 AS BIGINT)
