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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p9 AS ARRAY<BIGINT>), CAST(:p10 AS ARRAY<BIGINT>))) AS (pos, z)
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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p11 AS ARRAY<BIGINT>))) AS (pos, z)
    ) AS z
  ) AS s
  JOIN cut_0 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), scan_0_rows AS (
  SELECT
    e.period,
    f.`weight` AS value,
    1 AS there,
    ROW_NUMBER() OVER (
      PARTITION BY e.period
      ORDER BY CASE WHEN NOT (
        f.`weight`
      ) IS NULL THEN 1 ELSE 0 END DESC, f.`delivered_at` ASC NULLS LAST, f.`order_id` ASC NULLS LAST
    ) AS place
  FROM `facts`.`order` AS f
  JOIN pairs_0 AS e
    ON e.segment = CASE
      WHEN UNIX_MICROS(f.`delivered_at`) < CAST(:p2 AS BIGINT)
      THEN 0
      WHEN (
        (
          (
            UNIX_MICROS(f.`delivered_at`) - CAST(:p2 AS BIGINT)
          ) DIV CAST(:p3 AS BIGINT)
        ) + 1
      ) > SIZE(CAST(:p4 AS ARRAY<BIGINT>))
      THEN CAST(:p5 AS BIGINT)
      ELSE GET(
        CAST(:p4 AS ARRAY<BIGINT>),
        CAST((
          (
            (
              UNIX_MICROS(f.`delivered_at`) - CAST(:p2 AS BIGINT)
            ) DIV CAST(:p3 AS BIGINT)
          ) + 1
        ) - 1 AS INT)
      )
    END
  WHERE
    f.`client_id` = CAST(:p1 AS STRING)
), scan_0 AS (
  SELECT
    period,
    MAX(value) FILTER(WHERE
      place = 1 AND there = 1) AS s0,
    COUNT(*) FILTER(WHERE
      there = 1) AS s1
  FROM scan_0_rows
  GROUP BY
    1
), scan_1_rows AS (
  SELECT
    e.period,
    f.`weight` AS value,
    1 AS there,
    ROW_NUMBER() OVER (
      PARTITION BY e.period
      ORDER BY CASE WHEN NOT (
        f.`weight`
      ) IS NULL THEN 1 ELSE 0 END DESC, f.`delivered_at` DESC, f.`order_id` DESC
    ) AS place
  FROM `facts`.`order` AS f
  JOIN pairs_0 AS e
    ON e.segment = CASE
      WHEN UNIX_MICROS(f.`delivered_at`) < CAST(:p2 AS BIGINT)
      THEN 0
      WHEN (
        (
          (
            UNIX_MICROS(f.`delivered_at`) - CAST(:p2 AS BIGINT)
          ) DIV CAST(:p3 AS BIGINT)
        ) + 1
      ) > SIZE(CAST(:p4 AS ARRAY<BIGINT>))
      THEN CAST(:p5 AS BIGINT)
      ELSE GET(
        CAST(:p4 AS ARRAY<BIGINT>),
        CAST((
          (
            (
              UNIX_MICROS(f.`delivered_at`) - CAST(:p2 AS BIGINT)
            ) DIV CAST(:p3 AS BIGINT)
          ) + 1
        ) - 1 AS INT)
      )
    END
  WHERE
    f.`client_id` = CAST(:p1 AS STRING)
), scan_1 AS (
  SELECT
    period,
    MAX(value) FILTER(WHERE
      place = 1 AND there = 1) AS s2,
    COUNT(*) FILTER(WHERE
      there = 1) AS s3
  FROM scan_1_rows
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period,
    scan_0.s0 AS t0,
    COALESCE(scan_0.s1, 0) AS r0,
    scan_1.s2 AS t1,
    COALESCE(scan_1.s3, 0) AS r1
  FROM (
    SELECT
      z.z.`0` AS covered_0,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p6 AS ARRAY<BOOLEAN>))) AS (pos, z)
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
LIMIT CAST(CAST(:p7 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p8 AS BIGINT) AS INT)
