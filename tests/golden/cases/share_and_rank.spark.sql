WITH scan_0_fine AS (
  SELECT
    (
      (
        CAST(UNIX_DATE(f.`sold_on`) AS BIGINT) - CAST(:p1 AS BIGINT)
      ) DIV CAST(:p2 AS BIGINT)
    ) + 1 AS cell,
    f.`store` AS d0,
    SUM(f.`amount` * CAST(1 AS DECIMAL(1, 0))) AS s0,
    COUNT(*) AS s1,
    COUNT(f.`amount`) AS s2
  FROM `facts`.`sale` AS f
  WHERE
    f.`client_id` = CAST(:p3 AS STRING)
    AND f.`sold_on` >= CAST(:p4 AS DATE)
    AND f.`sold_on` < CAST(:p5 AS DATE)
  GROUP BY
    1,
    2
), scan_0 AS (
  SELECT
    GET(CAST(:p6 AS ARRAY<BIGINT>), CAST(cell - 1 AS INT)) AS period,
    d0,
    SUM(s0 * CAST(1 AS DECIMAL(1, 0))) AS s0,
    CAST(SUM(s1 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s1,
    CAST(SUM(s2 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s2
  FROM scan_0_fine
  GROUP BY
    1,
    2
), scan_1_fine AS (
  SELECT
    (
      (
        CAST(UNIX_DATE(f.`sold_on`) AS BIGINT) - CAST(:p1 AS BIGINT)
      ) DIV CAST(:p2 AS BIGINT)
    ) + 1 AS cell,
    SUM(f.`amount` * CAST(1 AS DECIMAL(1, 0))) AS s3,
    COUNT(*) AS s4,
    COUNT(f.`amount`) AS s5
  FROM `facts`.`sale` AS f
  WHERE
    f.`client_id` = CAST(:p3 AS STRING)
    AND f.`sold_on` >= CAST(:p4 AS DATE)
    AND f.`sold_on` < CAST(:p5 AS DATE)
  GROUP BY
    1
), scan_1 AS (
  SELECT
    GET(CAST(:p6 AS ARRAY<BIGINT>), CAST(cell - 1 AS INT)) AS period,
    SUM(s3 * CAST(1 AS DECIMAL(1, 0))) AS s3,
    CAST(SUM(s4 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s4,
    CAST(SUM(s5 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s5
  FROM scan_1_fine
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period,
    scan_0.d0,
    CASE
      WHEN COALESCE(scan_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s1, 0) AS r0,
    COALESCE(scan_0.s2, 0) AS n0,
    CASE
      WHEN COALESCE(scan_1.s4, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_1.s3
    END AS t1,
    COALESCE(scan_1.s4, 0) AS r1,
    COALESCE(scan_1.s5, 0) AS n1
  FROM (
    SELECT
      z.z.`0` AS covered_0,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p7 AS ARRAY<BOOLEAN>))) AS (pos, z)
    ) AS z
  ) AS spine
  JOIN scan_0
    ON scan_0.period = spine.period
  LEFT JOIN scan_1
    ON scan_1.period = spine.period
)
SELECT
  period,
  d0,
  t0 AS k0,
  CAST(t0 AS DOUBLE) / NULLIF(CAST(t1 AS DOUBLE), 0) AS k1,
  CASE
    WHEN (
      r0 > 0
    ) AND NOT (
      t0
    ) IS NULL
    THEN RANK() OVER (
      PARTITION BY period, CASE WHEN (
        r0 > 0
      ) AND NOT (
        t0
      ) IS NULL THEN 1 ELSE 0 END
      ORDER BY t0 DESC
    )
  END AS k2,
  t0 AS v0,
  r0,
  n0,
  t1 AS v1,
  r1,
  n1
FROM terms
WHERE
  r0 > 0
ORDER BY
  period ASC NULLS LAST,
  d0 ASC NULLS LAST
LIMIT CAST(CAST(:p8 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p9 AS BIGINT) AS INT)
