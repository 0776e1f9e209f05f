WITH scan_0_fine AS (
  SELECT
    (
      (
        UNIX_MICROS(f.`ordered_at`) - CAST(:p1 AS BIGINT)
      ) DIV CAST(:p2 AS BIGINT)
    ) + 1 AS cell,
    COUNT(*) AS s0
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
    CAST(SUM(s0 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s0
  FROM scan_0_fine
  GROUP BY
    1
), scan_1_fine AS (
  SELECT
    (
      (
        CAST(UNIX_DATE(f.`promised_on`) AS BIGINT) - CAST(:p7 AS BIGINT)
      ) DIV CAST(:p8 AS BIGINT)
    ) + 1 AS cell,
    COUNT(*) AS s1
  FROM `facts`.`order` AS f
  WHERE
    f.`client_id` = CAST(:p3 AS STRING)
    AND f.`promised_on` >= CAST(:p9 AS DATE)
    AND f.`promised_on` < CAST(:p10 AS DATE)
  GROUP BY
    1
), scan_1 AS (
  SELECT
    GET(CAST(:p11 AS ARRAY<BIGINT>), CAST(cell - 1 AS INT)) AS period,
    CAST(SUM(s1 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s1
  FROM scan_1_fine
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
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_1.s1
    END AS t1,
    COALESCE(scan_1.s1, 0) AS r1
  FROM (
    SELECT
      z.z.`0` AS covered_0,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p12 AS ARRAY<BOOLEAN>))) AS (pos, z)
    ) AS z
  ) AS spine
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
  LEFT JOIN scan_1
    ON scan_1.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t1 AS k1,
  t0 AS v0,
  r0,
  t1 AS v1,
  r1
FROM terms
ORDER BY
  period ASC NULLS LAST
LIMIT CAST(CAST(:p13 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p14 AS BIGINT) AS INT)
