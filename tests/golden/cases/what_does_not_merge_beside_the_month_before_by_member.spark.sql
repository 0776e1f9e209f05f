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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p21 AS ARRAY<BIGINT>), CAST(:p22 AS ARRAY<BIGINT>))) AS (pos, z)
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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p23 AS ARRAY<BIGINT>), CAST(:p24 AS ARRAY<BIGINT>))) AS (pos, z)
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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p25 AS ARRAY<BIGINT>))) AS (pos, z)
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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p25 AS ARRAY<BIGINT>))) AS (pos, z)
    ) AS z
  ) AS s
  JOIN cut_1 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), scan_0 AS (
  SELECT
    CASE
      WHEN UNIX_MICROS(f.`ordered_at`) < CAST(:p5 AS BIGINT)
      THEN 0
      WHEN (
        (
          (
            UNIX_MICROS(f.`ordered_at`) - CAST(:p5 AS BIGINT)
          ) DIV CAST(:p6 AS BIGINT)
        ) + 1
      ) > SIZE(CAST(:p7 AS ARRAY<BIGINT>))
      THEN CAST(:p8 AS BIGINT)
      ELSE GET(
        CAST(:p7 AS ARRAY<BIGINT>),
        CAST((
          (
            (
              UNIX_MICROS(f.`ordered_at`) - CAST(:p5 AS BIGINT)
            ) DIV CAST(:p6 AS BIGINT)
          ) + 1
        ) - 1 AS INT)
      )
    END + CASE
      WHEN UNIX_MICROS(f.`ordered_at`) < CAST(:p1 AS BIGINT)
      THEN 0
      ELSE CASE WHEN UNIX_MICROS(f.`ordered_at`) >= CAST(:p1 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN UNIX_MICROS(f.`ordered_at`) >= CAST(:p2 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN UNIX_MICROS(f.`ordered_at`) >= CAST(:p3 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN UNIX_MICROS(f.`ordered_at`) >= CAST(:p4 AS BIGINT) THEN 1 ELSE 0 END
    END AS segment,
    f.`cancelled` AS d0,
    COUNT(*) AS a0,
    COUNT(f.`distance`) AS a1,
    COUNT(f.`customer_id`) AS a2,
    PERCENTILE(CAST(f.`distance` AS DOUBLE), CAST(0.5 AS DOUBLE)) AS a3,
    COUNT(DISTINCT f.`customer_id`) AS a4
  FROM `facts`.`order` AS f
  WHERE
    f.`client_id` = CAST(:p9 AS STRING)
    AND f.`ordered_at` >= CAST(:p10 AS TIMESTAMP)
    AND f.`ordered_at` < CAST(:p11 AS TIMESTAMP)
  GROUP BY
    1,
    2
), scan_0_0 AS (
  SELECT
    e.period,
    s.d0,
    CAST(SUM(s.a0 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s0,
    CAST(SUM(s.a1 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s1,
    CAST(SUM(s.a2 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s2
  FROM scan_0 AS s
  JOIN pairs_0 AS e
    ON e.segment = s.segment
  GROUP BY
    1,
    2
), scan_0_1 AS (
  SELECT
    e.period,
    s.d0,
    CAST(SUM(s.a0 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s3
  FROM scan_0 AS s
  JOIN pairs_1 AS e
    ON e.segment = s.segment
  GROUP BY
    1,
    2
), scan_0_split AS (
  SELECT
    GET(
      CAST(:p12 AS ARRAY<BIGINT>),
      CAST((
        (
          (
            UNIX_MICROS(f.`ordered_at`) - CAST(:p13 AS BIGINT)
          ) DIV CAST(:p14 AS BIGINT)
        ) + 1
      ) - 1 AS INT)
    ) AS period,
    f.`cancelled` AS d0,
    PERCENTILE(CAST(f.`distance` AS DOUBLE), CAST(0.5 AS DOUBLE)) AS s4,
    COUNT(DISTINCT f.`customer_id`) AS s5
  FROM `facts`.`order` AS f
  WHERE
    f.`client_id` = CAST(:p9 AS STRING)
    AND f.`ordered_at` >= CAST(:p15 AS TIMESTAMP)
    AND f.`ordered_at` < CAST(:p16 AS TIMESTAMP)
  GROUP BY
    1,
    2
), scan_0_whole AS (
  SELECT
    e.period,
    s.d0,
    s.a3 AS s4,
    s.a4 AS s5
  FROM scan_0 AS s
  JOIN cut_0 AS e
    ON e.first_segment = s.segment AND e.last_segment = e.first_segment + 1
  UNION ALL
  SELECT
    e.period,
    s.d0,
    s.s4,
    s.s5
  FROM scan_0_split AS s
  JOIN cut_0 AS e
    ON e.period = s.period AND e.last_segment > e.first_segment + 1
), cells AS (
  SELECT
    period,
    d0,
    0 AS piece,
    s0 AS integer_0,
    s1 AS integer_1,
    s2 AS integer_2,
    CAST(NULL AS DOUBLE) AS float_0
  FROM scan_0_0
  UNION ALL
  SELECT
    period,
    d0,
    1 AS piece,
    s5 AS integer_0,
    CAST(NULL AS BIGINT) AS integer_1,
    CAST(NULL AS BIGINT) AS integer_2,
    s4 AS float_0
  FROM scan_0_whole
  UNION ALL
  SELECT
    period,
    d0,
    2 AS piece,
    s3 AS integer_0,
    CAST(NULL AS BIGINT) AS integer_1,
    CAST(NULL AS BIGINT) AS integer_2,
    CAST(NULL AS DOUBLE) AS float_0
  FROM scan_0_1
), merged AS (
  SELECT
    period,
    d0,
    MAX(integer_0) FILTER(WHERE
      piece = 0) AS s0,
    MAX(integer_1) FILTER(WHERE
      piece = 0) AS s1,
    MAX(integer_2) FILTER(WHERE
      piece = 0) AS s2,
    MAX(float_0) FILTER(WHERE
      piece = 1) AS s4,
    MAX(integer_0) FILTER(WHERE
      piece = 1) AS s5,
    MAX(integer_0) FILTER(WHERE
      piece = 2) AS s3
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
      WHEN COALESCE(merged.s3, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE merged.s3
    END AS t1,
    COALESCE(merged.s3, 0) AS r1,
    merged.s4 AS t2,
    COALESCE(merged.s0, 0) AS r2,
    COALESCE(merged.s1, 0) AS n2,
    CASE
      WHEN COALESCE(merged.s0, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE COALESCE(merged.s5, 0)
    END AS t3,
    COALESCE(merged.s0, 0) AS r3,
    COALESCE(merged.s2, 0) AS n3
  FROM (
    SELECT
      z.z.`0` AS covered_0,
      z.z.`1` AS covered_1,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p17 AS ARRAY<BOOLEAN>), CAST(:p18 AS ARRAY<BOOLEAN>))) AS (pos, z)
    ) AS z
  ) AS spine
  JOIN merged
    ON merged.period = spine.period
)
SELECT
  period,
  d0,
  t0 AS k0,
  t1 AS k1,
  t2 AS k2,
  t3 AS k3,
  t0 AS v0,
  r0,
  t1 AS v1,
  r1,
  t2 AS v2,
  r2,
  n2,
  t3 AS v3,
  r3,
  n3
FROM terms
WHERE
  (
    r0 > 0 OR r1 > 0 OR r2 > 0 OR r3 > 0
  )
ORDER BY
  period ASC NULLS LAST,
  d0 ASC NULLS LAST
LIMIT CAST(CAST(:p19 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p20 AS BIGINT) AS INT)
