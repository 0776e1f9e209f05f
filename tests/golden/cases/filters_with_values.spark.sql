WITH scan_0 AS (
  SELECT
    CAST(1 AS INT) AS period,
    COUNT(*) AS s0
  FROM `facts`.`order` AS f
  LEFT JOIN `facts`.`customer` AS j1
    ON j1.`client_id` = f.`client_id` AND j1.`customer_id` = f.`customer_id`
  WHERE
    f.`client_id` = CAST(:p1 AS STRING)
    AND f.`ordered_at` >= CAST(:p5 AS TIMESTAMP)
    AND f.`ordered_at` < CAST(:p6 AS TIMESTAMP)
    AND (
      j1.`segment` IN (CAST(:p2 AS STRING), CAST(:p3 AS STRING))
    )
    AND (
      j1.`name` <> CAST(:p4 AS STRING)
    )
  GROUP BY
    1
), scan_1 AS (
  SELECT
    CAST(1 AS INT) AS period,
    SUM(
      (
        (
          CAST(f.`quantity` AS DECIMAL(19, 0)) * f.`unit_price`
        ) - f.`discount`
      ) * CAST(1 AS DECIMAL(1, 0))
    ) AS s1,
    COUNT(*) AS s2,
    COUNT((
      CAST(f.`quantity` AS DECIMAL(19, 0)) * f.`unit_price`
    ) - f.`discount`) AS s3
  FROM `facts`.`order_line` AS f
  LEFT JOIN `facts`.`order` AS j1
    ON j1.`client_id` = f.`client_id` AND j1.`order_id` = f.`order_id`
  LEFT JOIN `facts`.`customer` AS j2
    ON j2.`client_id` = f.`client_id` AND j2.`customer_id` = j1.`customer_id`
  WHERE
    f.`client_id` = CAST(:p1 AS STRING)
    AND f.`booked_at` >= CAST(:p5 AS TIMESTAMP)
    AND f.`booked_at` < CAST(:p6 AS TIMESTAMP)
    AND (
      j2.`segment` IN (CAST(:p2 AS STRING), CAST(:p3 AS STRING))
    )
    AND (
      j2.`name` <> CAST(:p4 AS STRING)
    )
    AND j1.`cancelled` = FALSE
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
      WHEN COALESCE(scan_1.s2, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_1.s1
    END AS t1,
    COALESCE(scan_1.s2, 0) AS r1,
    COALESCE(scan_1.s3, 0) AS n1
  FROM (
    SELECT
      z.z.`0` AS covered_0,
      z.z.`1` AS covered_1,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p7 AS ARRAY<BOOLEAN>), CAST(:p8 AS ARRAY<BOOLEAN>))) AS (pos, z)
    ) AS z
  ) AS spine
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
  LEFT JOIN scan_1
    ON scan_1.period = spine.period
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
  t0 AS k0,
  t1 AS k1,
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
    FROM repeated_order
  ) AS repeated_order
FROM terms
ORDER BY
  period ASC NULLS LAST
LIMIT CAST(CAST(:p9 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p10 AS BIGINT) AS INT)
