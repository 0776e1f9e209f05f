WITH scan_0 AS (
  SELECT
    CAST(1 AS INT) AS period,
    SUM(
      EXP(
        CAST((
          CAST(f."weight" AS DOUBLE) / NULLIF(CAST(f."weight" AS DOUBLE), 0)
        ) - 1 AS DOUBLE)
      )
    ) AS s0,
    COUNT(*) AS s1,
    SUM(
      CASE
        WHEN CAST(CAST(f."distance" AS DOUBLE) / CAST(10 AS DOUBLE) AS DOUBLE) < 0
        AND NOT (
          CAST(2 AS DOUBLE) = FLOOR(CAST(2 AS DOUBLE))
        )
        THEN NULL
        WHEN CAST(CAST(f."distance" AS DOUBLE) / CAST(10 AS DOUBLE) AS DOUBLE) = 0
        AND CAST(2 AS DOUBLE) < 0
        THEN NULL
        ELSE POWER(
          CAST(CAST(f."distance" AS DOUBLE) / CAST(10 AS DOUBLE) AS DOUBLE),
          CAST(2 AS DOUBLE)
        )
      END
    ) AS s2,
    SUM(
      CASE
        WHEN CAST(CAST(f."distance" AS DOUBLE) / CAST(10 AS DOUBLE) AS DOUBLE) >= 0
        THEN SQRT(CAST(CAST(f."distance" AS DOUBLE) / CAST(10 AS DOUBLE) AS DOUBLE))
      END
    ) AS s3,
    COUNT(*) FILTER(WHERE
      f."cancelled") AS s4,
    COUNT(
      EXP(
        CAST((
          CAST(f."weight" AS DOUBLE) / NULLIF(CAST(f."weight" AS DOUBLE), 0)
        ) - 1 AS DOUBLE)
      )
    ) AS s5,
    COUNT(
      CASE
        WHEN CAST(CAST(f."distance" AS DOUBLE) / CAST(10 AS DOUBLE) AS DOUBLE) < 0
        AND NOT (
          CAST(2 AS DOUBLE) = FLOOR(CAST(2 AS DOUBLE))
        )
        THEN NULL
        WHEN CAST(CAST(f."distance" AS DOUBLE) / CAST(10 AS DOUBLE) AS DOUBLE) = 0
        AND CAST(2 AS DOUBLE) < 0
        THEN NULL
        ELSE POWER(
          CAST(CAST(f."distance" AS DOUBLE) / CAST(10 AS DOUBLE) AS DOUBLE),
          CAST(2 AS DOUBLE)
        )
      END
    ) AS s6,
    COUNT(
      CASE
        WHEN CAST(CAST(f."distance" AS DOUBLE) / CAST(10 AS DOUBLE) AS DOUBLE) >= 0
        THEN SQRT(CAST(CAST(f."distance" AS DOUBLE) / CAST(10 AS DOUBLE) AS DOUBLE))
      END
    ) AS s7
  FROM "facts"."order" AS f
  WHERE
    f."client_id" = CAST($1 AS TEXT)
    AND f."ordered_at" >= CAST($2 AS TIMESTAMPTZ)
    AND f."ordered_at" < CAST($3 AS TIMESTAMPTZ)
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period,
    CASE
      WHEN COALESCE(scan_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s1, 0) AS r0,
    COALESCE(scan_0.s5, 0) AS n0,
    CASE
      WHEN COALESCE(scan_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s1
    END AS t1,
    COALESCE(scan_0.s1, 0) AS r1,
    CASE
      WHEN COALESCE(scan_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s2
    END AS t2,
    COALESCE(scan_0.s1, 0) AS r2,
    COALESCE(scan_0.s6, 0) AS n2,
    CASE
      WHEN COALESCE(scan_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s3
    END AS t3,
    COALESCE(scan_0.s1, 0) AS r3,
    COALESCE(scan_0.s7, 0) AS n3,
    CASE
      WHEN COALESCE(scan_0.s4, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s4
    END AS t4,
    COALESCE(scan_0.s4, 0) AS r4
  FROM (
    SELECT
      UNNEST(CAST($4 AS BOOLEAN[])) AS covered_0,
      GENERATE_SUBSCRIPTS(CAST($4 AS BOOLEAN[]), 1) AS period
  ) AS spine
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  (
    CAST(t1 AS DOUBLE) / NULLIF(CAST(t1 AS DOUBLE), 0)
  ) * (
    (
      CASE
        WHEN CAST(2 AS DOUBLE) < 0 AND NOT (
          CAST(3 AS DOUBLE) = FLOOR(CAST(3 AS DOUBLE))
        )
        THEN NULL
        WHEN CAST(2 AS DOUBLE) = 0 AND CAST(3 AS DOUBLE) < 0
        THEN NULL
        ELSE POWER(CAST(2 AS DOUBLE), CAST(3 AS DOUBLE))
      END + CASE WHEN CAST(16 AS DOUBLE) >= 0 THEN SQRT(CAST(16 AS DOUBLE)) END
    ) + CASE
      WHEN CAST(EXP(CAST(2 AS DOUBLE)) AS DOUBLE) > 0
      THEN LN(CAST(EXP(CAST(2 AS DOUBLE)) AS DOUBLE))
    END
  ) AS k1,
  t2 AS k2,
  t3 AS k3,
  ABS(t4 - t1) AS k4,
  CASE
    WHEN 2 IS NULL OR (
      CAST(t1 AS DOUBLE) / CAST(1 AS DOUBLE)
    ) IS NULL OR 5 IS NULL
    THEN NULL
    ELSE GREATEST(2, CAST(t1 AS DOUBLE) / CAST(1 AS DOUBLE), 5)
  END AS k5,
  CASE
    WHEN $5 IS NULL OR (
      CAST(t1 AS DOUBLE) / CAST(1 AS DOUBLE)
    ) IS NULL
    THEN NULL
    ELSE LEAST($5, CAST(t1 AS DOUBLE) / CAST(1 AS DOUBLE))
  END AS k6,
  NULLIF(t4, 2) AS k7,
  t0 AS v0,
  r0,
  n0,
  t1 AS v1,
  r1,
  t2 AS v2,
  r2,
  n2,
  t3 AS v3,
  r3,
  n3,
  t4 AS v4,
  r4
FROM terms
ORDER BY
  period ASC
LIMIT CAST($6 AS BIGINT)
OFFSET CAST($7 AS BIGINT)
