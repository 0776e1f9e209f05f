WITH scan_0 AS (
  SELECT
    CAST(1 AS INT) AS period,
    j2.`region_id` AS d0,
    COUNT(*) AS s0
  FROM `facts`.`order` AS f
  LEFT JOIN `facts`.`customer` AS j1
    ON j1.`client_id` = f.`client_id` AND j1.`customer_id` = f.`customer_id`
  LEFT JOIN `facts`.`region` AS j2
    ON j2.`client_id` = f.`client_id` AND j2.`region_id` = j1.`region_id`
  WHERE
    f.`client_id` = CAST(:p1 AS STRING)
    AND f.`ordered_at` >= CAST(:p2 AS TIMESTAMP)
    AND f.`ordered_at` < CAST(:p3 AS TIMESTAMP)
    AND NOT j2.`region_id` IS NULL
  GROUP BY
    1,
    2
), scan_1 AS (
  SELECT
    CAST(1 AS INT) AS period,
    j1.`region_id` AS d0,
    SUM(f.`hours` * CAST(1 AS DECIMAL(1, 0))) AS s1,
    COUNT(*) AS s2,
    COUNT(f.`hours`) AS s3
  FROM `facts`.`shift` AS f
  LEFT JOIN `facts`.`region` AS j1
    ON j1.`client_id` = f.`client_id` AND j1.`region_id` = f.`region_id`
  WHERE
    f.`client_id` = CAST(:p1 AS STRING)
    AND f.`worked_on` >= CAST(:p4 AS DATE)
    AND f.`worked_on` < CAST(:p5 AS DATE)
    AND NOT j1.`region_id` IS NULL
  GROUP BY
    1,
    2
), cells AS (
  SELECT
    period,
    d0,
    0 AS piece,
    s0 AS integer_0,
    CAST(NULL AS DECIMAL(1, 0)) AS decimal_0,
    CAST(NULL AS BIGINT) AS integer_1
  FROM scan_0
  UNION ALL
  SELECT
    period,
    d0,
    1 AS piece,
    s2 AS integer_0,
    s1 AS decimal_0,
    s3 AS integer_1
  FROM scan_1
), merged AS (
  SELECT
    period,
    d0,
    MAX(integer_0) FILTER(WHERE
      piece = 0) AS s0,
    MAX(decimal_0) FILTER(WHERE
      piece = 1) AS s1,
    MAX(integer_0) FILTER(WHERE
      piece = 1) AS s2,
    MAX(integer_1) FILTER(WHERE
      piece = 1) AS s3
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
      WHEN COALESCE(merged.s2, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE merged.s1
    END AS t1,
    COALESCE(merged.s2, 0) AS r1,
    COALESCE(merged.s3, 0) AS n1
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
), repeated_customer AS (
  SELECT
    k.times
  FROM (
    SELECT
      COUNT(*) AS times
    FROM `facts`.`customer` AS f
    WHERE
      f.`client_id` = CAST(:p1 AS STRING)
    GROUP BY
      f.`customer_id`
  ) AS k
  WHERE
    k.times > 1
), repeated_region AS (
  SELECT
    k.times
  FROM (
    SELECT
      COUNT(*) AS times
    FROM `facts`.`region` AS f
    WHERE
      f.`client_id` = CAST(:p1 AS STRING)
    GROUP BY
      f.`region_id`
  ) AS k
  WHERE
    k.times > 1
)
SELECT
  period,
  d0,
  t0 AS k0,
  t1 AS k1,
  CAST(t0 AS DOUBLE) / NULLIF(CAST(t1 AS DOUBLE), 0) AS k2,
  t0 AS v0,
  r0,
  t1 AS v1,
  r1,
  n1,
  (
    SELECT
      COUNT(*)
    FROM repeated_customer
  ) AS repeated_customer,
  (
    SELECT
      COUNT(*)
    FROM repeated_region
  ) AS repeated_region
FROM terms
WHERE
  (
    r0 > 0 OR r1 > 0
  )
ORDER BY
  period ASC NULLS LAST,
  d0 ASC NULLS LAST
LIMIT CAST(CAST(:p8 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p9 AS BIGINT) AS INT)
