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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p5 AS ARRAY<DATE>), CAST(:p6 AS ARRAY<DATE>))) AS (pos, z)
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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p2 AS ARRAY<BOOLEAN>))) AS (pos, z)
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
LIMIT CAST(CAST(:p3 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p4 AS BIGINT) AS INT)
