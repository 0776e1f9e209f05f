WITH scan_0 AS (
  SELECT
    CAST(1 AS INT) AS period,
    SUM(
      (
        CAST((
          UNIX_MICROS(f.`delivered_at`) - UNIX_MICROS(f.`ordered_at`)
        ) AS DOUBLE) / CAST(60000000 AS DOUBLE)
      ) * CAST(1 AS DECIMAL(1, 0))
    ) AS s0,
    SUM(
      (
        CAST((
          UNIX_MICROS(f.`delivered_at`) - UNIX_MICROS(f.`ordered_at`)
        ) AS DOUBLE) / CAST(3600000000 AS DOUBLE)
      ) * CAST(1 AS DECIMAL(1, 0))
    ) AS s1,
    SUM(
      (
        CAST((
          UNIX_MICROS(f.`delivered_at`) - UNIX_MICROS(f.`ordered_at`)
        ) AS DOUBLE) / CAST(86400000000 AS DOUBLE)
      ) * CAST(1 AS DECIMAL(1, 0))
    ) AS s2,
    SUM(
      (
        CAST((
          UNIX_MICROS(f.`ordered_at`) - UNIX_MICROS(f.`delivered_at`)
        ) AS DOUBLE) / CAST(3600000000 AS DOUBLE)
      ) * CAST(1 AS DECIMAL(1, 0))
    ) AS s3,
    COUNT(*) AS s4,
    COUNT(f.`delivered_at`) AS s5
  FROM `facts`.`order` AS f
  WHERE
    f.`client_id` = CAST(:p1 AS STRING)
    AND f.`ordered_at` >= CAST(:p3 AS TIMESTAMP)
    AND f.`ordered_at` < CAST(:p4 AS TIMESTAMP)
    AND f.`order_id` <> CAST(:p2 AS STRING)
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period,
    CASE
      WHEN COALESCE(scan_0.s4, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s4, 0) AS r0,
    COALESCE(scan_0.s5, 0) AS n0,
    CASE
      WHEN COALESCE(scan_0.s4, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s1
    END AS t1,
    COALESCE(scan_0.s4, 0) AS r1,
    COALESCE(scan_0.s5, 0) AS n1,
    CASE
      WHEN COALESCE(scan_0.s4, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s2
    END AS t2,
    COALESCE(scan_0.s4, 0) AS r2,
    COALESCE(scan_0.s5, 0) AS n2,
    CASE
      WHEN COALESCE(scan_0.s4, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s3
    END AS t3,
    COALESCE(scan_0.s4, 0) AS r3,
    COALESCE(scan_0.s5, 0) AS n3
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
  CAST(t0 AS DOUBLE) / CAST(60 AS DOUBLE) AS k3,
  CAST(t3 * 60 AS DOUBLE) / CAST(1 AS DOUBLE) AS k4,
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
  period ASC NULLS LAST
LIMIT CAST(CAST(:p6 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p7 AS BIGINT) AS INT)
