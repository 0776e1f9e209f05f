WITH scan_0 AS (
  SELECT
    CAST(1 AS INT) AS period,
    f.`campaign` AS d0,
    COUNT(*) FILTER(WHERE
      COALESCE(c0.value, 0) = 1) AS s0,
    COUNT(*) AS s1
  FROM `facts`.`visit` AS f
  LEFT JOIN `facts`.`customer` AS j1
    ON j1.`client_id` = f.`client_id` AND j1.`customer_id` = f.`customer_id`
  LEFT JOIN (
    SELECT
      q.`visit_id` AS k0,
      MAX(1) AS value
    FROM `facts`.`purchase` AS f
    JOIN `facts`.`visit` AS q
      ON q.`client_id` = f.`client_id`
      AND q.`customer_id` = f.`customer_id`
      AND f.`purchased_at` >= q.`visited_at`
      AND f.`purchased_at` < TIMESTAMP_MICROS(UNIX_MICROS(q.`visited_at`) + 604800000000)
    WHERE
      f.`client_id` = CAST(:p1 AS STRING)
    GROUP BY
      1
  ) AS c0
    ON c0.k0 = f.`visit_id`
  WHERE
    f.`client_id` = CAST(:p1 AS STRING)
    AND f.`visited_at` >= CAST(:p2 AS TIMESTAMP)
    AND f.`visited_at` < CAST(:p3 AS TIMESTAMP)
    AND NOT j1.`segment` IS NULL
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
)
SELECT
  period,
  d0,
  CAST(t0 AS DOUBLE) / NULLIF(CAST(t1 AS DOUBLE), 0) AS k0,
  t0 AS v0,
  r0,
  t1 AS v1,
  r1,
  (
    SELECT
      COUNT(*)
    FROM repeated_customer
  ) AS repeated_customer
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
