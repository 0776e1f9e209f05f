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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p22 AS ARRAY<BIGINT>), CAST(:p23 AS ARRAY<BIGINT>))) AS (pos, z)
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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p24 AS ARRAY<BIGINT>), CAST(:p25 AS ARRAY<BIGINT>))) AS (pos, z)
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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p26 AS ARRAY<BIGINT>), CAST(:p27 AS ARRAY<BIGINT>))) AS (pos, z)
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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p28 AS ARRAY<BIGINT>))) AS (pos, z)
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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p28 AS ARRAY<BIGINT>))) AS (pos, z)
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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p29 AS ARRAY<BIGINT>))) AS (pos, z)
    ) AS z
  ) AS s
  JOIN cut_2 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), scan_0 AS (
  SELECT
    CASE
      WHEN UNIX_MICROS(f.`ordered_at`) < CAST(:p5 AS BIGINT)
      THEN 0
      ELSE (
        (
          UNIX_MICROS(f.`ordered_at`) - CAST(:p5 AS BIGINT)
        ) DIV CAST(:p6 AS BIGINT)
      ) + 1
    END * 5 + CASE
      WHEN UNIX_MICROS(f.`ordered_at`) < CAST(:p1 AS BIGINT)
      THEN 0
      ELSE CASE WHEN UNIX_MICROS(f.`ordered_at`) >= CAST(:p1 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN UNIX_MICROS(f.`ordered_at`) >= CAST(:p2 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN UNIX_MICROS(f.`ordered_at`) >= CAST(:p3 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN UNIX_MICROS(f.`ordered_at`) >= CAST(:p4 AS BIGINT) THEN 1 ELSE 0 END
    END AS cell,
    MAX(f.`weight`) AS a0,
    SUM(f.`weight` * CAST(1 AS DECIMAL(1, 0))) AS a1,
    COUNT(f.`weight`) AS a2,
    COUNT(*) AS a3
  FROM `facts`.`order` AS f
  WHERE
    f.`client_id` = CAST(:p7 AS STRING)
    AND f.`ordered_at` >= CAST(:p8 AS TIMESTAMP)
    AND f.`ordered_at` < CAST(:p9 AS TIMESTAMP)
  GROUP BY
    1
), scan_0_0 AS (
  SELECT
    e.period,
    MAX(s.a0) AS s0,
    CAST(SUM(s.a1 * CAST(1 AS DECIMAL(1, 0))) AS DOUBLE) AS s1,
    CAST(SUM(s.a2 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s2,
    CAST(SUM(s.a3 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s3
  FROM scan_0 AS s
  JOIN pairs_0 AS e
    ON e.segment = CASE
      WHEN (
        s.cell DIV 5
      ) < 1
      THEN 0
      WHEN (
        s.cell DIV 5
      ) > SIZE(CAST(:p10 AS ARRAY<BIGINT>))
      THEN CAST(:p11 AS BIGINT)
      ELSE GET(CAST(:p10 AS ARRAY<BIGINT>), CAST((
        s.cell DIV 5
      ) - 1 AS INT))
    END + s.cell % 5
  GROUP BY
    1
), scan_0_1 AS (
  SELECT
    e.period,
    CAST(SUM(s.a3 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s4
  FROM scan_0 AS s
  JOIN pairs_1 AS e
    ON e.segment = CASE
      WHEN (
        s.cell DIV 5
      ) < 1
      THEN 0
      WHEN (
        s.cell DIV 5
      ) > SIZE(CAST(:p10 AS ARRAY<BIGINT>))
      THEN CAST(:p11 AS BIGINT)
      ELSE GET(CAST(:p10 AS ARRAY<BIGINT>), CAST((
        s.cell DIV 5
      ) - 1 AS INT))
    END + s.cell % 5
  GROUP BY
    1
), scan_1 AS (
  SELECT
    e.period,
    PERCENTILE(CAST(f.`weight` AS DOUBLE), CAST(0.5 AS DOUBLE)) AS s5,
    COUNT(*) AS s6,
    COUNT(f.`weight`) AS s7
  FROM `facts`.`order` AS f
  JOIN pairs_2 AS e
    ON e.segment = CASE
      WHEN UNIX_MICROS(f.`ordered_at`) < CAST(:p14 AS BIGINT)
      THEN 0
      WHEN (
        (
          (
            UNIX_MICROS(f.`ordered_at`) - CAST(:p14 AS BIGINT)
          ) DIV CAST(:p15 AS BIGINT)
        ) + 1
      ) > SIZE(CAST(:p16 AS ARRAY<BIGINT>))
      THEN CAST(:p17 AS BIGINT)
      ELSE GET(
        CAST(:p16 AS ARRAY<BIGINT>),
        CAST((
          (
            (
              UNIX_MICROS(f.`ordered_at`) - CAST(:p14 AS BIGINT)
            ) DIV CAST(:p15 AS BIGINT)
          ) + 1
        ) - 1 AS INT)
      )
    END + CASE
      WHEN UNIX_MICROS(f.`ordered_at`) < CAST(:p12 AS BIGINT)
      THEN 0
      ELSE CASE WHEN UNIX_MICROS(f.`ordered_at`) >= CAST(:p12 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN UNIX_MICROS(f.`ordered_at`) >= CAST(:p13 AS BIGINT) THEN 1 ELSE 0 END
    END
  WHERE
    f.`client_id` = CAST(:p7 AS STRING)
  GROUP BY
    1
), scan_2_rows AS (
  SELECT
    e.period,
    f.`weight` AS value,
    1 AS there,
    ROW_NUMBER() OVER (
      PARTITION BY e.period
      ORDER BY CASE WHEN NOT (
        f.`weight`
      ) IS NULL THEN 1 ELSE 0 END DESC, f.`ordered_at` DESC, f.`order_id` DESC
    ) AS place
  FROM `facts`.`order` AS f
  JOIN pairs_2 AS e
    ON e.segment = CASE
      WHEN UNIX_MICROS(f.`ordered_at`) < CAST(:p14 AS BIGINT)
      THEN 0
      WHEN (
        (
          (
            UNIX_MICROS(f.`ordered_at`) - CAST(:p14 AS BIGINT)
          ) DIV CAST(:p15 AS BIGINT)
        ) + 1
      ) > SIZE(CAST(:p16 AS ARRAY<BIGINT>))
      THEN CAST(:p17 AS BIGINT)
      ELSE GET(
        CAST(:p16 AS ARRAY<BIGINT>),
        CAST((
          (
            (
              UNIX_MICROS(f.`ordered_at`) - CAST(:p14 AS BIGINT)
            ) DIV CAST(:p15 AS BIGINT)
          ) + 1
        ) - 1 AS INT)
      )
    END + CASE
      WHEN UNIX_MICROS(f.`ordered_at`) < CAST(:p12 AS BIGINT)
      THEN 0
      ELSE CASE WHEN UNIX_MICROS(f.`ordered_at`) >= CAST(:p12 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN UNIX_MICROS(f.`ordered_at`) >= CAST(:p13 AS BIGINT) THEN 1 ELSE 0 END
    END
  WHERE
    f.`client_id` = CAST(:p7 AS STRING)
), scan_2 AS (
  SELECT
    period,
    MAX(value) FILTER(WHERE
      place = 1 AND there = 1) AS s8,
    COUNT(*) FILTER(WHERE
      there = 1) AS s9
  FROM scan_2_rows
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period,
    scan_0_0.s0 AS t0,
    COALESCE(scan_0_0.s3, 0) AS r0,
    COALESCE(scan_0_0.s2, 0) AS n0,
    CAST(scan_0_0.s1 AS DOUBLE) / NULLIF(CAST(scan_0_0.s2 AS DOUBLE), 0) AS t1,
    COALESCE(scan_0_0.s3, 0) AS r1,
    COALESCE(scan_0_0.s2, 0) AS n1,
    scan_1.s5 AS t2,
    COALESCE(scan_1.s6, 0) AS r2,
    COALESCE(scan_1.s7, 0) AS n2,
    CASE
      WHEN COALESCE(scan_0_1.s4, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_0_1.s4
    END AS t3,
    COALESCE(scan_0_1.s4, 0) AS r3,
    scan_2.s8 AS t4,
    COALESCE(scan_2.s9, 0) AS r4
  FROM (
    SELECT
      z.z.`0` AS covered_0,
      z.z.`1` AS covered_1,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p18 AS ARRAY<BOOLEAN>), CAST(:p19 AS ARRAY<BOOLEAN>))) AS (pos, z)
    ) AS z
  ) AS spine
  LEFT JOIN scan_0_0
    ON scan_0_0.period = spine.period
  LEFT JOIN scan_0_1
    ON scan_0_1.period = spine.period
  LEFT JOIN scan_1
    ON scan_1.period = spine.period
  LEFT JOIN scan_2
    ON scan_2.period = spine.period
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
  n0,
  t1 AS v1,
  r1,
  n1,
  t2 AS v2,
  r2,
  n2,
  t3 AS v3,
  r3,
  t4 AS v4,
  r4
FROM terms
ORDER BY
  period ASC NULLS LAST
LIMIT CAST(CAST(:p20 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p21 AS BIGINT) AS INT)
