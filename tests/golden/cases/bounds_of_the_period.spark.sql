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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p9 AS ARRAY<BIGINT>), CAST(:p10 AS ARRAY<BIGINT>))) AS (pos, z)
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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p11 AS ARRAY<BIGINT>))) AS (pos, z)
    ) AS z
  ) AS s
  JOIN cut_0 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), spans_0 AS (
  SELECT
    r.period,
    r.ends_at,
    r.ends_on,
    r.starts_at
  FROM (
    SELECT
      z.z.`0` AS ends_at,
      z.z.`1` AS ends_on,
      z.z.`2` AS starts_at,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(
          ARRAYS_ZIP(
            CAST(:p12 AS ARRAY<TIMESTAMP>),
            CAST(:p13 AS ARRAY<DATE>),
            CAST(:p14 AS ARRAY<TIMESTAMP>)
          )
        ) AS (pos, z)
    ) AS z
  ) AS r
), scan_0 AS (
  SELECT
    e.period,
    COUNT(*) FILTER(WHERE
      f.`delivered_at` < p.ends_at) AS s0,
    COUNT(*) FILTER(WHERE
      f.`promised_on` < p.ends_on) AS s1,
    COUNT(*) FILTER(WHERE
      f.`ordered_at` = p.starts_at) AS s2
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
  JOIN spans_0 AS p
    ON p.period = e.period
  WHERE
    f.`client_id` = CAST(:p1 AS STRING)
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
      WHEN COALESCE(scan_0.s2, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s2
    END AS t2,
    COALESCE(scan_0.s2, 0) AS r2
  FROM (
    SELECT
      z.z.`0` AS covered_0,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p6 AS ARRAY<BOOLEAN>))) AS (pos, z)
    ) AS z
  ) AS spine
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
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
LIMIT CAST(CAST(:p7 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p8 AS BIGINT) AS INT)
