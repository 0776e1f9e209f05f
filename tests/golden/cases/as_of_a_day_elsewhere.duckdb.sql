WITH scan_0 AS (
  SELECT
    CAST(1 AS INT) AS period,
    j1."tier" AS d0,
    COUNT(*) AS s0
  FROM "facts"."order" AS f
  LEFT JOIN (
    SELECT
      f.*,
      LEAD(f."since") OVER (PARTITION BY f."customer_id" ORDER BY f."since") AS ae_next
    FROM "facts"."customer_version" AS f
    WHERE
      f."client_id" = CAST($1 AS TEXT)
  ) AS j1
    ON j1."client_id" = f."client_id"
    AND j1."customer_id" = f."customer_id"
    AND j1."since" <= CAST(f."ordered_at" AT TIME ZONE CAST($4 AS TEXT) AS DATE)
    AND (
      j1."until" IS NULL
      OR CAST(f."ordered_at" AT TIME ZONE CAST($4 AS TEXT) AS DATE) < j1."until"
    )
    AND (
      j1.ae_next IS NULL
      OR CAST(f."ordered_at" AT TIME ZONE CAST($4 AS TEXT) AS DATE) < j1.ae_next
    )
  WHERE
    f."client_id" = CAST($1 AS TEXT)
    AND f."ordered_at" >= CAST($2 AS TIMESTAMPTZ)
    AND f."ordered_at" < CAST($3 AS TIMESTAMPTZ)
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
  FROM (
    SELECT
      UNNEST(CAST($5 AS BOOLEAN[])) AS covered_0,
      GENERATE_SUBSCRIPTS(CAST($5 AS BOOLEAN[]), 1) AS period
  ) AS spine
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
  period ASC,
  d0 ASC
LIMIT CAST($6 AS BIGINT)
OFFSET CAST($7 AS BIGINT)
