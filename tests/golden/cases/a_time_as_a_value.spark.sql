WITH scan_0_fine AS (
  SELECT
    (
      (
        UNIX_MICROS(f.`ordered_at`) - CAST(:p1 AS BIGINT)
      ) DIV CAST(:p2 AS BIGINT)
    ) + 1 AS cell,
    MAX(f.`ordered_at`) AS s0,
    MIN(f.`promised_on`) AS s1,
    COUNT(*) AS s2,
    COUNT(f.`promised_on`) AS s3
  FROM `facts`.`order` AS f
  WHERE
    f.`client_id` = CAST(:p3 AS STRING)
    AND f.`ordered_at` >= CAST(:p4 AS TIMESTAMP)
    AND f.`ordered_at` < CAST(:p5 AS TIMESTAMP)
  GROUP BY
    1
), scan_0 AS (
  SELECT
    GET(CAST(:p6 AS ARRAY<BIGINT>), CAST(cell - 1 AS INT)) AS period,
    MAX(s0) AS s0,
    MIN(s1) AS s1,
    CAST(SUM(s2 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s2,
    CAST(SUM(s3 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s3
  FROM scan_0_fine
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period,
    scan_0.s0 AS t0,
    COALESCE(scan_0.s2, 0) AS r0,
    scan_0.s1 AS t1,
    COALESCE(scan_0.s2, 0) AS r1,
    COALESCE(scan_0.s3, 0) AS n1
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
  t1 AS k1,
  t0 AS v0,
  r0,
  t1 AS v1,
  r1,
  n1
FROM terms
ORDER BY
  period ASC NULLS LAST
LIMIT CAST(CAST(:p8 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p9 AS BIGINT) AS INT)
