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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p25 AS ARRAY<BIGINT>), CAST(:p26 AS ARRAY<BIGINT>))) AS (pos, z)
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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p27 AS ARRAY<BIGINT>), CAST(:p28 AS ARRAY<BIGINT>))) AS (pos, z)
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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p29 AS ARRAY<BIGINT>), CAST(:p30 AS ARRAY<BIGINT>))) AS (pos, z)
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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p31 AS ARRAY<BIGINT>))) AS (pos, z)
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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p32 AS ARRAY<BIGINT>))) AS (pos, z)
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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p33 AS ARRAY<BIGINT>))) AS (pos, z)
    ) AS z
  ) AS s
  JOIN cut_2 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), spans_0 AS (
  SELECT
    r.period,
    r.starts_at
  FROM (
    SELECT
      z.z.`0` AS starts_at,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p34 AS ARRAY<TIMESTAMP>))) AS (pos, z)
    ) AS z
  ) AS r
), spans_1 AS (
  SELECT
    r.period,
    r.ends_at
  FROM (
    SELECT
      z.z.`0` AS ends_at,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p35 AS ARRAY<TIMESTAMP>))) AS (pos, z)
    ) AS z
  ) AS r
), spans_2 AS (
  SELECT
    r.period,
    r.ends_at
  FROM (
    SELECT
      z.z.`0` AS ends_at,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p36 AS ARRAY<TIMESTAMP>))) AS (pos, z)
    ) AS z
  ) AS r
), scan_0 AS (
  SELECT
    e.period,
    COUNT(*) AS s0
  FROM `facts`.`order` AS f
  JOIN pairs_0 AS e
    ON e.segment = CASE
      WHEN UNIX_MICROS(f.`ordered_at`) < CAST(:p4 AS BIGINT)
      THEN 0
      WHEN (
        (
          (
            UNIX_MICROS(f.`ordered_at`) - CAST(:p4 AS BIGINT)
          ) DIV CAST(:p5 AS BIGINT)
        ) + 1
      ) > SIZE(CAST(:p6 AS ARRAY<BIGINT>))
      THEN CAST(:p7 AS BIGINT)
      ELSE GET(
        CAST(:p6 AS ARRAY<BIGINT>),
        CAST((
          (
            (
              UNIX_MICROS(f.`ordered_at`) - CAST(:p4 AS BIGINT)
            ) DIV CAST(:p5 AS BIGINT)
          ) + 1
        ) - 1 AS INT)
      )
    END + CASE
      WHEN UNIX_MICROS(f.`ordered_at`) < CAST(:p2 AS BIGINT)
      THEN 0
      ELSE CASE WHEN UNIX_MICROS(f.`ordered_at`) >= CAST(:p2 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN UNIX_MICROS(f.`ordered_at`) >= CAST(:p3 AS BIGINT) THEN 1 ELSE 0 END
    END
  LEFT JOIN (
    SELECT
      f.`customer_id` AS k0,
      e.period AS k1,
      MAX(1) AS value
    FROM `facts`.`subscription` AS f
    CROSS JOIN spans_0 AS e
    JOIN spans_0 AS p
      ON p.period = e.period
    WHERE
      f.`client_id` = CAST(:p1 AS STRING)
      AND f.`started_at` < p.starts_at
      AND (
        f.`ended_at` IS NULL OR f.`ended_at` >= p.starts_at
      )
    GROUP BY
      1,
      2
  ) AS c0
    ON c0.k0 = f.`customer_id` AND c0.k1 = e.period
  WHERE
    f.`client_id` = CAST(:p1 AS STRING) AND COALESCE(c0.value, 0) = 1
  GROUP BY
    1
), scan_1 AS (
  SELECT
    e.period,
    COUNT(*) AS s1
  FROM `facts`.`order` AS f
  JOIN pairs_1 AS e
    ON e.segment = CASE
      WHEN UNIX_MICROS(f.`ordered_at`) < CAST(:p10 AS BIGINT)
      THEN 0
      WHEN (
        (
          (
            UNIX_MICROS(f.`ordered_at`) - CAST(:p10 AS BIGINT)
          ) DIV CAST(:p11 AS BIGINT)
        ) + 1
      ) > SIZE(CAST(:p12 AS ARRAY<BIGINT>))
      THEN CAST(:p13 AS BIGINT)
      ELSE GET(
        CAST(:p12 AS ARRAY<BIGINT>),
        CAST((
          (
            (
              UNIX_MICROS(f.`ordered_at`) - CAST(:p10 AS BIGINT)
            ) DIV CAST(:p11 AS BIGINT)
          ) + 1
        ) - 1 AS INT)
      )
    END + CASE
      WHEN UNIX_MICROS(f.`ordered_at`) < CAST(:p8 AS BIGINT)
      THEN 0
      ELSE CASE WHEN UNIX_MICROS(f.`ordered_at`) >= CAST(:p8 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN UNIX_MICROS(f.`ordered_at`) >= CAST(:p9 AS BIGINT) THEN 1 ELSE 0 END
    END
  JOIN spans_1 AS p
    ON p.period = e.period
  WHERE
    f.`client_id` = CAST(:p1 AS STRING) AND f.`delivered_at` < p.ends_at
  GROUP BY
    1
), scan_2 AS (
  SELECT
    e.period,
    COUNT(*) AS s2
  FROM `facts`.`order` AS f
  JOIN pairs_2 AS e
    ON e.segment = CASE
      WHEN UNIX_MICROS(f.`ordered_at`) < CAST(:p16 AS BIGINT)
      THEN 0
      WHEN (
        (
          (
            UNIX_MICROS(f.`ordered_at`) - CAST(:p16 AS BIGINT)
          ) DIV CAST(:p17 AS BIGINT)
        ) + 1
      ) > SIZE(CAST(:p18 AS ARRAY<BIGINT>))
      THEN CAST(:p19 AS BIGINT)
      ELSE GET(
        CAST(:p18 AS ARRAY<BIGINT>),
        CAST((
          (
            (
              UNIX_MICROS(f.`ordered_at`) - CAST(:p16 AS BIGINT)
            ) DIV CAST(:p17 AS BIGINT)
          ) + 1
        ) - 1 AS INT)
      )
    END + CASE
      WHEN UNIX_MICROS(f.`ordered_at`) < CAST(:p14 AS BIGINT)
      THEN 0
      ELSE CASE WHEN UNIX_MICROS(f.`ordered_at`) >= CAST(:p14 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN UNIX_MICROS(f.`ordered_at`) >= CAST(:p15 AS BIGINT) THEN 1 ELSE 0 END
    END
  JOIN spans_2 AS p
    ON p.period = e.period
  WHERE
    f.`client_id` = CAST(:p1 AS STRING) AND f.`delivered_at` < p.ends_at
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
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_1.s1
    END AS t1,
    COALESCE(scan_1.s1, 0) AS r1,
    CASE
      WHEN COALESCE(scan_2.s2, 0) = 0
      THEN CASE WHEN spine.covered_2 THEN 0 END
      ELSE scan_2.s2
    END AS t2,
    COALESCE(scan_2.s2, 0) AS r2
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
            CAST(:p20 AS ARRAY<BOOLEAN>),
            CAST(:p21 AS ARRAY<BOOLEAN>),
            CAST(:p22 AS ARRAY<BOOLEAN>)
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
)
SELECT
  period,
  t0 AS k0,
  t1 AS k1,
  t2 AS k2,
  t0 AS v0,
  r0,
  t1 AS v1,
  r1,
  t2 AS v2,
  r2
FROM terms
ORDER BY
  period ASC NULLS LAST
LIMIT CAST(CAST(:p23 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p24 AS BIGINT) AS INT)
