WITH cut_0 AS (
  SELECT
    r.period,
    r.last_segment
  FROM (
    SELECT
      z.z.`0` AS last_segment,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p24 AS ARRAY<BIGINT>))) AS (pos, z)
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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p25 AS ARRAY<BIGINT>), CAST(:p26 AS ARRAY<BIGINT>))) AS (pos, z)
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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p27 AS ARRAY<BIGINT>))) AS (pos, z)
    ) AS z
  ) AS s
  JOIN cut_0 AS c
    ON s.segment < c.last_segment
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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p27 AS ARRAY<BIGINT>))) AS (pos, z)
    ) AS z
  ) AS s
  JOIN cut_1 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), scan_0 AS (
  SELECT
    CAST(1 AS INT) AS period,
    SUM(
      (
        CAST(f.`quantity` AS DECIMAL(19, 0)) * f.`unit_price`
      ) * CAST(1 AS DECIMAL(1, 0))
    ) AS s0,
    COUNT(*) AS s1,
    COUNT(CAST(f.`quantity` AS DECIMAL(19, 0)) * f.`unit_price`) AS s2
  FROM `facts`.`order_line` AS f
  WHERE
    f.`client_id` = CAST(:p1 AS STRING)
    AND f.`booked_at` >= CAST(:p2 AS TIMESTAMP)
    AND f.`booked_at` < CAST(:p3 AS TIMESTAMP)
  GROUP BY
    1
), scan_1 AS (
  SELECT
    CAST(1 AS INT) AS period,
    COUNT(*) AS s3,
    SUM(f.`weight` * CAST(1 AS DECIMAL(1, 0))) AS s4,
    SUM((
      f.`weight` * f.`distance`
    ) * CAST(1 AS DECIMAL(1, 0))) AS s5,
    COUNT(*) FILTER(WHERE
      f.`cancelled`) AS s6,
    COUNT(f.`weight`) AS s7,
    COUNT(f.`weight` * f.`distance`) AS s8
  FROM `facts`.`order` AS f
  WHERE
    f.`client_id` = CAST(:p1 AS STRING)
    AND f.`ordered_at` >= CAST(:p2 AS TIMESTAMP)
    AND f.`ordered_at` < CAST(:p3 AS TIMESTAMP)
  GROUP BY
    1
), scan_2 AS (
  SELECT
    CAST(1 AS INT) AS period,
    SUM(
      (
        CAST((
          UNIX_MICROS(f.`delivered_at`) - UNIX_MICROS(f.`ordered_at`)
        ) AS DOUBLE) / CAST(3600000000 AS DOUBLE)
      ) * CAST(1 AS DECIMAL(1, 0))
    ) AS s9,
    COUNT(
      CAST((
        UNIX_MICROS(f.`delivered_at`) - UNIX_MICROS(f.`ordered_at`)
      ) AS DOUBLE) / CAST(3600000000 AS DOUBLE)
    ) AS s10,
    COUNT(*) AS s11,
    COUNT(f.`delivered_at`) AS s12
  FROM `facts`.`order` AS f
  WHERE
    f.`client_id` = CAST(:p1 AS STRING)
    AND f.`delivered_at` >= CAST(:p2 AS TIMESTAMP)
    AND f.`delivered_at` < CAST(:p3 AS TIMESTAMP)
  GROUP BY
    1
), scan_3 AS (
  SELECT
    CASE
      WHEN UNIX_MICROS(f.`moved_at`) < CAST(:p8 AS BIGINT)
      THEN 0
      ELSE (
        (
          UNIX_MICROS(f.`moved_at`) - CAST(:p8 AS BIGINT)
        ) DIV CAST(:p9 AS BIGINT)
      ) + 1
    END * 5 + CASE
      WHEN UNIX_MICROS(f.`moved_at`) < CAST(:p4 AS BIGINT)
      THEN 0
      ELSE CASE WHEN UNIX_MICROS(f.`moved_at`) >= CAST(:p4 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN UNIX_MICROS(f.`moved_at`) >= CAST(:p5 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN UNIX_MICROS(f.`moved_at`) >= CAST(:p6 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN UNIX_MICROS(f.`moved_at`) >= CAST(:p7 AS BIGINT) THEN 1 ELSE 0 END
    END AS cell,
    SUM(f.`amount` * CAST(1 AS DECIMAL(1, 0))) AS a0,
    COUNT(*) AS a1,
    COUNT(*) AS a2,
    COUNT(f.`amount`) AS a3
  FROM `facts`.`movement` AS f
  WHERE
    f.`client_id` = CAST(:p1 AS STRING) AND f.`moved_at` < CAST(:p10 AS TIMESTAMP)
  GROUP BY
    1
), scan_3_0 AS (
  SELECT
    e.period,
    SUM(s.a0 * CAST(1 AS DECIMAL(1, 0))) AS s13,
    CAST(SUM(s.a1 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s14,
    CAST(SUM(s.a2 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s15,
    CAST(SUM(s.a3 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s16
  FROM scan_3 AS s
  JOIN pairs_0 AS e
    ON e.segment = CASE
      WHEN (
        s.cell DIV 5
      ) < 1
      THEN 0
      WHEN (
        s.cell DIV 5
      ) > SIZE(CAST(:p11 AS ARRAY<BIGINT>))
      THEN CAST(:p12 AS BIGINT)
      ELSE GET(CAST(:p11 AS ARRAY<BIGINT>), CAST((
        s.cell DIV 5
      ) - 1 AS INT))
    END + s.cell % 5
  GROUP BY
    1
), scan_3_1 AS (
  SELECT
    e.period,
    SUM(s.a0 * CAST(1 AS DECIMAL(1, 0))) AS s17,
    CAST(SUM(s.a1 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s18,
    CAST(SUM(s.a3 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s19
  FROM scan_3 AS s
  JOIN pairs_1 AS e
    ON e.segment = CASE
      WHEN (
        s.cell DIV 5
      ) < 1
      THEN 0
      WHEN (
        s.cell DIV 5
      ) > SIZE(CAST(:p11 AS ARRAY<BIGINT>))
      THEN CAST(:p12 AS BIGINT)
      ELSE GET(CAST(:p11 AS ARRAY<BIGINT>), CAST((
        s.cell DIV 5
      ) - 1 AS INT))
    END + s.cell % 5
  GROUP BY
    1
), scan_4 AS (
  SELECT
    CAST(1 AS INT) AS period,
    SUM(f.`amount` * CAST(1 AS DECIMAL(1, 0))) AS s20,
    COUNT(*) AS s21,
    COUNT(f.`amount`) AS s22
  FROM `facts`.`sale` AS f
  WHERE
    f.`client_id` = CAST(:p1 AS STRING)
    AND f.`sold_on` >= CAST(:p13 AS DATE)
    AND f.`sold_on` < CAST(:p14 AS DATE)
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
    COALESCE(scan_0.s1, 0) AS r0,
    COALESCE(scan_0.s2, 0) AS n0,
    CASE
      WHEN COALESCE(scan_1.s3, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_1.s3
    END AS t1,
    COALESCE(scan_1.s3, 0) AS r1,
    CASE
      WHEN COALESCE(scan_1.s3, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_1.s4
    END AS t2,
    COALESCE(scan_1.s3, 0) AS r2,
    COALESCE(scan_1.s7, 0) AS n2,
    CASE
      WHEN COALESCE(scan_1.s3, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_1.s5
    END AS t3,
    COALESCE(scan_1.s3, 0) AS r3,
    COALESCE(scan_1.s8, 0) AS n3,
    CAST(scan_2.s9 AS DOUBLE) / NULLIF(CAST(scan_2.s10 AS DOUBLE), 0) AS t4,
    COALESCE(scan_2.s11, 0) AS r4,
    COALESCE(scan_2.s12, 0) AS n4,
    CASE
      WHEN COALESCE(scan_1.s6, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_1.s6
    END AS t5,
    COALESCE(scan_1.s6, 0) AS r5,
    CASE
      WHEN COALESCE(scan_3_0.s14, 0) = 0
      THEN CASE WHEN spine.covered_2 THEN 0 END
      ELSE scan_3_0.s13
    END AS t6,
    COALESCE(scan_3_0.s14, 0) AS r6,
    COALESCE(scan_3_0.s15, 0) AS p6,
    COALESCE(scan_3_0.s16, 0) AS n6,
    CASE
      WHEN COALESCE(scan_3_1.s18, 0) = 0
      THEN CASE WHEN spine.covered_3 THEN 0 END
      ELSE scan_3_1.s17
    END AS t7,
    COALESCE(scan_3_1.s18, 0) AS r7,
    COALESCE(scan_3_1.s19, 0) AS n7,
    CASE
      WHEN COALESCE(scan_4.s21, 0) = 0
      THEN CASE WHEN spine.covered_4 THEN 0 END
      ELSE scan_4.s20
    END AS t8,
    COALESCE(scan_4.s21, 0) AS r8,
    COALESCE(scan_4.s22, 0) AS n8,
    spine.days_0
  FROM (
    SELECT
      z.z.`0` AS covered_0,
      z.z.`1` AS covered_1,
      z.z.`2` AS covered_2,
      z.z.`3` AS covered_3,
      z.z.`4` AS covered_4,
      z.z.`5` AS days_0,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(
          ARRAYS_ZIP(
            CAST(:p15 AS ARRAY<BOOLEAN>),
            CAST(:p16 AS ARRAY<BOOLEAN>),
            CAST(:p17 AS ARRAY<BOOLEAN>),
            CAST(:p18 AS ARRAY<BOOLEAN>),
            CAST(:p19 AS ARRAY<BOOLEAN>),
            CAST(:p20 AS ARRAY<BIGINT>)
          )
        ) AS (pos, z)
    ) AS z
  ) AS spine
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
  LEFT JOIN scan_1
    ON scan_1.period = spine.period
  LEFT JOIN scan_2
    ON scan_2.period = spine.period
  LEFT JOIN scan_3_0
    ON scan_3_0.period = spine.period
  LEFT JOIN scan_3_1
    ON scan_3_1.period = spine.period
  LEFT JOIN scan_4
    ON scan_4.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  CAST(t0 AS DOUBLE) / NULLIF(CAST(t1 AS DOUBLE), 0) AS k1,
  CAST(t2 AS DOUBLE) / NULLIF(CAST(t1 AS DOUBLE), 0) AS k2,
  t3 AS k3,
  CAST(t4 AS DOUBLE) / CAST(24 AS DOUBLE) AS k4,
  CAST(t5 AS DOUBLE) / NULLIF(CAST(t1 AS DOUBLE), 0) AS k5,
  (
    CAST(t6 AS DOUBLE) / NULLIF(CAST(t7 AS DOUBLE), 0)
  ) * days_0 AS k6,
  CAST(t8 AS DOUBLE) / NULLIF(CAST(CAST(:p21 AS BIGINT) AS DOUBLE), 0) AS k7,
  t0 AS v0,
  r0,
  n0,
  t1 AS v1,
  r1,
  t2 AS v2,
  r2,
  n2,
  t3 AS v3,
  r3,
  n3,
  t4 AS v4,
  r4,
  n4,
  t5 AS v5,
  r5,
  t6 AS v6,
  r6,
  n6,
  t7 AS v7,
  r7,
  n7,
  t8 AS v8,
  r8,
  n8
FROM terms
ORDER BY
  period ASC NULLS LAST
LIMIT CAST(CAST(:p22 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p23 AS BIGINT) AS INT)
