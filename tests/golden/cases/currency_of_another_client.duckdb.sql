WITH scan_0_fine AS (
  SELECT
    (
      (
        (
          f."issued_on" - CAST('1970-01-01' AS DATE)
        ) - CAST($1 AS BIGINT)
      ) // CAST($2 AS BIGINT)
    ) + 1 AS cell,
    SUM(f."amount" * CASE WHEN f."currency" = CAST($6 AS TEXT) THEN 1 ELSE x0."rate" END) AS s0,
    COUNT(*) AS s1,
    COUNT(f."amount" * CASE WHEN f."currency" = CAST($6 AS TEXT) THEN 1 ELSE x0."rate" END) AS s2
  FROM "facts"."invoice" AS f
  LEFT JOIN (
    SELECT
      f.*,
      LEAD(f."quoted_on") OVER (PARTITION BY f."from_currency" ORDER BY f."quoted_on") AS ae_next
    FROM "facts"."fx_rate" AS f
    WHERE
      f."client_id" = CAST($3 AS TEXT) AND f."to_currency" = CAST($6 AS TEXT)
  ) AS x0
    ON x0."from_currency" = f."currency"
    AND x0."quoted_on" <= f."issued_on"
    AND (
      x0.ae_next IS NULL OR f."issued_on" < x0.ae_next
    )
    AND x0."quoted_on" + 7 >= f."issued_on"
  WHERE
    f."client_id" = CAST($3 AS TEXT)
    AND f."issued_on" >= CAST($4 AS DATE)
    AND f."issued_on" < CAST($5 AS DATE)
  GROUP BY
    1
), scan_0 AS (
  SELECT
    LIST_EXTRACT((
      SELECT
        CAST($7 AS BIGINT[])
    ), cell) AS period,
    SUM(s0) AS s0,
    CAST(SUM(s1) AS BIGINT) AS s1,
    CAST(SUM(s2) AS BIGINT) AS s2
  FROM scan_0_fine
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
  FROM (
    SELECT
      UNNEST(CAST($8 AS BOOLEAN[])) AS covered_0,
      GENERATE_SUBSCRIPTS(CAST($8 AS BOOLEAN[]), 1) AS period
  ) AS spine
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
LIMIT CAST($9 AS BIGINT)
OFFSET CAST($10 AS BIGINT)
