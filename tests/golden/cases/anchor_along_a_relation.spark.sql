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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p20 AS ARRAY<BIGINT>), CAST(:p21 AS ARRAY<BIGINT>))) AS (pos, z)
    ) AS z
  ) AS r
), cut_1 AS (
  SELECT
    r.period,
    r.last_segment
  FROM (
    SELECT
      z.z.`0` AS last_segment,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p22 AS ARRAY<BIGINT>))) AS (pos, z)
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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p23 AS ARRAY<BIGINT>))) AS (pos, z)
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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p23 AS ARRAY<BIGINT>))) AS (pos, z)
    ) AS z
  ) AS s
  JOIN cut_1 AS c
    ON s.segment < c.last_segment
), scan_0 AS (
  SELECT
    CASE
      WHEN UNIX_MICROS(j1.`delivered_at`) < CAST(:p5 AS BIGINT)
      THEN 0
      ELSE (
        (
          UNIX_MICROS(j1.`delivered_at`) - CAST(:p5 AS BIGINT)
        ) DIV CAST(:p6 AS BIGINT)
      ) + 1
    END * 5 + CASE
      WHEN UNIX_MICROS(j1.`delivered_at`) < CAST(:p1 AS BIGINT)
      THEN 0
      ELSE CASE WHEN UNIX_MICROS(j1.`delivered_at`) >= CAST(:p1 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN UNIX_MICROS(j1.`delivered_at`) >= CAST(:p2 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN UNIX_MICROS(j1.`delivered_at`) >= CAST(:p3 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN UNIX_MICROS(j1.`delivered_at`) >= CAST(:p4 AS BIGINT) THEN 1 ELSE 0 END
    END AS cell,
    SUM(f.`quantity` * CAST(1 AS DECIMAL(1, 0))) AS a0,
    COUNT(*) AS a1,
    COUNT(f.`quantity`) AS a2,
    COUNT(*) AS a3
  FROM `facts`.`order_line` AS f
  LEFT JOIN `facts`.`order` AS j1
    ON j1.`client_id` = f.`client_id` AND j1.`order_id` = f.`order_id`
  WHERE
    f.`client_id` = CAST(:p7 AS STRING)
    AND j1.`delivered_at` < CAST(:p8 AS TIMESTAMP)
  GROUP BY
    1
), scan_0_0 AS (
  SELECT
    e.period,
    SUM(s.a0 * CAST(1 AS DECIMAL(1, 0))) AS s0,
    CAST(SUM(s.a1 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s1,
    CAST(SUM(s.a2 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s2
  FROM scan_0 AS s
  JOIN pairs_0 AS e
    ON e.segment = CASE
      WHEN (
        s.cell DIV 5
      ) < 1
      THEN 0
      WHEN (
        s.cell DIV 5
      ) > SIZE(CAST(:p9 AS ARRAY<BIGINT>))
      THEN CAST(:p10 AS BIGINT)
      ELSE GET(CAST(:p9 AS ARRAY<BIGINT>), CAST((
        s.cell DIV 5
      ) - 1 AS INT))
    END + s.cell % 5
  GROUP BY
    1
), scan_0_1 AS (
  SELECT
    e.period,
    SUM(s.a0 * CAST(1 AS DECIMAL(1, 0))) AS s3,
    CAST(SUM(s.a1 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s4,
    CAST(SUM(s.a3 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s5,
    CAST(SUM(s.a2 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s6
  FROM scan_0 AS s
  JOIN pairs_1 AS e
    ON e.segment = CASE
      WHEN (
        s.cell DIV 5
      ) < 1
      THEN 0
      WHEN (
        s.cell DIV 5
      ) > SIZE(CAST(:p9 AS ARRAY<BIGINT>))
      THEN CAST(:p10 AS BIGINT)
      ELSE GET(CAST(:p9 AS ARRAY<BIGINT>), CAST((
        s.cell DIV 5
      ) - 1 AS INT))
    END + s.cell % 5
  GROUP BY
    1
), scan_1_fine AS (
  SELECT
    (
      (
        UNIX_MICROS(f.`booked_at`) - CAST(:p11 AS BIGINT)
      ) DIV CAST(:p12 AS BIGINT)
    ) + 1 AS cell,
    SUM(f.`quantity` * CAST(1 AS DECIMAL(1, 0))) AS s7,
    COUNT(*) AS s8,
    COUNT(f.`quantity`) AS s9
  FROM `facts`.`order_line` AS f
  WHERE
    f.`client_id` = CAST(:p7 AS STRING)
    AND f.`booked_at` >= CAST(:p13 AS TIMESTAMP)
    AND f.`booked_at` < CAST(:p14 AS TIMESTAMP)
  GROUP BY
    1
), scan_1 AS (
  SELECT
    GET(CAST(:p15 AS ARRAY<BIGINT>), CAST(cell - 1 AS INT)) AS period,
    SUM(s7 * CAST(1 AS DECIMAL(1, 0))) AS s7,
    CAST(SUM(s8 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s8,
    CAST(SUM(s9 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s9
  FROM scan_1_fine
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period,
    CASE
      WHEN COALESCE(scan_0_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0_0.s0
    END AS t0,
    COALESCE(scan_0_0.s1, 0) AS r0,
    COALESCE(scan_0_0.s2, 0) AS n0,
    CASE
      WHEN COALESCE(scan_0_1.s4, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_0_1.s3
    END AS t1,
    COALESCE(scan_0_1.s4, 0) AS r1,
    COALESCE(scan_0_1.s5, 0) AS p1,
    COALESCE(scan_0_1.s6, 0) AS n1,
    CASE
      WHEN COALESCE(scan_1.s8, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_1.s7
    END AS t2,
    COALESCE(scan_1.s8, 0) AS r2,
    COALESCE(scan_1.s9, 0) AS n2
  FROM (
    SELECT
      z.z.`0` AS covered_0,
      z.z.`1` AS covered_1,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p16 AS ARRAY<BOOLEAN>), CAST(:p17 AS ARRAY<BOOLEAN>))) AS (pos, z)
    ) AS z
  ) AS spine
  LEFT JOIN scan_0_0
    ON scan_0_0.period = spine.period
  LEFT JOIN scan_0_1
    ON scan_0_1.period = spine.period
  LEFT JOIN scan_1
    ON scan_1.period = spine.period
), repeated_order AS (
  SELECT
    k.times
  FROM (
    SELECT
      COUNT(*) AS times
    FROM `facts`.`order` AS f
    WHERE
      f.`client_id` = CAST(:p7 AS STRING)
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
  t2 AS k2,
  t0 AS v0,
  r0,
  n0,
  t1 AS v1,
  r1,
  n1,
  t2 AS v2,
  r2,
  n2,
  (
    SELECT
      COUNT(*)
    FROM repeated_order
  ) AS repeated_order
FROM terms
ORDER BY
  period ASC NULLS LAST
LIMIT CAST(CAST(:p18 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p19 AS BIGINT) AS INT)
