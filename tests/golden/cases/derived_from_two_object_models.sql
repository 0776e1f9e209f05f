WITH scan_0 AS (
  SELECT
    WIDTH_BUCKET(f."booked_at", CAST($1 AS TIMESTAMPTZ[])) AS period,
    SUM((
      f."quantity" * f."unit_price"
    ) - f."discount") AS s0,
    COUNT(*) AS s1
  FROM "facts"."order_line" AS f
  LEFT JOIN "facts"."order" AS j1
    ON j1."client_id" = f."client_id" AND j1."order_id" = f."order_id"
  WHERE
    f."client_id" = CAST($2 AS TEXT)
    AND f."booked_at" >= CAST($3 AS TIMESTAMPTZ)
    AND f."booked_at" < CAST($4 AS TIMESTAMPTZ)
    AND NOT j1."cancelled"
  GROUP BY
    1
), scan_1 AS (
  SELECT
    WIDTH_BUCKET(f."ordered_at", CAST($1 AS TIMESTAMPTZ[])) AS period,
    COUNT(*) AS s2
  FROM "facts"."order" AS f
  WHERE
    f."client_id" = CAST($2 AS TEXT)
    AND f."ordered_at" >= CAST($3 AS TIMESTAMPTZ)
    AND f."ordered_at" < CAST($4 AS TIMESTAMPTZ)
    AND NOT f."cancelled"
  GROUP BY
    1
), merged_cells AS (
  SELECT
    period,
    s0,
    s1,
    CAST(NULL AS BIGINT) AS s2
  FROM scan_0
  UNION ALL
  SELECT
    period,
    CAST(NULL AS DECIMAL) AS s0,
    CAST(NULL AS BIGINT) AS s1,
    s2
  FROM scan_1
), merged AS (
  SELECT
    period,
    MAX(s0) AS s0,
    MAX(s1) AS s1,
    MAX(s2) AS s2
  FROM merged_cells
  GROUP BY
    period
), terms AS (
  SELECT
    spine.period,
    CASE
      WHEN COALESCE(merged.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE merged.s0
    END AS t0,
    COALESCE(merged.s1, 0) AS r0,
    CASE
      WHEN COALESCE(merged.s2, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE merged.s2
    END AS t1,
    COALESCE(merged.s2, 0) AS r1
  FROM UNNEST(CAST($5 AS BOOLEAN[]), CAST($6 AS BOOLEAN[])) WITH ORDINALITY AS spine(covered_0, covered_1, period)
  LEFT JOIN merged
    ON merged.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  CAST(t0 AS DECIMAL) / NULLIF(t1, 0) AS k1,
  t0 AS v0,
  r0,
  t1 AS v1,
  r1
FROM terms
ORDER BY
  period ASC
LIMIT CAST($7 AS BIGINT)
OFFSET CAST($8 AS BIGINT)
