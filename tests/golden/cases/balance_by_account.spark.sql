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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p15 AS ARRAY<BIGINT>))) AS (pos, z)
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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p16 AS ARRAY<BIGINT>), CAST(:p17 AS ARRAY<BIGINT>))) AS (pos, z)
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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p18 AS ARRAY<BIGINT>))) AS (pos, z)
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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p18 AS ARRAY<BIGINT>))) AS (pos, z)
    ) AS z
  ) AS s
  JOIN cut_1 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), scan_0 AS (
  SELECT
    CASE
      WHEN UNIX_MICROS(f.`moved_at`) < CAST(:p5 AS BIGINT)
      THEN 0
      ELSE (
        (
          UNIX_MICROS(f.`moved_at`) - CAST(:p5 AS BIGINT)
        ) DIV CAST(:p6 AS BIGINT)
      ) + 1
    END * 5 + CASE
      WHEN UNIX_MICROS(f.`moved_at`) < CAST(:p1 AS BIGINT)
      THEN 0
      ELSE CASE WHEN UNIX_MICROS(f.`moved_at`) >= CAST(:p1 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN UNIX_MICROS(f.`moved_at`) >= CAST(:p2 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN UNIX_MICROS(f.`moved_at`) >= CAST(:p3 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN UNIX_MICROS(f.`moved_at`) >= CAST(:p4 AS BIGINT) THEN 1 ELSE 0 END
    END AS cell,
    f.`account` AS d0,
    SUM(f.`amount` * CAST(1 AS DECIMAL(1, 0))) AS a0,
    COUNT(*) AS a1,
    COUNT(*) AS a2,
    COUNT(f.`amount`) AS a3
  FROM `facts`.`movement` AS f
  WHERE
    f.`client_id` = CAST(:p7 AS STRING) AND f.`moved_at` < CAST(:p8 AS TIMESTAMP)
  GROUP BY
    1,
    2
), scan_0_0 AS (
  SELECT
    e.period,
    s.d0,
    SUM(s.a0 * CAST(1 AS DECIMAL(1, 0))) AS s0,
    CAST(SUM(s.a1 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s1,
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
      ) > SIZE(CAST(:p9 AS ARRAY<BIGINT>))
      THEN CAST(:p10 AS BIGINT)
      ELSE GET(CAST(:p9 AS ARRAY<BIGINT>), CAST((
        s.cell DIV 5
      ) - 1 AS INT))
    END + s.cell % 5
  GROUP BY
    1,
    2
), scan_0_1 AS (
  SELECT
    e.period,
    s.d0,
    SUM(s.a0 * CAST(1 AS DECIMAL(1, 0))) AS s4,
    CAST(SUM(s.a1 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s5,
    CAST(SUM(s.a3 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s6
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
    1,
    2
), cells AS (
  SELECT
    period,
    d0,
    0 AS piece,
    s0 AS decimal_0,
    s1 AS integer_0,
    s2 AS integer_1,
    s3 AS integer_2
  FROM scan_0_0
  UNION ALL
  SELECT
    period,
    d0,
    1 AS piece,
    s4 AS decimal_0,
    s5 AS integer_0,
    s6 AS integer_1,
    CAST(NULL AS BIGINT) AS integer_2
  FROM scan_0_1
), merged AS (
  SELECT
    period,
    d0,
    MAX(decimal_0) FILTER(WHERE
      piece = 0) AS s0,
    MAX(integer_0) FILTER(WHERE
      piece = 0) AS s1,
    MAX(integer_1) FILTER(WHERE
      piece = 0) AS s2,
    MAX(integer_2) FILTER(WHERE
      piece = 0) AS s3,
    MAX(decimal_0) FILTER(WHERE
      piece = 1) AS s4,
    MAX(integer_0) FILTER(WHERE
      piece = 1) AS s5,
    MAX(integer_1) FILTER(WHERE
      piece = 1) AS s6
  FROM cells
  GROUP BY
    period,
    d0
), terms AS (
  SELECT
    spine.period,
    merged.d0,
    CASE
      WHEN COALESCE(merged.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE merged.s0
    END AS t0,
    COALESCE(merged.s1, 0) AS r0,
    COALESCE(merged.s2, 0) AS p0,
    COALESCE(merged.s3, 0) AS n0,
    CASE
      WHEN COALESCE(merged.s5, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE merged.s4
    END AS t1,
    COALESCE(merged.s5, 0) AS r1,
    COALESCE(merged.s6, 0) AS n1
  FROM (
    SELECT
      z.z.`0` AS covered_0,
      z.z.`1` AS covered_1,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p11 AS ARRAY<BOOLEAN>), CAST(:p12 AS ARRAY<BOOLEAN>))) AS (pos, z)
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
  t0 AS v0,
  r0,
  n0,
  t1 AS v1,
  r1,
  n1
FROM terms
WHERE
  (
    p0 > 0 OR r1 > 0
  )
ORDER BY
  period ASC NULLS LAST,
  d0 ASC NULLS LAST
LIMIT CAST(CAST(:p13 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p14 AS BIGINT) AS INT)
