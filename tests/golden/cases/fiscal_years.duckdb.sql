WITH scan_0_values_0 AS (
  SELECT
    r.value,
    BIT_OR(CAST(1 AS BIGINT) << r.bucket) AS bits
  FROM (
    SELECT
      LIST_EXTRACT(
        (
          SELECT
            CAST($2 AS BIGINT[])
        ),
        (
          (
            (
              f."sold_on" - CAST('1970-01-01' AS DATE)
            ) - CAST($3 AS BIGINT)
          ) // CAST($4 AS BIGINT)
        ) + 1
      ) AS bucket,
      f."customer_id" AS value
    FROM "facts"."sale" AS f
    WHERE
      f."client_id" = CAST($5 AS TEXT)
      AND f."sold_on" >= CAST($6 AS DATE)
      AND f."sold_on" < CAST($7 AS DATE)
      AND NOT (
        f."customer_id"
      ) IS NULL
  ) AS r
  GROUP BY
    1
), scan_0_values_0_count AS (
  SELECT
    e.period,
    CAST(COUNT(*) AS BIGINT) AS s1
  FROM scan_0_values_0 AS m
  JOIN (
    SELECT
      UNNEST(CAST($1 AS BIGINT[])) AS asked,
      GENERATE_SUBSCRIPTS(CAST($1 AS BIGINT[]), 1) AS period
  ) AS e
    ON (
      (
        m.bits >> CAST(e.period AS INT)
      ) & 1
    ) = 1
  GROUP BY
    1
), scan_0_fine AS (
  SELECT
    (
      (
        (
          f."sold_on" - CAST('1970-01-01' AS DATE)
        ) - CAST($3 AS BIGINT)
      ) // CAST($4 AS BIGINT)
    ) + 1 AS cell,
    SUM(f."amount") AS s0,
    COUNT(*) AS s2,
    COUNT(f."amount") AS s3,
    COUNT(f."customer_id") AS s4
  FROM "facts"."sale" AS f
  WHERE
    f."client_id" = CAST($5 AS TEXT)
    AND f."sold_on" >= CAST($6 AS DATE)
    AND f."sold_on" < CAST($7 AS DATE)
  GROUP BY
    1
), scan_0 AS (
  SELECT
    LIST_EXTRACT((
      SELECT
        CAST($2 AS BIGINT[])
    ), cell) AS period,
    SUM(s0) AS s0,
    CAST(SUM(s2) AS BIGINT) AS s2,
    CAST(SUM(s3) AS BIGINT) AS s3,
    CAST(SUM(s4) AS BIGINT) AS s4
  FROM scan_0_fine
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period,
    CASE
      WHEN COALESCE(scan_0.s2, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s2, 0) AS r0,
    COALESCE(scan_0.s3, 0) AS n0,
    CASE
      WHEN COALESCE(scan_0.s2, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE COALESCE(scan_0_values_0_count.s1, 0)
    END AS t1,
    COALESCE(scan_0.s2, 0) AS r1,
    COALESCE(scan_0.s4, 0) AS n1
  FROM (
    SELECT
      UNNEST(CAST($8 AS BOOLEAN[])) AS covered_0,
      GENERATE_SUBSCRIPTS(CAST($8 AS BOOLEAN[]), 1) AS period
  ) AS spine
  LEFT JOIN scan_0_values_0_count
    ON scan_0_values_0_count.period = spine.period
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t1 AS k1,
  t0 AS v0,
  r0,
  n0,
  t1 AS v1,
  r1,
  n1
FROM terms
ORDER BY
  period ASC
LIMIT CAST($9 AS BIGINT)
OFFSET CAST($10 AS BIGINT)
