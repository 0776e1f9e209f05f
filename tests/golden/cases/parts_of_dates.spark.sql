WITH scan_0 AS (
  SELECT
    CAST(1 AS INT) AS period,
    CAST(WEEKOFYEAR(f.`sold_on`) AS BIGINT) AS d0,
    CAST((
      DAYOFWEEK(f.`sold_on`) + 5
    ) % 7 + 1 AS BIGINT) AS d1,
    SUM(f.`amount` * CAST(1 AS DECIMAL(1, 0))) AS s0,
    COUNT(*) AS s1,
    COUNT(f.`amount`) AS s2
  FROM `facts`.`sale` AS f
  WHERE
    f.`client_id` = CAST(:p1 AS STRING)
    AND f.`sold_on` >= CAST(:p2 AS DATE)
    AND f.`sold_on` < CAST(:p3 AS DATE)
  GROUP BY
    1,
    2,
    3
), terms AS (
  SELECT
    spine.period,
    scan_0.d0,
    scan_0.d1,
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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p4 AS ARRAY<BOOLEAN>))) AS (pos, z)
    ) AS z
  ) AS spine
  JOIN scan_0
    ON scan_0.period = spine.period
)
SELECT
  period,
  d0,
  d1,
  t0 AS k0,
  t0 AS v0,
  r0,
  n0
FROM terms
WHERE
  r0 > 0
ORDER BY
  period ASC NULLS LAST,
  d0 ASC NULLS LAST,
  d1 ASC NULLS LAST
LIMIT CAST(CAST(:p5 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p6 AS BIGINT) AS INT)
