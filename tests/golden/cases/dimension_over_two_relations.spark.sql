WITH scan_0 AS (
  SELECT
    CAST(1 AS INT) AS period,
    j2.`region_id` AS d0,
    COUNT(*) AS s0,
    COUNT(*) FILTER(WHERE
      f.`cancelled`) AS s1
  FROM `facts`.`order` AS f
  LEFT JOIN `facts`.`customer` AS j1
    ON j1.`client_id` = f.`client_id` AND j1.`customer_id` = f.`customer_id`
  LEFT JOIN `facts`.`region` AS j2
    ON j2.`client_id` = f.`client_id` AND j2.`region_id` = j1.`region_id`
  WHERE
    f.`client_id` = CAST(:p1 AS STRING)
    AND f.`ordered_at` >= CAST(:p2 AS TIMESTAMP)
    AND f.`ordered_at` < CAST(:p3 AS TIMESTAMP)
  GROUP BY
    1,
    2
), terms AS (
  SELECT
    spine.period,
    scan_0.d0,
    CASE
      WHEN COALESCE(scan_0.s0, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s0, 0) AS r0,
    CASE
      WHEN COALESCE(scan_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s1
    END AS t1,
    COALESCE(scan_0.s1, 0) AS r1
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
  t0 AS v0,
  r0,
  t1 AS v1,
  r1,
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
LIMIT CAST(CAST(:p5 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p6 AS BIGINT) AS INT)
