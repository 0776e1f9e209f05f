WITH spans_0 AS (
  SELECT
    r.period,
    r.starts_at,
    r.ends_at_held
  FROM (
    SELECT
      UNNEST(CAST($5 AS TIMESTAMPTZ[])) AS starts_at,
      UNNEST(CAST($6 AS TIMESTAMPTZ[])) AS ends_at_held,
      GENERATE_SUBSCRIPTS(CAST($5 AS TIMESTAMPTZ[]), 1) AS period
  ) AS r
), scan_0 AS (
  SELECT
    p.period,
    SUM(
      CAST(f."level" AS DOUBLE) * CAST((
        EPOCH_US(LEAST(COALESCE(f.ae_next, p.ends_at_held), p.ends_at_held)) - EPOCH_US(GREATEST(f.ae_since, p.starts_at))
      ) AS DOUBLE)
    ) AS s0,
    SUM(
      CAST((
        EPOCH_US(LEAST(COALESCE(f.ae_next, p.ends_at_held), p.ends_at_held)) - EPOCH_US(GREATEST(f.ae_since, p.starts_at))
      ) AS DOUBLE)
    ) FILTER(WHERE
      NOT f."level" IS NULL) AS s1,
    COUNT(*) AS s2
  FROM (
    SELECT
      f.*,
      f."read_at" AS ae_since,
      LEAD(f."read_at") OVER (PARTITION BY f."tank_id" ORDER BY f."read_at", f."tank_id", f."read_at") AS ae_next
    FROM "facts"."tank" AS f
    WHERE
      f."client_id" = CAST($1 AS TEXT)
  ) AS f
  JOIN spans_0 AS p
    ON f.ae_since < p.ends_at_held
    AND (
      f.ae_next IS NULL OR f.ae_next > p.starts_at AND f.ae_next > f.ae_since
    )
    AND p.starts_at < p.ends_at_held
  WHERE
    f."client_id" = CAST($1 AS TEXT)
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period,
    CAST(scan_0.s0 AS DOUBLE) / NULLIF(CAST(scan_0.s1 AS DOUBLE), 0) AS t0,
    COALESCE(scan_0.s2, 0) AS r0
  FROM (
    SELECT
      UNNEST(CAST($2 AS BOOLEAN[])) AS covered_0,
      GENERATE_SUBSCRIPTS(CAST($2 AS BOOLEAN[]), 1) AS period
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
LIMIT CAST($3 AS BIGINT)
OFFSET CAST($4 AS BIGINT)
