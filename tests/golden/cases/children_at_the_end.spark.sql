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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p11 AS ARRAY<BIGINT>), CAST(:p12 AS ARRAY<BIGINT>))) AS (pos, z)
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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p13 AS ARRAY<BIGINT>))) AS (pos, z)
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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p14 AS ARRAY<TIMESTAMP>))) AS (pos, z)
    ) AS z
  ) AS r
), scan_0 AS (
  SELECT
    e.period,
    COUNT(*) AS s0
  FROM `facts`.`order_line` AS f
  JOIN pairs_0 AS e
    ON e.segment = CASE
      WHEN UNIX_MICROS(f.`booked_at`) < CAST(:p2 AS BIGINT)
      THEN 0
      WHEN (
        (
          (
            UNIX_MICROS(f.`booked_at`) - CAST(:p2 AS BIGINT)
          ) DIV CAST(:p3 AS BIGINT)
        ) + 1
      ) > SIZE(CAST(:p4 AS ARRAY<BIGINT>))
      THEN CAST(:p5 AS BIGINT)
      ELSE GET(
        CAST(:p4 AS ARRAY<BIGINT>),
        CAST((
          (
            (
              UNIX_MICROS(f.`booked_at`) - CAST(:p2 AS BIGINT)
            ) DIV CAST(:p3 AS BIGINT)
          ) + 1
        ) - 1 AS INT)
      )
    END
  LEFT JOIN (
    SELECT
      f.`line_id` AS k0,
      e.period AS k1,
      SUM(f.`quantity` * CAST(1 AS DECIMAL(1, 0))) AS value,
      COUNT(*) AS children
    FROM `facts`.`shipment` AS f
    CROSS JOIN spans_0 AS e
    JOIN spans_0 AS p
      ON p.period = e.period
    WHERE
      f.`client_id` = CAST(:p1 AS STRING) AND f.`shipped_at` < p.ends_at
    GROUP BY
      1,
      2
  ) AS c0
    ON c0.k0 = f.`line_id` AND c0.k1 = e.period
  WHERE
    f.`client_id` = CAST(:p1 AS STRING)
    AND CAST(CASE WHEN c0.children IS NULL THEN 0 ELSE c0.value END AS BIGINT) >= f.`quantity`
  GROUP BY
    1
), scan_1_fine AS (
  SELECT
    (
      (
        UNIX_MICROS(f.`booked_at`) - CAST(:p2 AS BIGINT)
      ) DIV CAST(:p3 AS BIGINT)
    ) + 1 AS cell,
    COUNT(*) AS s1
  FROM `facts`.`order_line` AS f
  LEFT JOIN (
    SELECT
      f.`line_id` AS k0,
      SUM(f.`quantity` * CAST(1 AS DECIMAL(1, 0))) AS value,
      COUNT(*) AS children
    FROM `facts`.`shipment` AS f
    WHERE
      f.`client_id` = CAST(:p1 AS STRING)
    GROUP BY
      1
  ) AS c0
    ON c0.k0 = f.`line_id`
  WHERE
    f.`client_id` = CAST(:p1 AS STRING)
    AND f.`booked_at` >= CAST(:p6 AS TIMESTAMP)
    AND f.`booked_at` < CAST(:p7 AS TIMESTAMP)
    AND CAST(CASE WHEN c0.children IS NULL THEN 0 ELSE c0.value END AS BIGINT) >= f.`quantity`
  GROUP BY
    1
), scan_1 AS (
  SELECT
    GET(CAST(:p4 AS ARRAY<BIGINT>), CAST(cell - 1 AS INT)) AS period,
    CAST(SUM(s1 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s1
  FROM scan_1_fine
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
      WHEN COALESCE(scan_1.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_1.s1
    END AS t1,
    COALESCE(scan_1.s1, 0) AS r1
  FROM (
    SELECT
      z.z.`0` AS covered_0,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p8 AS ARRAY<BOOLEAN>))) AS (pos, z)
    ) AS z
  ) AS spine
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
  LEFT JOIN scan_1
    ON scan_1.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t1 AS k1,
  t0 AS v0,
  r0,
  t1 AS v1,
  r1
FROM terms
ORDER BY
  period ASC NULLS LAST
LIMIT CAST(CAST(:p9 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p10 AS BIGINT) AS INT)
