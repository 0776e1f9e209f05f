WITH cut_0 AS (
  SELECT
    r.period,
    r.first_segment,
    r.last_segment
  FROM (
    SELECT
      z.z.`0` AS first_segment,
      z.z.`1` AS last_segment,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p10 AS ARRAY<BIGINT>), CAST(:p11 AS ARRAY<BIGINT>))) AS (pos, z)
    ) AS z
  ) AS r
), pairs_0 AS (
  SELECT
    c.period,
    s.segment
  FROM (
    SELECT
      z.z.`0` AS segment,
      z.pos + 1 AS position
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p12 AS ARRAY<BIGINT>))) AS (pos, z)
    ) AS z
  ) AS s
  JOIN cut_0 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), spans_0 AS (
  SELECT
    r.period,
    r.ends_at
  FROM (
    SELECT
      z.z.`0` AS ends_at,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p13 AS ARRAY<TIMESTAMP>))) AS (pos, z)
    ) AS z
  ) AS r
), scan_0 AS (
  SELECT
    e.period,
    COUNT(DISTINCT f.`product_id`) AS s0,
    COUNT(*) AS s1,
    COUNT(f.`product_id`) AS s2
  FROM `facts`.`order_line` AS f
  LEFT JOIN `facts`.`product` AS j1
    ON j1.`client_id` = f.`client_id` AND j1.`product_id` = f.`product_id`
  JOIN pairs_0 AS e
    ON e.segment = CASE
      WHEN UNIX_MICROS(f.`booked_at`) < CAST(:p3 AS BIGINT)
      THEN 0
      WHEN (
        (
          (
            UNIX_MICROS(f.`booked_at`) - CAST(:p3 AS BIGINT)
          ) DIV CAST(:p4 AS BIGINT)
        ) + 1
      ) > SIZE(CAST(:p5 AS ARRAY<BIGINT>))
      THEN CAST(:p6 AS BIGINT)
      ELSE GET(
        CAST(:p5 AS ARRAY<BIGINT>),
        CAST((
          (
            (
              UNIX_MICROS(f.`booked_at`) - CAST(:p3 AS BIGINT)
            ) DIV CAST(:p4 AS BIGINT)
          ) + 1
        ) - 1 AS INT)
      )
    END
  LEFT JOIN (
    SELECT
      f.`product_id` AS k0,
      e.period AS k1,
      SUM(f.`quantity` * CAST(1 AS DECIMAL(1, 0))) AS value,
      COUNT(*) AS children
    FROM (
      SELECT
        f.*,
        LEAD(f.`taken_at`) OVER (PARTITION BY f.`product_id`, f.`warehouse_id` ORDER BY f.`taken_at` NULLS LAST) AS ae_next
      FROM `facts`.`stock` AS f
      WHERE
        f.`client_id` = CAST(:p1 AS STRING)
    ) AS f
    CROSS JOIN spans_0 AS e
    JOIN spans_0 AS p
      ON p.period = e.period
    WHERE
      f.`client_id` = CAST(:p1 AS STRING)
      AND f.`taken_at` < p.ends_at
      AND (
        f.ae_next IS NULL OR f.ae_next >= p.ends_at
      )
      AND TIMESTAMP_MICROS(UNIX_MICROS(f.`taken_at`) + 604800000000) >= p.ends_at
    GROUP BY
      1,
      2
  ) AS c0
    ON c0.k0 = j1.`product_id` AND c0.k1 = e.period
  WHERE
    f.`client_id` = CAST(:p1 AS STRING)
    AND CAST(CASE WHEN c0.children IS NULL THEN 0 ELSE c0.value END AS BIGINT) > CAST(:p2 AS BIGINT)
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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p7 AS ARRAY<BOOLEAN>))) AS (pos, z)
    ) AS z
  ) AS spine
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
), repeated_product AS (
  SELECT
    k.times
  FROM (
    SELECT
      COUNT(*) AS times
    FROM `facts`.`product` AS f
    WHERE
      f.`client_id` = CAST(:p1 AS STRING)
    GROUP BY
      f.`product_id`
  ) AS k
  WHERE
    k.times > 1
)
SELECT
  period,
  t0 AS k0,
  t0 AS v0,
  r0,
  n0,
  (
    SELECT
      COUNT(*)
    FROM repeated_product
  ) AS repeated_product
FROM terms
ORDER BY
  period ASC NULLS LAST
LIMIT CAST(CAST(:p8 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p9 AS BIGINT) AS INT)
