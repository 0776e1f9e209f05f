WITH scan_0 AS (
  SELECT
    CAST(1 AS INT) AS period,
    COUNT(DISTINCT f.`customer_id`) AS s0,
    COUNT(*) AS s1,
    COUNT(f.`customer_id`) AS s2
  FROM `facts`.`order` AS f
  WHERE
    f.`client_id` = CAST(:p1 AS STRING)
    AND f.`ordered_at` >= CAST(:p2 AS TIMESTAMP)
    AND f.`ordered_at` < CAST(:p3 AS TIMESTAMP)
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period,
    CASE
      WHEN COALESCE(scan_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE COALESCE(scan_0.s0, 0)
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
LIMIT CAST(CAST(:p5 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p6 AS BIGINT) AS INT)
