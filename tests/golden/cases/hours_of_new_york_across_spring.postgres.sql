WITH scan_0 AS (
  SELECT
    f.ae_group AS period,
    COUNT(*) AS s0
  FROM (
    SELECT
      f.*,
      WIDTH_BUCKET(f."ordered_at", CAST($1 AS TIMESTAMPTZ[])) AS ae_group
    FROM "facts"."order" AS f
    WHERE
      f."client_id" = CAST($2 AS TEXT)
      AND f."ordered_at" >= CAST($3 AS TIMESTAMPTZ)
      AND f."ordered_at" < CAST($4 AS TIMESTAMPTZ)
    UNION ALL
    SELECT
      f.*,
      CAST(NULL AS INT) AS ae_group
    FROM "facts"."order" AS f
    WHERE
      FALSE
  ) AS f
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period,
    CASE
      WHEN COALESCE(scan_0.s0, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s0, 0) AS r0
  FROM UNNEST(CAST($5 AS BOOLEAN[])) WITH ORDINALITY AS spine(covered_0, period)
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
LIMIT CAST($6 AS BIGINT)
OFFSET CAST($7 AS BIGINT)
