WITH scan_0 AS (
  SELECT
    CAST(1 AS INT) AS period,
    SUM(
      CAST(CASE WHEN c0.children IS NULL THEN 0 ELSE c0.value END AS BIGINT) * CAST(1 AS DECIMAL(1, 0))
    ) AS s0,
    MIN(CAST(CASE WHEN c0.children IS NULL THEN 0 ELSE c0.value END AS BIGINT)) AS s1,
    SUM(COALESCE(c1.value, 0) * CAST(1 AS DECIMAL(1, 0))) AS s2,
    COUNT(*) AS s3
  FROM `facts`.`order` AS f
  LEFT JOIN (
    SELECT
      f.`order_id` AS k0,
      SUM(f.`quantity` * CAST(1 AS DECIMAL(1, 0))) AS value,
      COUNT(*) AS children
    FROM `facts`.`order_line` AS f
    WHERE
      f.`client_id` = CAST(:p1 AS STRING) AND f.`discount` > CAST(:p4 AS BIGINT)
    GROUP BY
      1
  ) AS c0
    ON c0.k0 = f.`order_id`
  LEFT JOIN (
    SELECT
      f.`order_id` AS k0,
      COUNT(*) AS value
    FROM `facts`.`order_line` AS f
    WHERE
      f.`client_id` = CAST(:p1 AS STRING) AND f.`discount` > CAST(:p4 AS BIGINT)
    GROUP BY
      1
  ) AS c1
    ON c1.k0 = f.`order_id`
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
      WHEN COALESCE(scan_0.s3, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s3, 0) AS r0,
    scan_0.s1 AS t1,
    COALESCE(scan_0.s3, 0) AS r1,
    CASE
      WHEN COALESCE(scan_0.s3, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s2
    END AS t2,
    COALESCE(scan_0.s3, 0) AS r2
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
  t0 AS v0,
  r0,
  t1 AS v1,
  r1,
  t2 AS v2,
  r2
FROM terms
ORDER BY
  period ASC NULLS LAST
LIMIT CAST(CAST(:p6 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p7 AS BIGINT) AS INT)
