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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p24 AS ARRAY<BIGINT>), CAST(:p25 AS ARRAY<BIGINT>))) AS (pos, z)
    ) AS z
  ) AS r
), cut_1 AS (
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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p26 AS ARRAY<BIGINT>), CAST(:p27 AS ARRAY<BIGINT>))) AS (pos, z)
    ) AS z
  ) AS r
), cut_2 AS (
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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p28 AS ARRAY<BIGINT>), CAST(:p29 AS ARRAY<BIGINT>))) AS (pos, z)
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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p30 AS ARRAY<BIGINT>))) AS (pos, z)
    ) AS z
  ) AS s
  JOIN cut_0 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), pairs_1 AS (
  SELECT
    c.period,
    s.segment
  FROM (
    SELECT
      z.z.`0` AS segment,
      z.pos + 1 AS position
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p30 AS ARRAY<BIGINT>))) AS (pos, z)
    ) AS z
  ) AS s
  JOIN cut_1 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), pairs_2 AS (
  SELECT
    c.period,
    s.segment
  FROM (
    SELECT
      z.z.`0` AS segment,
      z.pos + 1 AS position
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p30 AS ARRAY<BIGINT>))) AS (pos, z)
    ) AS z
  ) AS s
  JOIN cut_2 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), scan_0 AS (
  SELECT
    CASE
      WHEN UNIX_MICROS(f.`ordered_at`) < CAST(:p7 AS BIGINT)
      THEN 0
      WHEN (
        (
          (
            UNIX_MICROS(f.`ordered_at`) - CAST(:p7 AS BIGINT)
          ) DIV CAST(:p8 AS BIGINT)
        ) + 1
      ) > SIZE(CAST(:p9 AS ARRAY<BIGINT>))
      THEN CAST(:p10 AS BIGINT)
      ELSE GET(
        CAST(:p9 AS ARRAY<BIGINT>),
        CAST((
          (
            (
              UNIX_MICROS(f.`ordered_at`) - CAST(:p7 AS BIGINT)
            ) DIV CAST(:p8 AS BIGINT)
          ) + 1
        ) - 1 AS INT)
      )
    END + CASE
      WHEN UNIX_MICROS(f.`ordered_at`) < CAST(:p1 AS BIGINT)
      THEN 0
      ELSE CASE WHEN UNIX_MICROS(f.`ordered_at`) >= CAST(:p1 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN UNIX_MICROS(f.`ordered_at`) >= CAST(:p2 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN UNIX_MICROS(f.`ordered_at`) >= CAST(:p3 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN UNIX_MICROS(f.`ordered_at`) >= CAST(:p4 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN UNIX_MICROS(f.`ordered_at`) >= CAST(:p5 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN UNIX_MICROS(f.`ordered_at`) >= CAST(:p6 AS BIGINT) THEN 1 ELSE 0 END
    END AS segment,
    COUNT(*) AS a0,
    COUNT(f.`distance`) AS a1,
    COUNT(f.`customer_id`) AS a2,
    PERCENTILE(CAST(f.`distance` AS DOUBLE), CAST(0.5 AS DOUBLE)) AS a3,
    COUNT(DISTINCT f.`customer_id`) AS a4
  FROM `facts`.`order` AS f
  WHERE
    f.`client_id` = CAST(:p11 AS STRING)
    AND f.`ordered_at` >= CAST(:p12 AS TIMESTAMP)
    AND f.`ordered_at` < CAST(:p13 AS TIMESTAMP)
  GROUP BY
    1
), scan_0_0 AS (
  SELECT
    e.period,
    CAST(SUM(s.a0 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s0,
    CAST(SUM(s.a1 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s1,
    CAST(SUM(s.a2 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s2
  FROM scan_0 AS s
  JOIN pairs_0 AS e
    ON e.segment = s.segment
  GROUP BY
    1
), scan_0_1 AS (
  SELECT
    e.period,
    CAST(SUM(s.a0 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s3
  FROM scan_0 AS s
  JOIN pairs_1 AS e
    ON e.segment = s.segment
  GROUP BY
    1
), scan_0_2 AS (
  SELECT
    e.period,
    CAST(SUM(s.a0 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s4
  FROM scan_0 AS s
  JOIN pairs_2 AS e
    ON e.segment = s.segment
  GROUP BY
    1
), scan_0_split AS (
  SELECT
    GET(
      CAST(:p14 AS ARRAY<BIGINT>),
      CAST((
        (
          (
            UNIX_MICROS(f.`ordered_at`) - CAST(:p15 AS BIGINT)
          ) DIV CAST(:p16 AS BIGINT)
        ) + 1
      ) - 1 AS INT)
    ) AS period,
    PERCENTILE(CAST(f.`distance` AS DOUBLE), CAST(0.5 AS DOUBLE)) AS s5,
    COUNT(DISTINCT f.`customer_id`) AS s6
  FROM `facts`.`order` AS f
  WHERE
    f.`client_id` = CAST(:p11 AS STRING)
    AND f.`ordered_at` >= CAST(:p17 AS TIMESTAMP)
    AND f.`ordered_at` < CAST(:p18 AS TIMESTAMP)
  GROUP BY
    1
), scan_0_whole AS (
  SELECT
    e.period,
    s.a3 AS s5,
    s.a4 AS s6
  FROM scan_0 AS s
  JOIN cut_0 AS e
    ON e.first_segment = s.segment AND e.last_segment = e.first_segment + 1
  UNION ALL
  SELECT
    e.period,
    s.s5,
    s.s6
  FROM scan_0_split AS s
  JOIN cut_0 AS e
    ON e.period = s.period AND e.last_segment > e.first_segment + 1
), terms AS (
  SELECT
    spine.period,
    CASE
      WHEN COALESCE(scan_0_0.s0, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0_0.s0
    END AS t0,
    COALESCE(scan_0_0.s0, 0) AS r0,
    CASE
      WHEN COALESCE(scan_0_1.s3, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_0_1.s3
    END AS t1,
    COALESCE(scan_0_1.s3, 0) AS r1,
    CASE
      WHEN COALESCE(scan_0_2.s4, 0) = 0
      THEN CASE WHEN spine.covered_2 THEN 0 END
      ELSE scan_0_2.s4
    END AS t2,
    COALESCE(scan_0_2.s4, 0) AS r2,
    scan_0_whole.s5 AS t3,
    COALESCE(scan_0_0.s0, 0) AS r3,
    COALESCE(scan_0_0.s1, 0) AS n3,
    CASE
      WHEN COALESCE(scan_0_0.s0, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE COALESCE(scan_0_whole.s6, 0)
    END AS t4,
    COALESCE(scan_0_0.s0, 0) AS r4,
    COALESCE(scan_0_0.s2, 0) AS n4
  FROM (
    SELECT
      z.z.`0` AS covered_0,
      z.z.`1` AS covered_1,
      z.z.`2` AS covered_2,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(
          ARRAYS_ZIP(
            CAST(:p19 AS ARRAY<BOOLEAN>),
            CAST(:p20 AS ARRAY<BOOLEAN>),
            CAST(:p21 AS ARRAY<BOOLEAN>)
          )
        ) AS (pos, z)
    ) AS z
  ) AS spine
  LEFT JOIN scan_0_0
    ON scan_0_0.period = spine.period
  LEFT JOIN scan_0_whole
    ON scan_0_whole.period = spine.period
  LEFT JOIN scan_0_1
    ON scan_0_1.period = spine.period
  LEFT JOIN scan_0_2
    ON scan_0_2.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t1 AS k1,
  t2 AS k2,
  t3 AS k3,
  t4 AS k4,
  t0 AS v0,
  r0,
  t1 AS v1,
  r1,
  t2 AS v2,
  r2,
  t3 AS v3,
  r3,
  n3,
  t4 AS v4,
  r4,
  n4
FROM terms
ORDER BY
  period ASC NULLS LAST
LIMIT CAST(CAST(:p22 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p23 AS BIGINT) AS INT)
