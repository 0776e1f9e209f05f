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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p12 AS ARRAY<BIGINT>), CAST(:p13 AS ARRAY<BIGINT>))) AS (pos, z)
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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p14 AS ARRAY<BIGINT>))) AS (pos, z)
    ) AS z
  ) AS s
  JOIN cut_0 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), a0_scan_0 AS (
  SELECT
    (
      (
        CAST(UNIX_DATE(f.`sold_on`) AS BIGINT) - CAST(:p1 AS BIGINT)
      ) DIV CAST(:p2 AS BIGINT)
    ) + 1 AS cell,
    SUM(f.`amount` * CAST(1 AS DECIMAL(1, 0))) AS a0,
    COUNT(*) AS a1
  FROM `facts`.`sale` AS f
  WHERE
    f.`client_id` = CAST(:p3 AS STRING)
    AND f.`sold_on` >= CAST(:p4 AS DATE)
    AND f.`sold_on` < CAST(:p5 AS DATE)
  GROUP BY
    1
), a0_scan_0_0 AS (
  SELECT
    e.period,
    SUM(s.a0 * CAST(1 AS DECIMAL(1, 0))) AS s0,
    CAST(SUM(s.a1 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s1
  FROM a0_scan_0 AS s
  JOIN pairs_0 AS e
    ON e.segment = GET(CAST(:p6 AS ARRAY<BIGINT>), CAST(s.cell - 1 AS INT))
  GROUP BY
    1
), a0_terms AS (
  SELECT
    spine.period,
    CASE
      WHEN COALESCE(a0_scan_0_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE a0_scan_0_0.s0
    END AS t0,
    COALESCE(a0_scan_0_0.s1, 0) AS r0,
    spine.owner
  FROM (
    SELECT
      z.z.`0` AS covered_0,
      z.z.`1` AS owner,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p7 AS ARRAY<BOOLEAN>), CAST(:p8 AS ARRAY<BIGINT>))) AS (pos, z)
    ) AS z
  ) AS spine
  LEFT JOIN a0_scan_0_0
    ON a0_scan_0_0.period = spine.period
), a0_days AS (
  SELECT
    owner,
    t0 AS value,
    r0 AS present
  FROM a0_terms
), a0_mean AS (
  SELECT
    owner AS period,
    CASE
      WHEN COUNT(*) = COUNT(value)
      THEN CAST(SUM(value * CAST(1 AS DECIMAL(1, 0))) AS DOUBLE) / NULLIF(CAST(COUNT(value) AS DOUBLE), 0)
    END AS m0,
    CAST(SUM(present) AS BIGINT) AS m0_rows
  FROM a0_days
  GROUP BY
    owner
), terms AS (
  SELECT
    spine.period,
    a0_mean.m0,
    a0_mean.m0_rows
  FROM (
    SELECT
      z.z.`0` AS owner,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p9 AS ARRAY<BIGINT>))) AS (pos, z)
    ) AS z
  ) AS spine
  LEFT JOIN a0_mean
    ON a0_mean.period = spine.period
)
SELECT
  period,
  m0 AS k0,
  m0 AS v0,
  COALESCE(m0_rows, 0) AS r0
FROM terms
ORDER BY
  period ASC NULLS LAST
LIMIT CAST(CAST(:p10 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p11 AS BIGINT) AS INT)
