WITH scan_0_fine AS (
  SELECT
    (
      (
        UNIX_MICROS(f.`booked_at`) - CAST(:p1 AS BIGINT)
      ) DIV CAST(:p2 AS BIGINT)
    ) + 1 AS cell,
    SUM(COALESCE(c0.value, 0) * CAST(1 AS DECIMAL(1, 0))) AS s0,
    COUNT(*) AS s1
  FROM `facts`.`order_line` AS f
  LEFT JOIN (
    SELECT
      f.`line_id` AS k0,
      COUNT(*) AS value
    FROM `facts`.`shipment` AS f
    LEFT JOIN `facts`.`order_line` AS j1
      ON j1.`client_id` = f.`client_id` AND j1.`line_id` = f.`line_id`
    LEFT JOIN `facts`.`order` AS j2
      ON j2.`client_id` = f.`client_id` AND j2.`order_id` = j1.`order_id`
    WHERE
      f.`client_id` = CAST(:p3 AS STRING) AND f.`shipped_at` <= j2.`delivered_at`
    GROUP BY
      1
  ) AS c0
    ON c0.k0 = f.`line_id`
  WHERE
    f.`client_id` = CAST(:p3 AS STRING)
    AND f.`booked_at` >= CAST(:p4 AS TIMESTAMP)
    AND f.`booked_at` < CAST(:p5 AS TIMESTAMP)
  GROUP BY
    1
), scan_0 AS (
  SELECT
    GET(CAST(:p6 AS ARRAY<BIGINT>), CAST(cell - 1 AS INT)) AS period,
    SUM(s0 * CAST(1 AS DECIMAL(1, 0))) AS s0,
    CAST(SUM(s1 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s1
  FROM scan_0_fine
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
    COALESCE(scan_0.s1, 0) AS r0
  FROM (
    SELECT
      z.z.`0` AS covered_0,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p7 AS ARRAY<BOOLEAN>))) AS (pos, z)
    ) AS z
  ) AS spine
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
), repeated_order_line AS (
  SELECT
    k.times
  FROM (
    SELECT
      COUNT(*) AS times
    FROM `facts`.`order_line` AS f
    WHERE
      f.`client_id` = CAST(:p3 AS STRING)
    GROUP BY
      f.`line_id`
  ) AS k
  WHERE
    k.times > 1
), repeated_order AS (
  SELECT
    k.times
  FROM (
    SELECT
      COUNT(*) AS times
    FROM `facts`.`order` AS f
    WHERE
      f.`client_id` = CAST(:p3 AS STRING)
    GROUP BY
      f.`order_id`
  ) AS k
  WHERE
    k.times > 1
)
SELECT
  period,
  t0 AS k0,
  t0 AS v0,
  r0,
  (
    SELECT
      COUNT(*)
    FROM repeated_order_line
  ) AS repeated_order_line,
  (
    SELECT
      COUNT(*)
    FROM repeated_order
  ) AS repeated_order
FROM terms
ORDER BY
  period ASC NULLS LAST
LIMIT CAST(CAST(:p8 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p9 AS BIGINT) AS INT)
