WITH scan_0 AS (
  SELECT
    CAST(1 AS INT) AS period,
    COUNT(
      DISTINCT CAST(DATE_TRUNC('year', FROM_UTC_TIMESTAMP(f.`ordered_at`, CAST(:p4 AS STRING))) AS DATE)
    ) AS s0,
    COUNT(
      DISTINCT CAST(DATE_TRUNC('quarter', FROM_UTC_TIMESTAMP(f.`ordered_at`, CAST(:p4 AS STRING))) AS DATE)
    ) AS s1,
    COUNT(
      DISTINCT CAST(DATE_TRUNC('month', FROM_UTC_TIMESTAMP(f.`ordered_at`, CAST(:p4 AS STRING))) AS DATE)
    ) AS s2,
    COUNT(
      DISTINCT CAST(DATE_TRUNC('week', FROM_UTC_TIMESTAMP(f.`ordered_at`, CAST(:p4 AS STRING))) AS DATE)
    ) AS s3,
    COUNT(
      DISTINCT CAST(DATE_TRUNC('day', FROM_UTC_TIMESTAMP(f.`ordered_at`, CAST(:p4 AS STRING))) AS DATE)
    ) AS s4,
    COUNT(
      DISTINCT TIMESTAMP_MICROS(
        UNIX_MICROS(f.`ordered_at`) - (
          UNIX_MICROS(FROM_UTC_TIMESTAMP(f.`ordered_at`, CAST(:p4 AS STRING))) - UNIX_MICROS(DATE_TRUNC('hour', FROM_UTC_TIMESTAMP(f.`ordered_at`, CAST(:p4 AS STRING))))
        )
      )
    ) AS s5,
    COUNT(
      DISTINCT TIMESTAMP_MICROS(
        UNIX_MICROS(f.`ordered_at`) - (
          UNIX_MICROS(FROM_UTC_TIMESTAMP(f.`ordered_at`, CAST(:p4 AS STRING))) - UNIX_MICROS(DATE_TRUNC('minute', FROM_UTC_TIMESTAMP(f.`ordered_at`, CAST(:p4 AS STRING))))
        )
      )
    ) AS s6,
    MAX(
      CAST(DATE_TRUNC('week', FROM_UTC_TIMESTAMP(f.`ordered_at`, CAST(:p4 AS STRING))) AS DATE)
    ) AS s7,
    MAX(
      TIMESTAMP_MICROS(
        UNIX_MICROS(f.`ordered_at`) - (
          UNIX_MICROS(FROM_UTC_TIMESTAMP(f.`ordered_at`, CAST(:p4 AS STRING))) - UNIX_MICROS(DATE_TRUNC('hour', FROM_UTC_TIMESTAMP(f.`ordered_at`, CAST(:p4 AS STRING))))
        )
      )
    ) AS s8,
    COUNT(*) AS s9
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
      WHEN COALESCE(scan_0.s9, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE COALESCE(scan_0.s0, 0)
    END AS t0,
    COALESCE(scan_0.s9, 0) AS r0,
    CASE
      WHEN COALESCE(scan_0.s9, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE COALESCE(scan_0.s1, 0)
    END AS t1,
    COALESCE(scan_0.s9, 0) AS r1,
    CASE
      WHEN COALESCE(scan_0.s9, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE COALESCE(scan_0.s2, 0)
    END AS t2,
    COALESCE(scan_0.s9, 0) AS r2,
    CASE
      WHEN COALESCE(scan_0.s9, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE COALESCE(scan_0.s3, 0)
    END AS t3,
    COALESCE(scan_0.s9, 0) AS r3,
    CASE
      WHEN COALESCE(scan_0.s9, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE COALESCE(scan_0.s4, 0)
    END AS t4,
    COALESCE(scan_0.s9, 0) AS r4,
    CASE
      WHEN COALESCE(scan_0.s9, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE COALESCE(scan_0.s5, 0)
    END AS t5,
    COALESCE(scan_0.s9, 0) AS r5,
    CASE
      WHEN COALESCE(scan_0.s9, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE COALESCE(scan_0.s6, 0)
    END AS t6,
    COALESCE(scan_0.s9, 0) AS r6,
    scan_0.s7 AS t7,
    COALESCE(scan_0.s9, 0) AS r7,
    scan_0.s8 AS t8,
    COALESCE(scan_0.s9, 0) AS r8
  FROM (
    SELECT
      z.z.`0` AS covered_0,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p5 AS ARRAY<BOOLEAN>))) AS (pos, z)
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
  period ASC NULLS LAST
LIMIT CAST(CAST(:p6 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p7 AS BIGINT) AS INT)
