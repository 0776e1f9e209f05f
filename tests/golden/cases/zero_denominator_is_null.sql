WITH scan_0 AS (
  SELECT
    WIDTH_BUCKET(f."ordered_at", CAST($1 AS TIMESTAMPTZ[])) AS period,
    COUNT(*) AS s0
  FROM "facts"."order" AS f
  WHERE
    f."client_id" = CAST($2 AS TEXT)
    AND f."ordered_at" >= CAST($3 AS TIMESTAMPTZ)
    AND f."ordered_at" < CAST($4 AS TIMESTAMPTZ)
  GROUP BY
    1
), scan_1 AS (
  SELECT
    WIDTH_BUCKET(f."worked_on", CAST($5 AS DATE[])) AS period,
    SUM(f."hours") AS s1,
    COUNT(*) AS s2
  FROM "facts"."shift" AS f
  WHERE
    f."client_id" = CAST($2 AS TEXT)
    AND f."worked_on" >= CAST($6 AS DATE)
    AND f."worked_on" < CAST($7 AS DATE)
  GROUP BY
    1
), merged_cells AS (
  SELECT
    period,
    s0,
    CAST(NULL AS DECIMAL) AS s1,
    CAST(NULL AS BIGINT) AS s2
  FROM scan_0
  UNION ALL
  SELECT
    period,
    CAST(NULL AS BIGINT) AS s0,
    s1,
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
      WHEN COALESCE(merged.s0, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE merged.s0
    END AS t0,
    COALESCE(merged.s0, 0) AS r0,
    CASE
      WHEN COALESCE(merged.s2, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE merged.s1
    END AS t1,
    COALESCE(merged.s2, 0) AS r1
  FROM UNNEST(CAST($8 AS BOOLEAN[]), CAST($9 AS BOOLEAN[])) WITH ORDINALITY AS spine(covered_0, covered_1, period)
  LEFT JOIN merged
    ON merged.period = spine.period
)
SELECT
  period,
  CAST(t0 AS DECIMAL) / NULLIF(t1, 0) AS k0,
  t0 AS v0,
  r0,
  t1 AS v1,
  r1
FROM terms
ORDER BY
  period ASC
LIMIT CAST($10 AS BIGINT)
OFFSET CAST($11 AS BIGINT)
