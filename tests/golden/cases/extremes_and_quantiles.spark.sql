WITH scan_0 AS (
  SELECT
    CAST(1 AS INT) AS period,
    MIN(f.`weight`) AS s0,
    MAX(f.`weight`) AS s1,
    PERCENTILE(CAST(f.`weight` AS DOUBLE), CAST(0.5 AS DOUBLE)) AS s2,
    PERCENTILE(CAST(f.`weight` AS DOUBLE), CAST(0.25 AS DOUBLE)) AS s3,
    GET(
      ARRAY_SORT(COLLECT_LIST(f.`weight`)),
      CAST(GREATEST(CEIL(CAST(0.24999999999999975 AS DOUBLE) * COUNT(f.`weight`)), 1) AS INT) - 1
    ) AS s4,
    PERCENTILE(CAST(f.`weight` AS DOUBLE), CAST(0.9 AS DOUBLE)) AS s5,
    COUNT(*) AS s6,
    COUNT(f.`weight`) AS s7
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
    scan_0.s0 AS t0,
    COALESCE(scan_0.s6, 0) AS r0,
    COALESCE(scan_0.s7, 0) AS n0,
    scan_0.s1 AS t1,
    COALESCE(scan_0.s6, 0) AS r1,
    COALESCE(scan_0.s7, 0) AS n1,
    scan_0.s2 AS t2,
    COALESCE(scan_0.s6, 0) AS r2,
    COALESCE(scan_0.s7, 0) AS n2,
    scan_0.s3 AS t3,
    COALESCE(scan_0.s6, 0) AS r3,
    COALESCE(scan_0.s7, 0) AS n3,
    scan_0.s4 AS t4,
    COALESCE(scan_0.s6, 0) AS r4,
    COALESCE(scan_0.s7, 0) AS n4,
    scan_0.s5 AS t5,
    COALESCE(scan_0.s6, 0) AS r5,
    COALESCE(scan_0.s7, 0) AS n5
  FROM (
    SELECT
      z.z.`0` AS covered_0,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p4 AS ARRAY<BOOLEAN>))) AS (pos, z)
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
  n3,
  t4 AS v4,
  r4,
  n4,
  t5 AS v5,
  r5,
  n5
FROM terms
ORDER BY
  period ASC NULLS LAST
LIMIT CAST(CAST(:p5 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p6 AS BIGINT) AS INT)
