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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p13 AS ARRAY<BIGINT>), CAST(:p14 AS ARRAY<BIGINT>))) AS (pos, z)
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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p15 AS ARRAY<BIGINT>), CAST(:p16 AS ARRAY<BIGINT>))) AS (pos, z)
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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p17 AS ARRAY<BIGINT>), CAST(:p18 AS ARRAY<BIGINT>))) AS (pos, z)
    ) AS z
  ) AS r
), cut_3 AS (
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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p19 AS ARRAY<BIGINT>), CAST(:p20 AS ARRAY<BIGINT>))) AS (pos, z)
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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p21 AS ARRAY<BIGINT>))) AS (pos, z)
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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p21 AS ARRAY<BIGINT>))) AS (pos, z)
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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p21 AS ARRAY<BIGINT>))) AS (pos, z)
    ) AS z
  ) AS s
  JOIN cut_2 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), pairs_3 AS (
  SELECT
    c.period,
    s.segment
  FROM (
    SELECT
      z.z.`0` AS segment,
      z.pos + 1 AS position
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p21 AS ARRAY<BIGINT>))) AS (pos, z)
    ) AS z
  ) AS s
  JOIN cut_3 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), scan_0 AS (
  SELECT
    (
      (
        CAST(UNIX_DATE(f.`sold_on`) AS BIGINT) - CAST(:p1 AS BIGINT)
      ) DIV CAST(:p2 AS BIGINT)
    ) + 1 AS cell,
    SUM(f.`amount` * CAST(1 AS DECIMAL(1, 0))) AS a0,
    COUNT(*) AS a1,
    COUNT(f.`amount`) AS a2
  FROM `facts`.`sale` AS f
  WHERE
    f.`client_id` = CAST(:p3 AS STRING)
    AND f.`sold_on` >= CAST(:p4 AS DATE)
    AND f.`sold_on` < CAST(:p5 AS DATE)
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
    ON e.segment = GET(CAST(:p6 AS ARRAY<BIGINT>), CAST(s.cell - 1 AS INT))
  GROUP BY
    1
), scan_0_1 AS (
  SELECT
    e.period,
    SUM(s.a0 * CAST(1 AS DECIMAL(1, 0))) AS s3,
    CAST(SUM(s.a1 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s4,
    CAST(SUM(s.a2 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s5
  FROM scan_0 AS s
  JOIN pairs_1 AS e
    ON e.segment = GET(CAST(:p6 AS ARRAY<BIGINT>), CAST(s.cell - 1 AS INT))
  GROUP BY
    1
), scan_0_2 AS (
  SELECT
    e.period,
    SUM(s.a0 * CAST(1 AS DECIMAL(1, 0))) AS s6,
    CAST(SUM(s.a1 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s7,
    CAST(SUM(s.a2 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s8
  FROM scan_0 AS s
  JOIN pairs_2 AS e
    ON e.segment = GET(CAST(:p6 AS ARRAY<BIGINT>), CAST(s.cell - 1 AS INT))
  GROUP BY
    1
), scan_0_3 AS (
  SELECT
    e.period,
    SUM(s.a0 * CAST(1 AS DECIMAL(1, 0))) AS s9,
    CAST(SUM(s.a1 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s10,
    CAST(SUM(s.a2 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s11
  FROM scan_0 AS s
  JOIN pairs_3 AS e
    ON e.segment = GET(CAST(:p6 AS ARRAY<BIGINT>), CAST(s.cell - 1 AS INT))
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
    COALESCE(scan_0_1.s5, 0) AS n1,
    CASE
      WHEN COALESCE(scan_0_2.s7, 0) = 0
      THEN CASE WHEN spine.covered_2 THEN 0 END
      ELSE scan_0_2.s6
    END AS t2,
    COALESCE(scan_0_2.s7, 0) AS r2,
    COALESCE(scan_0_2.s8, 0) AS n2,
    CASE
      WHEN COALESCE(scan_0_3.s10, 0) = 0
      THEN CASE WHEN spine.covered_3 THEN 0 END
      ELSE scan_0_3.s9
    END AS t3,
    COALESCE(scan_0_3.s10, 0) AS r3,
    COALESCE(scan_0_3.s11, 0) AS n3
  FROM (
    SELECT
      z.z.`0` AS covered_0,
      z.z.`1` AS covered_1,
      z.z.`2` AS covered_2,
      z.z.`3` AS covered_3,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(
          ARRAYS_ZIP(
            CAST(:p7 AS ARRAY<BOOLEAN>),
            CAST(:p8 AS ARRAY<BOOLEAN>),
            CAST(:p9 AS ARRAY<BOOLEAN>),
            CAST(:p10 AS ARRAY<BOOLEAN>)
          )
        ) AS (pos, z)
    ) AS z
  ) AS spine
  LEFT JOIN scan_0_0
    ON scan_0_0.period = spine.period
  LEFT JOIN scan_0_1
    ON scan_0_1.period = spine.period
  LEFT JOIN scan_0_2
    ON scan_0_2.period = spine.period
  LEFT JOIN scan_0_3
    ON scan_0_3.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  CASE
    WHEN t2 > 0
    THEN CAST((
      t1 - t2
    ) AS DOUBLE) / NULLIF(CAST(t2 AS DOUBLE), 0)
  END AS k1,
  t3 AS k2,
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
  n3
FROM terms
ORDER BY
  period ASC NULLS LAST
LIMIT CAST(CAST(:p11 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p12 AS BIGINT) AS INT)
