WITH scan_0 AS (
  SELECT
    f.ae_group AS period,
    SUM(COALESCE(c0.value, 0)) AS s0,
    COUNT(*) AS s1
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
      f."line_id" AS k0,
      COUNT(*) AS value
    FROM "facts"."shipment" AS f
    LEFT JOIN "facts"."order_line" AS j1
      ON j1."client_id" = f."client_id" AND j1."line_id" = f."line_id"
    LEFT JOIN "facts"."order" AS j2
      ON j2."client_id" = f."client_id" AND j2."order_id" = j1."order_id"
    WHERE
      f."client_id" = CAST($2 AS TEXT) AND f."shipped_at" <= j2."delivered_at"
    GROUP BY
      1
  ) AS c0
    ON c0.k0 = f."line_id"
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
