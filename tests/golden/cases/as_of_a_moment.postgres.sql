WITH scan_0 AS (
  SELECT
    f.ae_group AS period,
    SUM(f."quantity" * j1."amount") AS s0,
    COUNT(*) AS s1,
    COUNT(f."quantity" * j1."amount") AS s2
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
  LEFT JOIN (
    SELECT
      f.*,
      LEAD(f."from_at") OVER (PARTITION BY f."product_id" ORDER BY f."from_at") AS ae_next
    FROM "facts"."price" AS f
    WHERE
      f."client_id" = CAST($2 AS TEXT)
  ) AS j1
    ON j1."client_id" = f."client_id"
    AND j1."product_id" = f."product_id"
    AND j1."from_at" <= f."booked_at"
    AND (
      j1."to_at" IS NULL OR f."booked_at" < j1."to_at"
    )
    AND (
      j1.ae_next IS NULL OR f."booked_at" < j1.ae_next
    )
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
    COALESCE(scan_0.s2, 0) AS n0
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
