WITH scan_0 AS (
  SELECT
    CAST(1 AS INT) AS period,
    COALESCE(c0.value, 0) AS d0,
    CASE
      WHEN f.`weight` >= CAST(:p4 AS BIGINT)
      THEN CAST(:p5 AS STRING)
      WHEN f.`weight` IS NULL
      THEN CAST(:p6 AS STRING)
      ELSE CAST(:p7 AS STRING)
    END AS d1,
    COUNT(*) AS s0
  FROM `facts`.`order` AS f
  LEFT JOIN (
    SELECT
      f.`order_id` AS k0,
      COUNT(*) AS value
    FROM `facts`.`order_line` AS f
    WHERE
      f.`client_id` = CAST(:p1 AS STRING)
    GROUP BY
      1
  ) AS c0
    ON c0.k0 = f.`order_id`
  WHERE
    f.`client_id` = CAST(:p1 AS STRING)
    AND f.`ordered_at` >= CAST(:p2 AS TIMESTAMP)
    AND f.`ordered_at` < CAST(:p3 AS TIMESTAMP)
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
      WHEN COALESCE(scan_0.s0, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s0, 0) AS r0
  FROM (
    SELECT
      z.z.`0` AS covered_0,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p8 AS ARRAY<BOOLEAN>))) AS (pos, z)
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
  r0
FROM terms
WHERE
  r0 > 0
ORDER BY
  period ASC NULLS LAST,
  d0 ASC NULLS LAST,
  d1 ASC NULLS LAST
LIMIT CAST(CAST(:p9 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p10 AS BIGINT) AS INT)
