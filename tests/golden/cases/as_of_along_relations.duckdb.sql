WITH scan_0 AS (
  SELECT
    CAST(1 AS INT) AS period,
    j2."tier" AS d0,
    SUM(f."quantity") AS s0,
    COUNT(*) AS s1,
    COUNT(f."quantity") AS s2
  FROM "facts"."order_line" AS f
  LEFT JOIN "facts"."order" AS j1
    ON j1."client_id" = f."client_id" AND j1."order_id" = f."order_id"
  LEFT JOIN (
    SELECT
      f.*,
      LEAD(f."since") OVER (PARTITION BY f."customer_id" ORDER BY f."since") AS ae_next
    FROM "facts"."customer_version" AS f
    WHERE
      f."client_id" = CAST($1 AS TEXT)
  ) AS j2
    ON j2."client_id" = f."client_id"
    AND j2."customer_id" = j1."customer_id"
    AND j2."since" <= CAST(j1."ordered_at" AT TIME ZONE CAST($4 AS TEXT) AS DATE)
    AND (
      j2."until" IS NULL
      OR CAST(j1."ordered_at" AT TIME ZONE CAST($4 AS TEXT) AS DATE) < j2."until"
    )
    AND (
      j2.ae_next IS NULL
      OR CAST(j1."ordered_at" AT TIME ZONE CAST($4 AS TEXT) AS DATE) < j2.ae_next
    )
  WHERE
    f."client_id" = CAST($1 AS TEXT)
    AND f."booked_at" >= CAST($2 AS TIMESTAMPTZ)
    AND f."booked_at" < CAST($3 AS TIMESTAMPTZ)
  GROUP BY
    1,
    2
), terms AS (
  SELECT
    spine.period,
    scan_0.d0,
    CASE
      WHEN COALESCE(scan_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s1, 0) AS r0,
    COALESCE(scan_0.s2, 0) AS n0
  FROM (
    SELECT
      UNNEST(CAST($5 AS BOOLEAN[])) AS covered_0,
      GENERATE_SUBSCRIPTS(CAST($5 AS BOOLEAN[]), 1) AS period
  ) AS spine
  JOIN scan_0
    ON scan_0.period = spine.period
), repeated_order AS (
  SELECT
    k.times
  FROM (
    SELECT
      COUNT(*) AS times
    FROM "facts"."order" AS f
    WHERE
      f."client_id" = CAST($1 AS TEXT)
    GROUP BY
      f."order_id"
  ) AS k
  WHERE
    k.times > 1
)
SELECT
  period,
  d0,
  t0 AS k0,
  t0 AS v0,
  r0,
  n0,
  (
    SELECT
      COUNT(*)
    FROM repeated_order
  ) AS repeated_order
FROM terms
WHERE
  r0 > 0
ORDER BY
  period ASC,
  d0 ASC
LIMIT CAST($6 AS BIGINT)
OFFSET CAST($7 AS BIGINT)
