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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p14 AS ARRAY<BIGINT>), CAST(:p15 AS ARRAY<BIGINT>))) AS (pos, z)
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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p16 AS ARRAY<BIGINT>))) AS (pos, z)
    ) AS z
  ) AS s
  JOIN cut_0 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), scan_0_rows AS (
  SELECT
    e.period,
    f.`customer_id` AS value,
    COUNT(*) AS counted,
    COUNT(*) AS h0
  FROM `facts`.`order` AS f
  JOIN pairs_0 AS e
    ON e.segment = CASE
      WHEN UNIX_MICROS(f.`ordered_at`) < CAST(:p2 AS BIGINT)
      THEN 0
      WHEN (
        (
          (
            UNIX_MICROS(f.`ordered_at`) - CAST(:p2 AS BIGINT)
          ) DIV CAST(:p3 AS BIGINT)
        ) + 1
      ) > SIZE(CAST(:p4 AS ARRAY<BIGINT>))
      THEN CAST(:p5 AS BIGINT)
      ELSE GET(
        CAST(:p4 AS ARRAY<BIGINT>),
        CAST((
          (
            (
              UNIX_MICROS(f.`ordered_at`) - CAST(:p2 AS BIGINT)
            ) DIV CAST(:p3 AS BIGINT)
          ) + 1
        ) - 1 AS INT)
      )
    END
  WHERE
    f.`client_id` = CAST(:p1 AS STRING)
  GROUP BY
    1,
    2
), scan_0 AS (
  SELECT
    period,
    CAST(SUM(
      CASE WHEN NOT value IS NULL AND (
        h0 >= CAST(:p6 AS BIGINT)
      ) THEN 1 ELSE 0 END
    ) AS BIGINT) AS s0,
    CAST(SUM(counted) AS BIGINT) AS s1
  FROM scan_0_rows
  GROUP BY
    1
), scan_1_rows AS (
  SELECT
    e.period,
    f.`customer_id` AS value,
    COUNT(*) AS counted,
    SUM(f.`weight` * CAST(1 AS DECIMAL(1, 0))) AS h0,
    COUNT(*) AS h1
  FROM `facts`.`order` AS f
  JOIN pairs_0 AS e
    ON e.segment = CASE
      WHEN UNIX_MICROS(f.`ordered_at`) < CAST(:p2 AS BIGINT)
      THEN 0
      WHEN (
        (
          (
            UNIX_MICROS(f.`ordered_at`) - CAST(:p2 AS BIGINT)
          ) DIV CAST(:p3 AS BIGINT)
        ) + 1
      ) > SIZE(CAST(:p4 AS ARRAY<BIGINT>))
      THEN CAST(:p5 AS BIGINT)
      ELSE GET(
        CAST(:p4 AS ARRAY<BIGINT>),
        CAST((
          (
            (
              UNIX_MICROS(f.`ordered_at`) - CAST(:p2 AS BIGINT)
            ) DIV CAST(:p3 AS BIGINT)
          ) + 1
        ) - 1 AS INT)
      )
    END
  WHERE
    f.`client_id` = CAST(:p1 AS STRING)
  GROUP BY
    1,
    2
), scan_1 AS (
  SELECT
    period,
    CAST(SUM(
      CASE
        WHEN NOT value IS NULL
        AND (
          CASE WHEN h1 = 0 THEN 0 ELSE h0 END > CAST(:p7 AS BIGINT)
        )
        THEN 1
        ELSE 0
      END
    ) AS BIGINT) AS s2,
    CAST(SUM(counted) AS BIGINT) AS s3
  FROM scan_1_rows
  GROUP BY
    1
), scan_2_rows AS (
  SELECT
    e.period,
    f.`customer_id` AS value,
    COUNT(*) AS counted,
    COUNT(*) FILTER(WHERE
      f.`weight` >= CAST(:p8 AS BIGINT)) AS h0
  FROM `facts`.`order` AS f
  JOIN pairs_0 AS e
    ON e.segment = CASE
      WHEN UNIX_MICROS(f.`ordered_at`) < CAST(:p2 AS BIGINT)
      THEN 0
      WHEN (
        (
          (
            UNIX_MICROS(f.`ordered_at`) - CAST(:p2 AS BIGINT)
          ) DIV CAST(:p3 AS BIGINT)
        ) + 1
      ) > SIZE(CAST(:p4 AS ARRAY<BIGINT>))
      THEN CAST(:p5 AS BIGINT)
      ELSE GET(
        CAST(:p4 AS ARRAY<BIGINT>),
        CAST((
          (
            (
              UNIX_MICROS(f.`ordered_at`) - CAST(:p2 AS BIGINT)
            ) DIV CAST(:p3 AS BIGINT)
          ) + 1
        ) - 1 AS INT)
      )
    END
  WHERE
    f.`client_id` = CAST(:p1 AS STRING)
  GROUP BY
    1,
    2
), scan_2 AS (
  SELECT
    period,
    CAST(SUM(
      CASE WHEN NOT value IS NULL AND (
        h0 >= CAST(:p6 AS BIGINT)
      ) THEN 1 ELSE 0 END
    ) AS BIGINT) AS s4,
    CAST(SUM(counted) AS BIGINT) AS s5
  FROM scan_2_rows
  GROUP BY
    1
), scan_3 AS (
  SELECT
    CAST(1 AS INT) AS period,
    COUNT(DISTINCT f.`customer_id`) AS s6,
    COUNT(*) AS s7,
    COUNT(f.`customer_id`) AS s8
  FROM `facts`.`order` AS f
  WHERE
    f.`client_id` = CAST(:p1 AS STRING)
    AND f.`ordered_at` >= CAST(:p9 AS TIMESTAMP)
    AND f.`ordered_at` < CAST(:p10 AS TIMESTAMP)
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
    CASE
      WHEN COALESCE(scan_1.s3, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_1.s2
    END AS t1,
    COALESCE(scan_1.s3, 0) AS r1,
    CASE
      WHEN COALESCE(scan_2.s5, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_2.s4
    END AS t2,
    COALESCE(scan_2.s5, 0) AS r2,
    CASE
      WHEN COALESCE(scan_3.s7, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE COALESCE(scan_3.s6, 0)
    END AS t3,
    COALESCE(scan_3.s7, 0) AS r3,
    COALESCE(scan_3.s8, 0) AS n3
  FROM (
    SELECT
      z.z.`0` AS covered_0,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p11 AS ARRAY<BOOLEAN>))) AS (pos, z)
    ) AS z
  ) AS spine
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
  LEFT JOIN scan_1
    ON scan_1.period = spine.period
  LEFT JOIN scan_2
    ON scan_2.period = spine.period
  LEFT JOIN scan_3
    ON scan_3.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t1 AS k1,
  t2 AS k2,
  CAST(t0 AS DOUBLE) / NULLIF(CAST(t3 AS DOUBLE), 0) AS k3,
  t0 AS v0,
  r0,
  t1 AS v1,
  r1,
  t2 AS v2,
  r2,
  t3 AS v3,
  r3,
  n3
FROM terms
ORDER BY
  period ASC NULLS LAST
LIMIT CAST(CAST(:p12 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p13 AS BIGINT) AS INT)
