WITH spans_0 AS (
  SELECT
    r.period,
    r.starts_on,
    r.ends_on
  FROM (
    SELECT
      z.z.`0` AS starts_on,
      z.z.`1` AS ends_on,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p7 AS ARRAY<DATE>), CAST(:p8 AS ARRAY<DATE>))) AS (pos, z)
    ) AS z
  ) AS r
), spans_1 AS (
  SELECT
    r.period,
    r.starts_on,
    r.ends_on
  FROM (
    SELECT
      z.z.`0` AS starts_on,
      z.z.`1` AS ends_on,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p9 AS ARRAY<DATE>), CAST(:p10 AS ARRAY<DATE>))) AS (pos, z)
    ) AS z
  ) AS r
), spans_2 AS (
  SELECT
    r.period,
    r.starts_on,
    r.ends_on
  FROM (
    SELECT
      z.z.`0` AS starts_on,
      z.z.`1` AS ends_on,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p11 AS ARRAY<DATE>), CAST(:p12 AS ARRAY<DATE>))) AS (pos, z)
    ) AS z
  ) AS r
), scan_0 AS (
  SELECT
    p.period,
    SUM(
      (
        CAST(f.`amount` * CAST(1 AS DECIMAL(1, 0)) * DATEDIFF(LEAST(f.`ends_on`, p.ends_on), GREATEST(f.`starts_on`, p.starts_on)) AS DOUBLE) / NULLIF(CAST(DATEDIFF(f.`ends_on`, f.`starts_on`) AS DOUBLE), 0)
      ) * CAST(1 AS DECIMAL(1, 0))
    ) AS s0,
    COUNT(*) AS s1
  FROM `facts`.`quota` AS f
  JOIN spans_0 AS p
    ON f.`starts_on` < p.ends_on
    AND (
      f.`ends_on` IS NULL OR f.`ends_on` > p.starts_on AND f.`ends_on` > f.`starts_on`
    )
  WHERE
    f.`client_id` = CAST(:p1 AS STRING)
  GROUP BY
    1
), scan_1 AS (
  SELECT
    p.period,
    SUM(
      (
        CAST(f.`amount` * CAST(1 AS DECIMAL(1, 0)) * DATEDIFF(LEAST(f.`ends_on`, p.ends_on), GREATEST(f.`starts_on`, p.starts_on)) AS DOUBLE) / NULLIF(CAST(DATEDIFF(f.`ends_on`, f.`starts_on`) AS DOUBLE), 0)
      ) * CAST(1 AS DECIMAL(1, 0))
    ) AS s2,
    COUNT(*) AS s3
  FROM `facts`.`quota` AS f
  JOIN spans_1 AS p
    ON f.`starts_on` < p.ends_on
    AND (
      f.`ends_on` IS NULL OR f.`ends_on` > p.starts_on AND f.`ends_on` > f.`starts_on`
    )
  WHERE
    f.`client_id` = CAST(:p1 AS STRING)
  GROUP BY
    1
), scan_2 AS (
  SELECT
    p.period,
    SUM(
      (
        CAST(f.`amount` * CAST(1 AS DECIMAL(1, 0)) * DATEDIFF(LEAST(f.`ends_on`, p.ends_on), GREATEST(f.`starts_on`, p.starts_on)) AS DOUBLE) / NULLIF(CAST(DATEDIFF(f.`ends_on`, f.`starts_on`) AS DOUBLE), 0)
      ) * CAST(1 AS DECIMAL(1, 0))
    ) AS s4,
    COUNT(*) AS s5
  FROM `facts`.`quota` AS f
  JOIN spans_2 AS p
    ON f.`starts_on` < p.ends_on
    AND (
      f.`ends_on` IS NULL OR f.`ends_on` > p.starts_on AND f.`ends_on` > f.`starts_on`
    )
  WHERE
    f.`client_id` = CAST(:p1 AS STRING)
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
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_1.s2
    END AS t1,
    COALESCE(scan_1.s3, 0) AS r1,
    CASE
      WHEN COALESCE(scan_2.s5, 0) = 0
      THEN CASE WHEN spine.covered_2 THEN 0 END
      ELSE scan_2.s4
    END AS t2,
    COALESCE(scan_2.s5, 0) AS r2
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
            CAST(:p2 AS ARRAY<BOOLEAN>),
            CAST(:p3 AS ARRAY<BOOLEAN>),
            CAST(:p4 AS ARRAY<BOOLEAN>)
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
LIMIT CAST(CAST(:p5 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p6 AS BIGINT) AS INT)
