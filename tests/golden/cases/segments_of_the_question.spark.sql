WITH scan_0 AS (
  SELECT
    CAST(1 AS INT) AS period,
    COUNT(*) AS s0
  FROM `facts`.`order` AS f
  WHERE
    f.`client_id` = CAST(:p1 AS STRING)
    AND f.`ordered_at` >= CAST(:p3 AS TIMESTAMP)
    AND f.`ordered_at` < CAST(:p4 AS TIMESTAMP)
    AND f.`weight` >= CAST(:p2 AS BIGINT)
  GROUP BY
    1
), scan_1 AS (
  SELECT
    CAST(1 AS INT) AS period,
    COUNT(*) AS s1
  FROM `facts`.`order_line` AS f
  LEFT JOIN `facts`.`order` AS j1
    ON j1.`client_id` = f.`client_id` AND j1.`order_id` = f.`order_id`
  WHERE
    f.`client_id` = CAST(:p1 AS STRING)
    AND f.`booked_at` >= CAST(:p3 AS TIMESTAMP)
    AND f.`booked_at` < CAST(:p4 AS TIMESTAMP)
    AND j1.`weight` >= CAST(:p2 AS BIGINT)
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period,
    CASE
      WHEN COALESCE(scan_0.s0, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s0, 0) AS r0,
    CASE
      WHEN COALESCE(scan_1.s1, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_1.s1
    END AS t1,
    COALESCE(scan_1.s1, 0) AS r1
  FROM (
    SELECT
      z.z.`0` AS covered_0,
      z.z.`1` AS covered_1,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p5 AS ARRAY<BOOLEAN>), CAST(:p6 AS ARRAY<BOOLEAN>))) AS (pos, z)
    ) AS z
  ) AS spine
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
  LEFT JOIN scan_1
    ON scan_1.period = spine.period
), repeated_order AS (
  SELECT
    k.times
  FROM (
    SELECT
      COUNT(*) AS times
    FROM `facts`.`order` AS f
    WHERE
      f.`client_id` = CAST(:p1 AS STRING)
    GROUP BY
      f.`order_id`
  ) AS k
  WHERE
    k.times > 1
)
SELECT
  period,
  t0 AS k0,
  t1 AS k1,
  t0 AS v0,
  r0,
  t1 AS v1,
  r1,
  (
    SELECT
      COUNT(*)
    FROM repeated_order
  ) AS repeated_order
FROM terms
ORDER BY
  period ASC NULLS LAST
LIMIT CAST(CAST(:p7 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p8 AS BIGINT) AS INT)
