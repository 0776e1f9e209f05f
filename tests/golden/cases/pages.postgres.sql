WITH scan_0 AS (
  SELECT
    f.ae_group AS period,
    f."customer_id" AS d0,
    COUNT(*) AS s0
  FROM (
    SELECT
      f.*,
      CAST(1 AS INT) AS ae_group
    FROM "facts"."order" AS f
    WHERE
      f."client_id" = CAST($1 AS TEXT)
      AND f."ordered_at" >= CAST($2 AS TIMESTAMPTZ)
      AND f."ordered_at" < CAST($3 AS TIMESTAMPTZ)
    UNION ALL
    SELECT
      f.*,
      CAST(NULL AS INT) AS ae_group
    FROM "facts"."order" AS f
    WHERE
      FALSE
  ) AS f
  GROUP BY
    1,
    2
), terms AS (
  SELECT
    spine.period,
    scan_0.d0,
    CASE
      WHEN COALESCE(scan_0.s0, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s0, 0) AS r0
  FROM UNNEST(CAST($4 AS BOOLEAN[])) WITH ORDINALITY AS spine(covered_0, period)
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
  d0 ASC,
  period ASC
LIMIT CAST($5 AS BIGINT)
OFFSET CAST($6 AS BIGINT)
