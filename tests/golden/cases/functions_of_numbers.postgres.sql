WITH scan_0 AS (
  SELECT
    f.ae_group AS period,
    SUM(
      EXP(
        CAST((
          CAST(f."weight" AS DOUBLE PRECISION) / NULLIF(f."weight", 0)
        ) - CAST($4 AS BIGINT) AS DOUBLE PRECISION)
      )
    ) AS s0,
    COUNT(*) AS s1,
    SUM(
      CASE
        WHEN CAST(CAST(f."distance" AS DOUBLE PRECISION) / NULLIF(CAST($5 AS BIGINT), 0) AS DOUBLE PRECISION) < 0
        AND NOT (
          CAST(CAST($6 AS BIGINT) AS DOUBLE PRECISION) = FLOOR(CAST(CAST($6 AS BIGINT) AS DOUBLE PRECISION))
        )
        THEN NULL
        WHEN CAST(CAST(f."distance" AS DOUBLE PRECISION) / NULLIF(CAST($5 AS BIGINT), 0) AS DOUBLE PRECISION) = 0
        AND CAST(CAST($6 AS BIGINT) AS DOUBLE PRECISION) < 0
        THEN NULL
        ELSE POWER(
          CAST(CAST(f."distance" AS DOUBLE PRECISION) / NULLIF(CAST($5 AS BIGINT), 0) AS DOUBLE PRECISION),
          CAST(CAST($6 AS BIGINT) AS DOUBLE PRECISION)
        )
      END
    ) AS s2,
    SUM(
      CASE
        WHEN CAST(CAST(f."distance" AS DOUBLE PRECISION) / NULLIF(CAST($5 AS BIGINT), 0) AS DOUBLE PRECISION) >= 0
        THEN SQRT(
          CAST(CAST(f."distance" AS DOUBLE PRECISION) / NULLIF(CAST($5 AS BIGINT), 0) AS DOUBLE PRECISION)
        )
      END
    ) AS s3,
    COUNT(*) FILTER(WHERE
      f."cancelled") AS s4,
    COUNT(
      EXP(
        CAST((
          CAST(f."weight" AS DOUBLE PRECISION) / NULLIF(f."weight", 0)
        ) - CAST($4 AS BIGINT) AS DOUBLE PRECISION)
      )
    ) AS s5,
    COUNT(
      CASE
        WHEN CAST(CAST(f."distance" AS DOUBLE PRECISION) / NULLIF(CAST($5 AS BIGINT), 0) AS DOUBLE PRECISION) < 0
        AND NOT (
          CAST(CAST($6 AS BIGINT) AS DOUBLE PRECISION) = FLOOR(CAST(CAST($6 AS BIGINT) AS DOUBLE PRECISION))
        )
        THEN NULL
        WHEN CAST(CAST(f."distance" AS DOUBLE PRECISION) / NULLIF(CAST($5 AS BIGINT), 0) AS DOUBLE PRECISION) = 0
        AND CAST(CAST($6 AS BIGINT) AS DOUBLE PRECISION) < 0
        THEN NULL
        ELSE POWER(
          CAST(CAST(f."distance" AS DOUBLE PRECISION) / NULLIF(CAST($5 AS BIGINT), 0) AS DOUBLE PRECISION),
          CAST(CAST($6 AS BIGINT) AS DOUBLE PRECISION)
        )
      END
    ) AS s6,
    COUNT(
      CASE
        WHEN CAST(CAST(f."distance" AS DOUBLE PRECISION) / NULLIF(CAST($5 AS BIGINT), 0) AS DOUBLE PRECISION) >= 0
        THEN SQRT(
          CAST(CAST(f."distance" AS DOUBLE PRECISION) / NULLIF(CAST($5 AS BIGINT), 0) AS DOUBLE PRECISION)
        )
      END
    ) AS s7
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
  FROM UNNEST(CAST($7 AS BOOLEAN[])) WITH ORDINALITY AS spine(covered_0, period)
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  (
    CAST(t1 AS DECIMAL) / NULLIF(t1, 0)
  ) * (
    (
      CASE
        WHEN CAST(CAST($6 AS BIGINT) AS DOUBLE PRECISION) < 0
        AND NOT (
          CAST(CAST($8 AS BIGINT) AS DOUBLE PRECISION) = FLOOR(CAST(CAST($8 AS BIGINT) AS DOUBLE PRECISION))
        )
        THEN NULL
        WHEN CAST(CAST($6 AS BIGINT) AS DOUBLE PRECISION) = 0
        AND CAST(CAST($8 AS BIGINT) AS DOUBLE PRECISION) < 0
        THEN NULL
        ELSE POWER(
          CAST(CAST($6 AS BIGINT) AS DOUBLE PRECISION),
          CAST(CAST($8 AS BIGINT) AS DOUBLE PRECISION)
        )
      END + CASE
        WHEN CAST(CAST($9 AS BIGINT) AS DOUBLE PRECISION) >= 0
        THEN SQRT(CAST(CAST($9 AS BIGINT) AS DOUBLE PRECISION))
      END
    ) + CASE
      WHEN CAST(EXP(CAST(CAST($6 AS BIGINT) AS DOUBLE PRECISION)) AS DOUBLE PRECISION) > 0
      THEN LN(CAST(EXP(CAST(CAST($6 AS BIGINT) AS DOUBLE PRECISION)) AS DOUBLE PRECISION))
    END
  ) AS k1,
  t2 AS k2,
  t3 AS k3,
  ABS(t4 - t1) AS k4,
  CASE
    WHEN CAST($6 AS BIGINT) IS NULL
    OR (
      CAST(t1 AS DECIMAL) / NULLIF(CAST($4 AS BIGINT), 0)
    ) IS NULL
    OR CAST($10 AS BIGINT) IS NULL
    THEN NULL
    ELSE GREATEST(
      CAST($6 AS BIGINT),
      CAST(t1 AS DECIMAL) / NULLIF(CAST($4 AS BIGINT), 0),
      CAST($10 AS BIGINT)
    )
  END AS k5,
  CASE
    WHEN CAST($11 AS DECIMAL) IS NULL
    OR (
      CAST(t1 AS DECIMAL) / NULLIF(CAST($4 AS BIGINT), 0)
    ) IS NULL
    THEN NULL
    ELSE LEAST(CAST($11 AS DECIMAL), CAST(t1 AS DECIMAL) / NULLIF(CAST($4 AS BIGINT), 0))
  END AS k6,
  NULLIF(t4, CAST($6 AS BIGINT)) AS k7,
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
LIMIT CAST($12 AS BIGINT)
OFFSET CAST($13 AS BIGINT)
