WITH spans_0 AS (
  SELECT
    r.period,
    r.starts_at,
    r.ends_at
  FROM (
    SELECT
      z.z.`0` AS starts_at,
      z.z.`1` AS ends_at,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p6 AS ARRAY<TIMESTAMP>), CAST(:p7 AS ARRAY<TIMESTAMP>))) AS (pos, z)
    ) AS z
  ) AS r
), scan_0 AS (
  SELECT
    p.period,
    SUM(
      (
        CAST(f.`fee` * CAST(1 AS DECIMAL(1, 0)) * (
          UNIX_MICROS(LEAST(f.`ended_at`, p.ends_at)) - UNIX_MICROS(GREATEST(f.`started_at`, p.starts_at))
        ) AS DOUBLE) / NULLIF(CAST((
          UNIX_MICROS(f.`ended_at`) - UNIX_MICROS(f.`started_at`)
        ) AS DOUBLE), 0)
      ) * CAST(1 AS DECIMAL(1, 0))
    ) AS s0,
    COUNT(*) AS s1
  FROM `facts`.`subscription` AS f
  JOIN spans_0 AS p
    ON f.`started_at` < p.ends_at
    AND (
      f.`ended_at` IS NULL
      OR f.`ended_at` > p.starts_at
      AND f.`ended_at` > f.`started_at`
    )
  WHERE
    f.`client_id` = CAST(:p1 AS STRING) AND f.`customer_id` = CAST(:p2 AS STRING)
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
    COALESCE(scan_0.s1, 0) AS r0
  FROM (
    SELECT
      z.z.`0` AS covered_0,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p3 AS ARRAY<BOOLEAN>))) AS (pos, z)
    ) AS z
  ) AS spine
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t0 AS v0,
  r0
FROM terms
ORDER BY
  period ASC NULLS LAST
LIMIT CAST(CAST(:p4 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p5 AS BIGINT) AS INT)
