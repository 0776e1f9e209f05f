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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p17 AS ARRAY<BIGINT>), CAST(:p18 AS ARRAY<BIGINT>))) AS (pos, z)
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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p19 AS ARRAY<BIGINT>))) AS (pos, z)
    ) AS z
  ) AS s
  JOIN cut_0 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), scan_0 AS (
  SELECT
    CAST(1 AS INT) AS period,
    COUNT(*) FILTER(WHERE
      (
        (
          f.`customer_id` = CAST(:p4 AS STRING)
        )
        OR (
          f.`promised_on` = CAST(:p5 AS DATE)
        )
        OR (
          f.`ordered_at` >= CAST(:p6 AS TIMESTAMP)
        )
        OR (
          f.`cancelled` = CAST(:p7 AS BOOLEAN)
        )
      )) AS s0,
    COUNT(*) AS s1
  FROM `facts`.`order` AS f
  WHERE
    f.`client_id` = CAST(:p1 AS STRING)
    AND f.`ordered_at` >= CAST(:p2 AS TIMESTAMP)
    AND f.`ordered_at` < CAST(:p3 AS TIMESTAMP)
  GROUP BY
    1
), scan_1_rows AS (
  SELECT
    e.period,
    f.`customer_id` AS value,
    COUNT(*) AS counted,
    COUNT(*) AS h0
  FROM `facts`.`order` AS f
  JOIN pairs_0 AS e
    ON e.segment = CASE
      WHEN UNIX_MICROS(f.`ordered_at`) < CAST(:p8 AS BIGINT)
      THEN 0
      WHEN (
        (
          (
            UNIX_MICROS(f.`ordered_at`) - CAST(:p8 AS BIGINT)
          ) DIV CAST(:p9 AS BIGINT)
        ) + 1
      ) > SIZE(CAST(:p10 AS ARRAY<BIGINT>))
      THEN CAST(:p11 AS BIGINT)
      ELSE GET(
        CAST(:p10 AS ARRAY<BIGINT>),
        CAST((
          (
            (
              UNIX_MICROS(f.`ordered_at`) - CAST(:p8 AS BIGINT)
            ) DIV CAST(:p9 AS BIGINT)
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
      CASE WHEN NOT value IS NULL AND (
        h0 >= CAST(:p12 AS BIGINT)
      ) THEN 1 ELSE 0 END
    ) AS BIGINT) AS s2,
    CAST(SUM(counted) AS BIGINT) AS s3
  FROM scan_1_rows
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
      WHEN COALESCE(scan_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s1
    END AS t1,
    COALESCE(scan_0.s1, 0) AS r1,
    CASE
      WHEN COALESCE(scan_1.s3, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_1.s2
    END AS t2,
    COALESCE(scan_1.s3, 0) AS r2
  FROM (
    SELECT
      z.z.`0` AS covered_0,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p13 AS ARRAY<BOOLEAN>))) AS (pos, z)
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
  CAST(t1 AS DECIMAL(19, 0)) * :p14 AS k1,
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
LIMIT CAST(CAST(:p15 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p16 AS BIGINT) AS INT)
