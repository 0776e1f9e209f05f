WITH spans_0 AS (
  SELECT
    r.period,
    r.starts_at,
    r.ends_at
  FROM (
    SELECT
      UNNEST(CAST($6 AS TIMESTAMPTZ[])) AS starts_at,
      UNNEST(CAST($7 AS TIMESTAMPTZ[])) AS ends_at,
      GENERATE_SUBSCRIPTS(CAST($6 AS TIMESTAMPTZ[]), 1) AS period
  ) AS r
), scan_0 AS (
  SELECT
    p.period,
    SUM(
      CAST(f."fee" * CAST(1 AS DECIMAL(1, 0)) * (
        EPOCH_US(LEAST(f."ended_at", p.ends_at)) - EPOCH_US(GREATEST(f."started_at", p.starts_at))
      ) AS DOUBLE) / NULLIF(CAST((
        EPOCH_US(f."ended_at") - EPOCH_US(f."started_at")
      ) AS DOUBLE), 0)
    ) AS s0,
    COUNT(*) AS s1
  FROM "facts"."subscription" AS f
  JOIN spans_0 AS p
    ON f."started_at" < p.ends_at
    AND (
      f."ended_at" IS NULL
      OR f."ended_at" > p.starts_at
      AND f."ended_at" > f."started_at"
    )
  WHERE
    f."client_id" = CAST($1 AS TEXT) AND f."customer_id" = CAST($2 AS TEXT)
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
      UNNEST(CAST($3 AS BOOLEAN[])) AS covered_0,
      GENERATE_SUBSCRIPTS(CAST($3 AS BOOLEAN[]), 1) AS period
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
  period ASC
LIMIT CAST($4 AS BIGINT)
OFFSET CAST($5 AS BIGINT)
