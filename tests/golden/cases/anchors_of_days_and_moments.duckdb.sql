WITH scan_0_fine AS (
  SELECT
    CASE
      WHEN EPOCH_US(f."ordered_at") < CAST($1 AS BIGINT)
      THEN 0
      ELSE (
        (
          EPOCH_US(f."ordered_at") - CAST($1 AS BIGINT)
        ) // CAST($2 AS BIGINT)
      ) + 1
    END AS cell,
    COUNT(*) AS s0
  FROM "facts"."order" AS f
  WHERE
    f."client_id" = CAST($3 AS TEXT)
    AND f."ordered_at" >= CAST($4 AS TIMESTAMPTZ)
    AND f."ordered_at" < CAST($5 AS TIMESTAMPTZ)
  GROUP BY
    1
), scan_0 AS (
  SELECT
    CASE
      WHEN cell < 1
      THEN 0
      WHEN cell > LEN(CAST($6 AS BIGINT[]))
      THEN CAST($7 AS BIGINT)
      ELSE LIST_EXTRACT((
        SELECT
          CAST($6 AS BIGINT[])
      ), cell)
    END AS period,
    CAST(SUM(s0) AS BIGINT) AS s0
  FROM scan_0_fine
  GROUP BY
    1
), scan_1_fine AS (
  SELECT
    CASE
      WHEN (
        f."promised_on" - CAST('1970-01-01' AS DATE)
      ) < CAST($8 AS BIGINT)
      THEN 0
      ELSE (
        (
          (
            f."promised_on" - CAST('1970-01-01' AS DATE)
          ) - CAST($8 AS BIGINT)
        ) // CAST($9 AS BIGINT)
      ) + 1
    END AS cell,
    COUNT(*) AS s1
  FROM "facts"."order" AS f
  WHERE
    f."client_id" = CAST($3 AS TEXT)
    AND f."promised_on" >= CAST($10 AS DATE)
    AND f."promised_on" < CAST($11 AS DATE)
  GROUP BY
    1
), scan_1 AS (
  SELECT
    CASE
      WHEN cell < 1
      THEN 0
      WHEN cell > LEN(CAST($12 AS BIGINT[]))
      THEN CAST($13 AS BIGINT)
      ELSE LIST_EXTRACT((
        SELECT
          CAST($12 AS BIGINT[])
      ), cell)
    END AS period,
    CAST(SUM(s1) AS BIGINT) AS s1
  FROM scan_1_fine
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period,
    CASE
      WHEN COALESCE(scan_0.s0, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s0, 0) AS r0,
    CASE
      WHEN COALESCE(scan_1.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_1.s1
    END AS t1,
    COALESCE(scan_1.s1, 0) AS r1
  FROM (
    SELECT
      UNNEST(CAST($14 AS BOOLEAN[])) AS covered_0,
      GENERATE_SUBSCRIPTS(CAST($14 AS BOOLEAN[]), 1) AS period
  ) AS spine
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
  LEFT JOIN scan_1
    ON scan_1.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t1 AS k1,
  t0 AS v0,
  r0,
  t1 AS v1,
  r1
FROM terms
ORDER BY
  period ASC
LIMIT CAST($15 AS BIGINT)
OFFSET CAST($16 AS BIGINT)
