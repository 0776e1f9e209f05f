WITH scan_0_fine AS (
  SELECT
    (
      (
        UNIX_MICROS(f.`booked_at`) - CAST(:p1 AS BIGINT)
      ) DIV CAST(:p2 AS BIGINT)
    ) + 1 AS cell,
    SUM((
      f.`unit_price` * f.`quantity`
    ) * CAST(1 AS DECIMAL(1, 0))) AS s0,
    SUM(
      CASE WHEN NOT f.`unit_price` IS NULL THEN f.`quantity` END * CAST(1 AS DECIMAL(1, 0))
    ) AS s1,
    COUNT(*) AS s2,
    COUNT(CASE WHEN NOT f.`quantity` IS NULL THEN f.`unit_price` END) AS s3
  FROM `facts`.`order_line` AS f
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
    SUM(s1 * CAST(1 AS DECIMAL(1, 0))) AS s1,
    CAST(SUM(s2 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s2,
    CAST(SUM(s3 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s3
  FROM scan_0_fine
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period,
    CAST(scan_0.s0 AS DOUBLE) / NULLIF(CAST(scan_0.s1 AS DOUBLE), 0) AS t0,
    COALESCE(scan_0.s2, 0) AS r0,
    COALESCE(scan_0.s3, 0) AS n0
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
