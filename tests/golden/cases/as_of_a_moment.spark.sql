WITH scan_0_fine AS (
  SELECT
    (
      (
        UNIX_MICROS(f.`booked_at`) - CAST(:p1 AS BIGINT)
      ) DIV CAST(:p2 AS BIGINT)
    ) + 1 AS cell,
    SUM(
      (
        CAST(f.`quantity` AS DECIMAL(19, 0)) * j1.`amount`
      ) * CAST(1 AS DECIMAL(1, 0))
    ) AS s0,
    COUNT(*) AS s1,
    COUNT(CAST(f.`quantity` AS DECIMAL(19, 0)) * j1.`amount`) AS s2
  FROM `facts`.`order_line` AS f
  LEFT JOIN (
    SELECT
      f.*,
      LEAD(f.`from_at`) OVER (PARTITION BY f.`product_id` ORDER BY f.`from_at` NULLS LAST) AS ae_next
    FROM `facts`.`price` AS f
    WHERE
      f.`client_id` = CAST(:p3 AS STRING)
  ) AS j1
    ON j1.`client_id` = f.`client_id`
    AND j1.`product_id` = f.`product_id`
    AND j1.`from_at` <= f.`booked_at`
    AND (
      j1.`to_at` IS NULL OR f.`booked_at` < j1.`to_at`
    )
    AND (
      j1.ae_next IS NULL OR f.`booked_at` < j1.ae_next
    )
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
    CAST(SUM(s1 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s1,
    CAST(SUM(s2 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s2
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
    COALESCE(scan_0.s1, 0) AS r0,
    COALESCE(scan_0.s2, 0) AS n0
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
)
SELECT
  period,
  t0 AS k0,
  t0 AS v0,
  r0,
  n0
FROM terms
ORDER BY
  period ASC NULLS LAST
LIMIT CAST(CAST(:p8 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p9 AS BIGINT) AS INT)
