WITH spans_0 AS (
  SELECT
    r.period,
    r.starts_at,
    r.ends_at_held
  FROM (
    SELECT
      z.z.`0` AS starts_at,
      z.z.`1` AS ends_at_held,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p5 AS ARRAY<TIMESTAMP>), CAST(:p6 AS ARRAY<TIMESTAMP>))) AS (pos, z)
    ) AS z
  ) AS r
), scan_0 AS (
  SELECT
    p.period,
    f.`tank_id` AS d0,
    SUM(
      CAST(f.`level` AS DOUBLE) * CAST((
        UNIX_MICROS(LEAST(COALESCE(f.ae_next, p.ends_at_held), p.ends_at_held)) - UNIX_MICROS(GREATEST(f.ae_since, p.starts_at))
      ) AS DOUBLE)
    ) AS s0,
    SUM(
      CAST((
        UNIX_MICROS(LEAST(COALESCE(f.ae_next, p.ends_at_held), p.ends_at_held)) - UNIX_MICROS(GREATEST(f.ae_since, p.starts_at))
      ) AS DOUBLE)
    ) FILTER(WHERE
      NOT f.`level` IS NULL) AS s1,
    COUNT(*) AS s2
  FROM (
    SELECT
      f.*,
      f.`read_at` AS ae_since,
      LEAD(f.`read_at`) OVER (
        PARTITION BY f.`tank_id`
        ORDER BY f.`read_at` NULLS LAST, f.`tank_id` NULLS LAST, f.`read_at` NULLS LAST
      ) AS ae_next
    FROM `facts`.`tank` AS f
    WHERE
      f.`client_id` = CAST(:p1 AS STRING)
  ) AS f
  JOIN spans_0 AS p
    ON f.ae_since < p.ends_at_held
    AND (
      f.ae_next IS NULL OR f.ae_next > p.starts_at AND f.ae_next > f.ae_since
    )
    AND p.starts_at < p.ends_at_held
  WHERE
    f.`client_id` = CAST(:p1 AS STRING)
  GROUP BY
    1,
    2
), terms AS (
  SELECT
    spine.period,
    scan_0.d0,
    CAST(scan_0.s0 AS DOUBLE) / NULLIF(CAST(scan_0.s1 AS DOUBLE), 0) AS t0,
    COALESCE(scan_0.s2, 0) AS r0
  FROM (
    SELECT
      z.z.`0` AS covered_0,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p2 AS ARRAY<BOOLEAN>))) AS (pos, z)
    ) AS z
  ) AS spine
  JOIN scan_0
    ON scan_0.period = spine.period
)
SELECT
  period,
  d0,
  t0 AS k0,
  t0 AS v0,
  r0
FROM terms
WHERE
  r0 > 0
ORDER BY
  period ASC NULLS LAST,
  d0 ASC NULLS LAST
LIMIT CAST(CAST(:p3 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p4 AS BIGINT) AS INT)
