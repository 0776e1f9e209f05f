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
    1
), scan_1 AS (
  SELECT
    p.period,
    SUM(
      CAST(f.`level` AS DOUBLE) * CAST((
        UNIX_MICROS(LEAST(COALESCE(f.ae_next, p.ends_at_held), p.ends_at_held)) - UNIX_MICROS(GREATEST(f.ae_since, p.starts_at))
      ) AS DOUBLE)
    ) AS s3,
    SUM(
      CAST((
        UNIX_MICROS(LEAST(COALESCE(f.ae_next, p.ends_at_held), p.ends_at_held)) - UNIX_MICROS(GREATEST(f.ae_since, p.starts_at))
      ) AS DOUBLE)
    ) FILTER(WHERE
      NOT f.`level` IS NULL) AS s4,
    COUNT(*) AS s5
  FROM (
    SELECT
      f.*,
      f.`read_at` AS ae_since,
      LEAD(f.`read_at`) OVER (ORDER BY f.`read_at` NULLS LAST, f.`tank_id` NULLS LAST, f.`read_at` NULLS LAST) AS ae_next
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
    1
), terms AS (
  SELECT
    spine.period,
    CAST(scan_0.s0 AS DOUBLE) / NULLIF(CAST(scan_0.s1 AS DOUBLE), 0) AS t0,
    COALESCE(scan_0.s2, 0) AS r0,
    CAST(scan_1.s3 AS DOUBLE) / NULLIF(CAST(scan_1.s4 AS DOUBLE), 0) AS t1,
    COALESCE(scan_1.s5, 0) AS r1
  FROM (
    SELECT
      z.z.`0` AS covered_0,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p2 AS ARRAY<BOOLEAN>))) AS (pos, z)
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
  t1 AS k1,
  t0 AS v0,
  r0,
  t1 AS v1,
  r1
FROM terms
ORDER BY
  period ASC NULLS LAST
LIMIT CAST(CAST(:p3 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p4 AS BIGINT) AS INT)
