WITH scan_0_fine AS (
  SELECT
    (
      (
        UNIX_MICROS(f.`delivered_at`) - CAST(:p1 AS BIGINT)
      ) DIV CAST(:p2 AS BIGINT)
    ) + 1 AS cell,
    COUNT(*) AS s0,
    SUM(
      (
        CAST((
          UNIX_MICROS(f.`delivered_at`) - UNIX_MICROS(f.`ordered_at`)
        ) AS DOUBLE) / CAST(3600000000 AS DOUBLE)
      ) * CAST(1 AS DECIMAL(1, 0))
    ) AS s1,
    COUNT(
      CAST((
        UNIX_MICROS(f.`delivered_at`) - UNIX_MICROS(f.`ordered_at`)
      ) AS DOUBLE) / CAST(3600000000 AS DOUBLE)
    ) AS s2,
    COUNT(f.`delivered_at`) AS s4
  FROM `facts`.`order` AS f
  WHERE
    f.`client_id` = CAST(:p3 AS STRING)
    AND f.`delivered_at` >= CAST(:p4 AS TIMESTAMP)
    AND f.`delivered_at` < CAST(:p5 AS TIMESTAMP)
  GROUP BY
    1
), scan_0 AS (
  SELECT
    GET(CAST(:p6 AS ARRAY<BIGINT>), CAST(cell - 1 AS INT)) AS period,
    CAST(SUM(s0 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s0,
    SUM(s1 * CAST(1 AS DECIMAL(1, 0))) AS s1,
    CAST(SUM(s2 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s2,
    CAST(SUM(s4 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s4
  FROM scan_0_fine
  GROUP BY
    1
), scan_0_whole AS (
  SELECT
    GET(
      CAST(:p6 AS ARRAY<BIGINT>),
      CAST((
        (
          (
            UNIX_MICROS(f.`delivered_at`) - CAST(:p1 AS BIGINT)
          ) DIV CAST(:p2 AS BIGINT)
        ) + 1
      ) - 1 AS INT)
    ) AS period,
    PERCENTILE(
      CAST(CAST((
        UNIX_MICROS(f.`delivered_at`) - UNIX_MICROS(f.`ordered_at`)
      ) AS DOUBLE) / CAST(3600000000 AS DOUBLE) AS DOUBLE),
      CAST(0.9 AS DOUBLE)
    ) AS s3
  FROM `facts`.`order` AS f
  WHERE
    f.`client_id` = CAST(:p3 AS STRING)
    AND f.`delivered_at` >= CAST(:p4 AS TIMESTAMP)
    AND f.`delivered_at` < CAST(:p5 AS TIMESTAMP)
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
    CAST(scan_0.s1 AS DOUBLE) / NULLIF(CAST(scan_0.s2 AS DOUBLE), 0) AS t1,
    COALESCE(scan_0.s0, 0) AS r1,
    COALESCE(scan_0.s4, 0) AS n1,
    scan_0_whole.s3 AS t2,
    COALESCE(scan_0.s0, 0) AS r2,
    COALESCE(scan_0.s4, 0) AS n2
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
  LEFT JOIN scan_0_whole
    ON scan_0_whole.period = spine.period
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
  n1,
  t2 AS v2,
  r2,
  n2
FROM terms
ORDER BY
  period ASC NULLS LAST
LIMIT CAST(CAST(:p8 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p9 AS BIGINT) AS INT)
