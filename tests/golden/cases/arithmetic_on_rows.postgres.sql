WITH scan_0 AS (
  SELECT
    f.ae_group AS period,
    SUM(
      CASE
        WHEN f."cancelled"
        THEN CAST($4 AS BIGINT)
        WHEN f."weight" > CAST($5 AS BIGINT)
        THEN CAST($6 AS BIGINT)
        ELSE CAST($7 AS BIGINT)
      END
    ) AS s0,
    SUM(COALESCE(f."distance", CAST($8 AS BIGINT))) AS s1,
    COUNT(NULLIF(f."distance", CAST($9 AS BIGINT))) AS s2,
    COUNT(*) FILTER(WHERE
      MOD(CAST(f."distance" AS DECIMAL), NULLIF(CAST(CAST($10 AS BIGINT) AS DECIMAL), 0)) = CAST($4 AS BIGINT)) AS s3,
    SUM(CAST(ROUND(CAST(f."weight" AS DECIMAL), 0) AS DOUBLE PRECISION)) AS s4,
    SUM(
      CASE
        WHEN f."weight" IS NULL OR CAST($11 AS BIGINT) IS NULL
        THEN NULL
        ELSE GREATEST(f."weight", CAST($11 AS BIGINT))
      END
    ) AS s5,
    SUM(
      CASE
        WHEN f."weight" IS NULL OR (
          f."weight" + CAST($7 AS BIGINT)
        ) IS NULL
        THEN NULL
        ELSE LEAST(f."weight", f."weight" + CAST($7 AS BIGINT))
      END
    ) AS s6,
    SUM(ABS(f."weight" - CAST($5 AS BIGINT))) AS s7,
    COUNT(*) AS s8,
    COUNT(f."weight") AS s9,
    COUNT(
      CASE
        WHEN f."weight" IS NULL OR CAST($11 AS BIGINT) IS NULL
        THEN NULL
        ELSE GREATEST(f."weight", CAST($11 AS BIGINT))
      END
    ) AS s10,
    COUNT(
      CASE
        WHEN f."weight" IS NULL OR (
          f."weight" + CAST($7 AS BIGINT)
        ) IS NULL
        THEN NULL
        ELSE LEAST(f."weight", f."weight" + CAST($7 AS BIGINT))
      END
    ) AS s11
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
      WHEN COALESCE(scan_0.s8, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s8, 0) AS r0,
    CASE
      WHEN COALESCE(scan_0.s8, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s1
    END AS t1,
    COALESCE(scan_0.s8, 0) AS r1,
    CASE
      WHEN COALESCE(scan_0.s8, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s2
    END AS t2,
    COALESCE(scan_0.s8, 0) AS r2,
    COALESCE(scan_0.s2, 0) AS n2,
    CASE
      WHEN COALESCE(scan_0.s3, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s3
    END AS t3,
    COALESCE(scan_0.s3, 0) AS r3,
    CASE
      WHEN COALESCE(scan_0.s8, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s4
    END AS t4,
    COALESCE(scan_0.s8, 0) AS r4,
    COALESCE(scan_0.s9, 0) AS n4,
    CASE
      WHEN COALESCE(scan_0.s8, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s5
    END AS t5,
    COALESCE(scan_0.s8, 0) AS r5,
    COALESCE(scan_0.s10, 0) AS n5,
    CASE
      WHEN COALESCE(scan_0.s8, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s6
    END AS t6,
    COALESCE(scan_0.s8, 0) AS r6,
    COALESCE(scan_0.s11, 0) AS n6,
    CASE
      WHEN COALESCE(scan_0.s8, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s7
    END AS t7,
    COALESCE(scan_0.s8, 0) AS r7,
    COALESCE(scan_0.s9, 0) AS n7
  FROM UNNEST(CAST($12 AS BOOLEAN[])) WITH ORDINALITY AS spine(covered_0, period)
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
  t0 AS v0,
  r0,
  t1 AS v1,
  r1,
  t2 AS v2,
  r2,
  n2,
  t3 AS v3,
  r3,
  t4 AS v4,
  r4,
  n4,
  t5 AS v5,
  r5,
  n5,
  t6 AS v6,
  r6,
  n6,
  t7 AS v7,
  r7,
  n7
FROM terms
ORDER BY
  period ASC
LIMIT CAST($13 AS BIGINT)
OFFSET CAST($14 AS BIGINT)
