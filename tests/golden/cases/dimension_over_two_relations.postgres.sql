WITH scan_0 AS (
  SELECT
    f.ae_group AS period,
    j2."region_id" AS d0,
    COUNT(*) AS s0,
    COUNT(*) FILTER(WHERE
      f."cancelled") AS s1
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
  LEFT JOIN "facts"."customer" AS j1
    ON j1."client_id" = f."client_id" AND j1."customer_id" = f."customer_id"
  LEFT JOIN "facts"."region" AS j2
    ON j2."client_id" = f."client_id" AND j2."region_id" = j1."region_id"
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
    COALESCE(scan_0.s0, 0) AS r0,
    CASE
      WHEN COALESCE(scan_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s1
    END AS t1,
    COALESCE(scan_0.s1, 0) AS r1
  FROM UNNEST(CAST($4 AS BOOLEAN[])) WITH ORDINALITY AS spine(covered_0, period)
  JOIN scan_0
    ON scan_0.period = spine.period
)
SELECT
  period,
  d0,
  t0 AS k0,
  t1 AS k1,
  t0 AS v0,
  r0,
  t1 AS v1,
  r1
FROM terms
WHERE
  (
    r0 > 0 OR r1 > 0
  )
ORDER BY
  period ASC,
  d0 ASC
LIMIT CAST($5 AS BIGINT)
OFFSET CAST($6 AS BIGINT)
