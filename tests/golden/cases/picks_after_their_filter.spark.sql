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
), scan_0_rows AS (
  SELECT
    e.period,
    f.`quantity` AS value,
    1 AS there,
    ROW_NUMBER() OVER (
      PARTITION BY e.period, f.`product_id`
      ORDER BY CASE WHEN NOT (
        f.`quantity`
      ) IS NULL THEN 1 ELSE 0 END DESC, f.`taken_at` DESC, f.`product_id` DESC, f.`warehouse_id` DESC, f.`taken_at` DESC
    ) AS place
  FROM `facts`.`stock` AS f
  JOIN pairs_0 AS e
    ON e.segment = CASE
      WHEN UNIX_MICROS(f.`taken_at`) < CAST(:p3 AS BIGINT)
      THEN 0
      WHEN (
        (
          (
            UNIX_MICROS(f.`taken_at`) - CAST(:p3 AS BIGINT)
          ) DIV CAST(:p4 AS BIGINT)
        ) + 1
      ) > SIZE(CAST(:p5 AS ARRAY<BIGINT>))
      THEN CAST(:p6 AS BIGINT)
      ELSE GET(
        CAST(:p5 AS ARRAY<BIGINT>),
        CAST((
          (
            (
              UNIX_MICROS(f.`taken_at`) - CAST(:p3 AS BIGINT)
            ) DIV CAST(:p4 AS BIGINT)
          ) + 1
        ) - 1 AS INT)
      )
    END
  WHERE
    f.`client_id` = CAST(:p1 AS STRING) AND f.`warehouse_id` = CAST(:p2 AS STRING)
), scan_0 AS (
  SELECT
    period,
    SUM(value * CAST(1 AS DECIMAL(1, 0))) FILTER(WHERE
      place = 1 AND there = 1) AS s0,
    COUNT(*) FILTER(WHERE
      there = 1) AS s1
  FROM scan_0_rows
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period,
    CASE
      WHEN COALESCE(scan_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s1, 0) AS r0
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
)
SELECT
  period,
  t0 AS k0,
  t0 AS v0,
  r0
FROM terms
ORDER BY
  period ASC NULLS LAST
LIMIT CAST(CAST(:p8 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p9 AS BIGINT) AS INT)
