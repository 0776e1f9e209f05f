WITH scan_0 AS (
  SELECT
    CAST(1 AS INT) AS period,
    SUM(
      CASE
        WHEN f.`cancelled`
        THEN CAST(:p4 AS BIGINT)
        WHEN f.`weight` > CAST(:p5 AS BIGINT)
        THEN CAST(:p6 AS BIGINT)
        ELSE CAST(:p7 AS BIGINT)
      END * CAST(1 AS DECIMAL(1, 0))
    ) AS s0,
    SUM(
      COALESCE(CAST(f.`distance` AS DOUBLE), CAST(CAST(:p8 AS BIGINT) AS DOUBLE)) * CAST(1 AS DECIMAL(1, 0))
    ) AS s1,
    COUNT(NULLIF(f.`distance`, CAST(:p9 AS BIGINT))) AS s2,
    COUNT(*) FILTER(WHERE
      CASE
        WHEN ABS(CAST(f.`distance` AS DOUBLE)) < 1E15
        THEN CAST(CAST(CAST(CAST(f.`distance` AS DOUBLE) AS STRING) AS DECIMAL(38, 22)) % CAST(CAST(CAST(NULLIF(CAST(:p10 AS BIGINT), 0) AS DOUBLE) AS STRING) AS DECIMAL(38, 22)) AS DOUBLE)
        ELSE CAST(CAST(f.`distance` AS DOUBLE) % CAST(NULLIF(CAST(:p10 AS BIGINT), 0) AS DOUBLE) AS DOUBLE)
      END = CAST(:p4 AS BIGINT)) AS s3,
    SUM(
      CASE
        WHEN ABS(CAST(f.`weight` AS DOUBLE)) < 1E15
        THEN CAST(ROUND(CAST(CAST(CAST(f.`weight` AS DOUBLE) AS STRING) AS DECIMAL(38, 22)), 0) AS DOUBLE)
        ELSE CAST(f.`weight` AS DOUBLE)
      END * CAST(1 AS DECIMAL(1, 0))
    ) AS s4,
    SUM(
      CASE
        WHEN CAST(f.`weight` AS DOUBLE) IS NULL
        OR CAST(CAST(:p11 AS BIGINT) AS DOUBLE) IS NULL
        THEN NULL
        ELSE GREATEST(CAST(f.`weight` AS DOUBLE), CAST(CAST(:p11 AS BIGINT) AS DOUBLE))
      END * CAST(1 AS DECIMAL(1, 0))
    ) AS s5,
    SUM(
      CASE
        WHEN CAST(f.`weight` AS DOUBLE) IS NULL
        OR CAST(f.`weight` + CAST(:p7 AS BIGINT) AS DOUBLE) IS NULL
        THEN NULL
        ELSE LEAST(CAST(f.`weight` AS DOUBLE), CAST(f.`weight` + CAST(:p7 AS BIGINT) AS DOUBLE))
      END * CAST(1 AS DECIMAL(1, 0))
    ) AS s6,
    SUM(ABS(f.`weight` - CAST(:p5 AS BIGINT)) * CAST(1 AS DECIMAL(1, 0))) AS s7,
    COUNT(*) AS s8,
    COUNT(f.`weight`) AS s9,
    COUNT(
      CASE
        WHEN CAST(f.`weight` AS DOUBLE) IS NULL
        OR CAST(CAST(:p11 AS BIGINT) AS DOUBLE) IS NULL
        THEN NULL
        ELSE GREATEST(CAST(f.`weight` AS DOUBLE), CAST(CAST(:p11 AS BIGINT) AS DOUBLE))
      END
    ) AS s10,
    COUNT(
      CASE
        WHEN CAST(f.`weight` AS DOUBLE) IS NULL
        OR CAST(f.`weight` + CAST(:p7 AS BIGINT) AS DOUBLE) IS NULL
        THEN NULL
        ELSE LEAST(CAST(f.`weight` AS DOUBLE), CAST(f.`weight` + CAST(:p7 AS BIGINT) AS DOUBLE))
      END
    ) AS s11
  FROM `facts`.`order` AS f
  WHERE
    f.`client_id` = CAST(:p1 AS STRING)
    AND f.`ordered_at` >= CAST(:p2 AS TIMESTAMP)
    AND f.`ordered_at` < CAST(:p3 AS TIMESTAMP)
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
  FROM (
    SELECT
      z.z.`0` AS covered_0,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p12 AS ARRAY<BOOLEAN>))) AS (pos, z)
    ) AS z
  ) AS spine
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
  period ASC NULLS LAST
LIMIT CAST(CAST(:p13 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p14 AS BIGINT) AS INT)
