WITH scan_0_fine AS (
  SELECT
    (
      (
        CAST(UNIX_DATE(f.`sold_on`) AS BIGINT) - CAST(:p1 AS BIGINT)
      ) DIV CAST(:p2 AS BIGINT)
    ) + 1 AS cell,
    SUM(f.`amount` * CAST(1 AS DECIMAL(1, 0))) AS s0,
    COUNT(*) AS s1,
    COUNT(f.`amount`) AS s2
  FROM `facts`.`sale` AS f
  WHERE
    f.`client_id` = CAST(:p3 AS STRING)
    AND f.`sold_on` >= CAST(:p4 AS DATE)
    AND f.`sold_on` < CAST(:p5 AS DATE)
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
), scan_1_fine AS (
  SELECT
    (
      (
        UNIX_MICROS(f.`ordered_at`) - CAST(:p7 AS BIGINT)
      ) DIV CAST(:p8 AS BIGINT)
    ) + 1 AS cell,
    COUNT(*) AS s3
  FROM `facts`.`order` AS f
  WHERE
    f.`client_id` = CAST(:p3 AS STRING)
    AND f.`ordered_at` >= CAST(:p9 AS TIMESTAMP)
    AND f.`ordered_at` < CAST(:p10 AS TIMESTAMP)
  GROUP BY
    1
), scan_1 AS (
  SELECT
    GET(CAST(:p11 AS ARRAY<BIGINT>), CAST(cell - 1 AS INT)) AS period,
    CAST(SUM(s3 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s3
  FROM scan_1_fine
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
    COALESCE(scan_0.s2, 0) AS n0,
    CASE
      WHEN COALESCE(scan_1.s3, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_1.s3
    END AS t1,
    COALESCE(scan_1.s3, 0) AS r1,
    spine.days_0
  FROM (
    SELECT
      z.z.`0` AS covered_0,
      z.z.`1` AS covered_1,
      z.z.`2` AS days_0,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(
          ARRAYS_ZIP(
            CAST(:p12 AS ARRAY<BOOLEAN>),
            CAST(:p13 AS ARRAY<BOOLEAN>),
            CAST(:p14 AS ARRAY<BIGINT>)
          )
        ) AS (pos, z)
    ) AS z
  ) AS spine
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
  LEFT JOIN scan_1
    ON scan_1.period = spine.period
)
SELECT
  period,
  CAST(t0 AS DOUBLE) / NULLIF(CAST(days_0 AS DOUBLE), 0) AS k0,
  CAST((
    CAST(t1 AS DECIMAL(19, 0)) * days_0
  ) AS DOUBLE) / NULLIF(CAST(days_0 AS DOUBLE), 0) AS k1,
  t0 AS v0,
  r0,
  n0,
  t1 AS v1,
  r1
FROM terms
ORDER BY
  period ASC NULLS LAST
LIMIT CAST(CAST(:p15 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p16 AS BIGINT) AS INT)
