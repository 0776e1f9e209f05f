WITH scan_0 AS (
  SELECT
    CAST(1 AS INT) AS period,
    f.`weight` >= CAST(:p4 AS BIGINT) AS d0,
    COUNT(*) AS s0,
    COUNT(*) FILTER(WHERE
      (
        f.`weight` >= CAST(:p4 AS BIGINT)
      )
      AND (
        f.`distance` > CAST(:p5 AS BIGINT)
      )) AS s1
  FROM `facts`.`order` AS f
  WHERE
    f.`client_id` = CAST(:p1 AS STRING)
    AND f.`ordered_at` >= CAST(:p2 AS TIMESTAMP)
    AND f.`ordered_at` < CAST(:p3 AS TIMESTAMP)
  GROUP BY
    1,
    2
), scan_1 AS (
  SELECT
    CAST(1 AS INT) AS period,
    j1.`weight` >= CAST(:p4 AS BIGINT) AS d0,
    COUNT(*) AS s2
  FROM `facts`.`order_line` AS f
  LEFT JOIN `facts`.`order` AS j1
    ON j1.`client_id` = f.`client_id` AND j1.`order_id` = f.`order_id`
  WHERE
    f.`client_id` = CAST(:p1 AS STRING)
    AND f.`booked_at` >= CAST(:p2 AS TIMESTAMP)
    AND f.`booked_at` < CAST(:p3 AS TIMESTAMP)
    AND j1.`weight` >= CAST(:p4 AS BIGINT)
  GROUP BY
    1,
    2
), cells AS (
  SELECT
    period,
    d0,
    0 AS piece,
    s0 AS integer_0,
    s1 AS integer_1
  FROM scan_0
  UNION ALL
  SELECT
    period,
    d0,
    1 AS piece,
    s2 AS integer_0,
    CAST(NULL AS BIGINT) AS integer_1
  FROM scan_1
), merged AS (
  SELECT
    period,
    d0,
    MAX(integer_0) FILTER(WHERE
      piece = 0) AS s0,
    MAX(integer_1) FILTER(WHERE
      piece = 0) AS s1,
    MAX(integer_0) FILTER(WHERE
      piece = 1) AS s2
  FROM cells
  GROUP BY
    period,
    d0
), terms AS (
  SELECT
    spine.period,
    merged.d0,
    CASE
      WHEN COALESCE(merged.s0, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE merged.s0
    END AS t0,
    COALESCE(merged.s0, 0) AS r0,
    CASE
      WHEN COALESCE(merged.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE merged.s1
    END AS t1,
    COALESCE(merged.s1, 0) AS r1,
    CASE
      WHEN COALESCE(merged.s2, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE merged.s2
    END AS t2,
    COALESCE(merged.s2, 0) AS r2
  FROM (
    SELECT
      z.z.`0` AS covered_0,
      z.z.`1` AS covered_1,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p6 AS ARRAY<BOOLEAN>), CAST(:p7 AS ARRAY<BOOLEAN>))) AS (pos, z)
    ) AS z
  ) AS spine
  JOIN merged
    ON merged.period = spine.period
), repeated_order AS (
  SELECT
    k.times
  FROM (
    SELECT
      COUNT(*) AS times
    FROM `facts`.`order` AS f
    WHERE
      f.`client_id` = CAST(:p1 AS STRING)
    GROUP BY
      f.`order_id`
  ) AS k
  WHERE
    k.times > 1
)
SELECT
  period,
  d0,
  t0 AS k0,
  t1 AS k1,
  t2 AS k2,
  t0 AS v0,
  r0,
  t1 AS v1,
  r1,
  t2 AS v2,
  r2,
  (
    SELECT
      COUNT(*)
    FROM repeated_order
  ) AS repeated_order
FROM terms
WHERE
  (
    r0 > 0 OR r1 > 0 OR r2 > 0
  )
ORDER BY
  period ASC NULLS LAST,
  d0 ASC NULLS LAST
LIMIT CAST(CAST(:p8 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p9 AS BIGINT) AS INT)
