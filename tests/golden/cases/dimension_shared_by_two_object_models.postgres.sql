WITH scan_0 AS (
  SELECT
    f.ae_group AS period,
    j2."region_id" AS d0,
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
  LEFT JOIN "facts"."customer" AS j1
    ON j1."client_id" = f."client_id" AND j1."customer_id" = f."customer_id"
  LEFT JOIN "facts"."region" AS j2
    ON j2."client_id" = f."client_id" AND j2."region_id" = j1."region_id"
  WHERE
    NOT j2."region_id" IS NULL
  GROUP BY
    1,
    2
), scan_1 AS (
  SELECT
    f.ae_group AS period,
    j1."region_id" AS d0,
    SUM(f."hours") AS s1,
    COUNT(*) AS s2,
    COUNT(f."hours") AS s3
  FROM (
    SELECT
      f.*,
      CAST(1 AS INT) AS ae_group
    FROM "facts"."shift" AS f
    WHERE
      f."client_id" = CAST($1 AS TEXT)
      AND f."worked_on" >= CAST($4 AS DATE)
      AND f."worked_on" < CAST($5 AS DATE)
    UNION ALL
    SELECT
      f.*,
      CAST(NULL AS INT) AS ae_group
    FROM "facts"."shift" AS f
    WHERE
      FALSE
  ) AS f
  LEFT JOIN "facts"."region" AS j1
    ON j1."client_id" = f."client_id" AND j1."region_id" = f."region_id"
  WHERE
    NOT j1."region_id" IS NULL
  GROUP BY
    1,
    2
), cells AS (
  SELECT
    period,
    d0,
    0 AS piece,
    s0 AS integer_0,
    CAST(NULL AS DECIMAL) AS decimal_0,
    CAST(NULL AS BIGINT) AS integer_1
  FROM scan_0
  UNION ALL
  SELECT
    period,
    d0,
    1 AS piece,
    s2 AS integer_0,
    s1 AS decimal_0,
    s3 AS integer_1
  FROM scan_1
), merged AS (
  SELECT
    period,
    d0,
    MAX(integer_0) FILTER(WHERE
      piece = 0) AS s0,
    MAX(decimal_0) FILTER(WHERE
      piece = 1) AS s1,
    MAX(integer_0) FILTER(WHERE
      piece = 1) AS s2,
    MAX(integer_1) FILTER(WHERE
      piece = 1) AS s3
  FROM cells
  GROUP BY
    period,
    d0
), terms AS (
  SELECT
    spine.period,
    merged.d0,
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
    COALESCE(merged.s2, 0) AS r1,
    COALESCE(merged.s3, 0) AS n1
  FROM UNNEST(CAST($6 AS BOOLEAN[]), CAST($7 AS BOOLEAN[])) WITH ORDINALITY AS spine(covered_0, covered_1, period)
  JOIN merged
    ON merged.period = spine.period
)
SELECT
  period,
  d0,
  t0 AS k0,
  t1 AS k1,
  CAST(t0 AS DECIMAL) / NULLIF(t1, 0) AS k2,
  t0 AS v0,
  r0,
  t1 AS v1,
  r1,
  n1
FROM terms
WHERE
  (
    r0 > 0 OR r1 > 0
  )
ORDER BY
  period ASC,
  d0 ASC
LIMIT CAST($8 AS BIGINT)
OFFSET CAST($9 AS BIGINT)
