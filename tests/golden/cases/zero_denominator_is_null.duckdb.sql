WITH scan_0_fine AS (
  SELECT
    CASE
      WHEN EPOCH_US(f."ordered_at") < CAST($3 AS BIGINT)
      THEN 0
      ELSE (
        (
          EPOCH_US(f."ordered_at") - CAST($3 AS BIGINT)
        ) // CAST($4 AS BIGINT)
      ) + 1
    END * 3 + (
      CASE WHEN EPOCH_US(f."ordered_at") >= CAST($1 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN EPOCH_US(f."ordered_at") >= CAST($2 AS BIGINT) THEN 1 ELSE 0 END
    ) AS cell,
    COUNT(*) AS s0
  FROM "facts"."order" AS f
  WHERE
    f."client_id" = CAST($5 AS TEXT)
    AND f."ordered_at" >= CAST($6 AS TIMESTAMPTZ)
    AND f."ordered_at" < CAST($7 AS TIMESTAMPTZ)
  GROUP BY
    1
), scan_0 AS (
  SELECT
    CASE
      WHEN (
        cell // 3
      ) < 1
      THEN 0
      WHEN (
        cell // 3
      ) > LEN(CAST($8 AS BIGINT[]))
      THEN CAST($9 AS BIGINT)
      ELSE LIST_EXTRACT((
        SELECT
          CAST($8 AS BIGINT[])
      ), cell // 3)
    END + cell % 3 AS period,
    CAST(SUM(s0) AS BIGINT) AS s0
  FROM scan_0_fine
  GROUP BY
    1
), scan_1_fine AS (
  SELECT
    CASE
      WHEN (
        f."worked_on" - CAST('1970-01-01' AS DATE)
      ) < CAST($10 AS BIGINT)
      THEN 0
      ELSE (
        (
          (
            f."worked_on" - CAST('1970-01-01' AS DATE)
          ) - CAST($10 AS BIGINT)
        ) // CAST($11 AS BIGINT)
      ) + 1
    END AS cell,
    SUM(f."hours") AS s1,
    COUNT(*) AS s2,
    COUNT(f."hours") AS s3
  FROM "facts"."shift" AS f
  WHERE
    f."client_id" = CAST($5 AS TEXT)
    AND f."worked_on" >= CAST($12 AS DATE)
    AND f."worked_on" < CAST($13 AS DATE)
  GROUP BY
    1
), scan_1 AS (
  SELECT
    CASE
      WHEN cell < 1
      THEN 0
      WHEN cell > LEN(CAST($14 AS BIGINT[]))
      THEN CAST($15 AS BIGINT)
      ELSE LIST_EXTRACT((
        SELECT
          CAST($14 AS BIGINT[])
      ), cell)
    END AS period,
    SUM(s1) AS s1,
    CAST(SUM(s2) AS BIGINT) AS s2,
    CAST(SUM(s3) AS BIGINT) AS s3
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
      WHEN COALESCE(scan_1.s2, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_1.s1
    END AS t1,
    COALESCE(scan_1.s2, 0) AS r1,
    COALESCE(scan_1.s3, 0) AS n1
  FROM (
    SELECT
      UNNEST(CAST($16 AS BOOLEAN[])) AS covered_0,
      UNNEST(CAST($17 AS BOOLEAN[])) AS covered_1,
      GENERATE_SUBSCRIPTS(CAST($16 AS BOOLEAN[]), 1) AS period
  ) AS spine
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
  LEFT JOIN scan_1
    ON scan_1.period = spine.period
)
SELECT
  period,
  CAST(t0 AS DOUBLE) / NULLIF(CAST(t1 AS DOUBLE), 0) AS k0,
  t0 AS v0,
  r0,
  t1 AS v1,
  r1,
  n1
FROM terms
ORDER BY
  period ASC
LIMIT CAST($18 AS BIGINT)
OFFSET CAST($19 AS BIGINT)
