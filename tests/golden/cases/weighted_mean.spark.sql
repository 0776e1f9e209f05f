WITH scan_0_fine AS (
  SELECT
    CASE
      WHEN UNIX_MICROS(f.`booked_at`) < CAST(:p3 AS BIGINT)
      THEN 0
      ELSE (
        (
          UNIX_MICROS(f.`booked_at`) - CAST(:p3 AS BIGINT)
        ) DIV CAST(:p4 AS BIGINT)
      ) + 1
    END * 3 + (
      CASE WHEN UNIX_MICROS(f.`booked_at`) >= CAST(:p1 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN UNIX_MICROS(f.`booked_at`) >= CAST(:p2 AS BIGINT) THEN 1 ELSE 0 END
    ) AS cell,
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
    f.`client_id` = CAST(:p5 AS STRING)
    AND f.`booked_at` >= CAST(:p6 AS TIMESTAMP)
    AND f.`booked_at` < CAST(:p7 AS TIMESTAMP)
  GROUP BY
    1
), scan_0 AS (
  SELECT
    CASE
      WHEN (
        cell DIV 3
      ) < 1
      THEN 0
      WHEN (
        cell DIV 3
      ) > SIZE(CAST(:p8 AS ARRAY<BIGINT>))
      THEN CAST(:p9 AS BIGINT)
      ELSE GET(CAST(:p8 AS ARRAY<BIGINT>), CAST((
        cell DIV 3
      ) - 1 AS INT))
    END + cell % 3 AS period,
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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p10 AS ARRAY<BOOLEAN>))) AS (pos, z)
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
LIMIT CAST(:p11 AS BIGINT)
OFFSET CAST(:p12 AS BIGINT)
