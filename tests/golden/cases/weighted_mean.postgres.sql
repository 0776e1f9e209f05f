WITH scan_0 AS (
  SELECT
    f.ae_group AS period,
    SUM(f."unit_price" * f."quantity") AS s0,
    SUM(CASE WHEN NOT f."unit_price" IS NULL THEN f."quantity" END) AS s1,
    COUNT(*) AS s2,
    COUNT(CASE WHEN NOT f."quantity" IS NULL THEN f."unit_price" END) AS s3
  FROM (
    SELECT
      f.*,
      WIDTH_BUCKET(f."booked_at", CAST($1 AS TIMESTAMPTZ[])) AS ae_group
    FROM "facts"."order_line" AS f
    WHERE
      f."client_id" = CAST($2 AS TEXT)
      AND f."booked_at" >= CAST($3 AS TIMESTAMPTZ)
      AND f."booked_at" < CAST($4 AS TIMESTAMPTZ)
    UNION ALL
    SELECT
      f.*,
      CAST(NULL AS INT) AS ae_group
    FROM "facts"."order_line" AS f
    WHERE
      FALSE
  ) AS f
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period,
    CAST(scan_0.s0 AS DECIMAL) / NULLIF(scan_0.s1, 0) AS t0,
    COALESCE(scan_0.s2, 0) AS r0,
    COALESCE(scan_0.s3, 0) AS n0
  FROM UNNEST(CAST($5 AS BOOLEAN[])) WITH ORDINALITY AS spine(covered_0, period)
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t0 AS v0,
  r0,
  n0
FROM terms
ORDER BY
  period ASC
LIMIT CAST($6 AS BIGINT)
OFFSET CAST($7 AS BIGINT)
