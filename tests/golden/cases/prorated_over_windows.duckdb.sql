WITH spans_0 AS (
  SELECT
    r.period,
    r.starts_on,
    r.ends_on
  FROM (
    SELECT
      UNNEST(CAST($7 AS DATE[])) AS starts_on,
      UNNEST(CAST($8 AS DATE[])) AS ends_on,
      GENERATE_SUBSCRIPTS(CAST($7 AS DATE[]), 1) AS period
  ) AS r
), spans_1 AS (
  SELECT
    r.period,
    r.starts_on,
    r.ends_on
  FROM (
    SELECT
      UNNEST(CAST($9 AS DATE[])) AS starts_on,
      UNNEST(CAST($10 AS DATE[])) AS ends_on,
      GENERATE_SUBSCRIPTS(CAST($9 AS DATE[]), 1) AS period
  ) AS r
), spans_2 AS (
  SELECT
    r.period,
    r.starts_on,
    r.ends_on
  FROM (
    SELECT
      UNNEST(CAST($11 AS DATE[])) AS starts_on,
      UNNEST(CAST($12 AS DATE[])) AS ends_on,
      GENERATE_SUBSCRIPTS(CAST($11 AS DATE[]), 1) AS period
  ) AS r
), scan_0 AS (
  SELECT
    p.period,
    SUM(
      CAST(f."amount" * CAST(1 AS DECIMAL(1, 0)) * (
        LEAST(f."ends_on", p.ends_on) - GREATEST(f."starts_on", p.starts_on)
      ) AS DOUBLE) / NULLIF(CAST((
        f."ends_on" - f."starts_on"
      ) AS DOUBLE), 0)
    ) AS s0,
    COUNT(*) AS s1
  FROM "facts"."quota" AS f
  JOIN spans_0 AS p
    ON f."starts_on" < p.ends_on
    AND (
      f."ends_on" IS NULL OR f."ends_on" > p.starts_on AND f."ends_on" > f."starts_on"
    )
  WHERE
    f."client_id" = CAST($1 AS TEXT)
  GROUP BY
    1
), scan_1 AS (
  SELECT
    p.period,
    SUM(
      CAST(f."amount" * CAST(1 AS DECIMAL(1, 0)) * (
        LEAST(f."ends_on", p.ends_on) - GREATEST(f."starts_on", p.starts_on)
      ) AS DOUBLE) / NULLIF(CAST((
        f."ends_on" - f."starts_on"
      ) AS DOUBLE), 0)
    ) AS s2,
    COUNT(*) AS s3
  FROM "facts"."quota" AS f
  JOIN spans_1 AS p
    ON f."starts_on" < p.ends_on
    AND (
      f."ends_on" IS NULL OR f."ends_on" > p.starts_on AND f."ends_on" > f."starts_on"
    )
  WHERE
    f."client_id" = CAST($1 AS TEXT)
  GROUP BY
    1
), scan_2 AS (
  SELECT
    p.period,
    SUM(
      CAST(f."amount" * CAST(1 AS DECIMAL(1, 0)) * (
        LEAST(f."ends_on", p.ends_on) - GREATEST(f."starts_on", p.starts_on)
      ) AS DOUBLE) / NULLIF(CAST((
        f."ends_on" - f."starts_on"
      ) AS DOUBLE), 0)
    ) AS s4,
    COUNT(*) AS s5
  FROM "facts"."quota" AS f
  JOIN spans_2 AS p
    ON f."starts_on" < p.ends_on
    AND (
      f."ends_on" IS NULL OR f."ends_on" > p.starts_on AND f."ends_on" > f."starts_on"
    )
  WHERE
    f."client_id" = CAST($1 AS TEXT)
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
      UNNEST(CAST($2 AS BOOLEAN[])) AS covered_0,
      UNNEST(CAST($3 AS BOOLEAN[])) AS covered_1,
      UNNEST(CAST($4 AS BOOLEAN[])) AS covered_2,
      GENERATE_SUBSCRIPTS(CAST($2 AS BOOLEAN[]), 1) AS period
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
  period ASC
LIMIT CAST($5 AS BIGINT)
OFFSET CAST($6 AS BIGINT)
