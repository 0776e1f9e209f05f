WITH cut_0 AS (
  SELECT
    r.period,
    r.first_segment,
    r.last_segment
  FROM (
    SELECT
      UNNEST(CAST($12 AS BIGINT[])) AS first_segment,
      UNNEST(CAST($13 AS BIGINT[])) AS last_segment,
      GENERATE_SUBSCRIPTS(CAST($12 AS BIGINT[]), 1) AS period
  ) AS r
), pairs_0 AS (
  SELECT
    c.period,
    s.segment
  FROM (
    SELECT
      UNNEST(CAST($14 AS BIGINT[])) AS segment,
      GENERATE_SUBSCRIPTS(CAST($14 AS BIGINT[]), 1) AS position
  ) AS s
  JOIN cut_0 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), a0_scan_0 AS (
  SELECT
    (
      (
        (
          f."sold_on" - CAST('1970-01-01' AS DATE)
        ) - CAST($1 AS BIGINT)
      ) // CAST($2 AS BIGINT)
    ) + 1 AS cell,
    SUM(f."amount") AS a0,
    COUNT(*) AS a1
  FROM "facts"."sale" AS f
  WHERE
    f."client_id" = CAST($3 AS TEXT)
    AND f."sold_on" >= CAST($4 AS DATE)
    AND f."sold_on" < CAST($5 AS DATE)
  GROUP BY
    1
), a0_scan_0_0 AS (
  SELECT
    e.period,
    SUM(s.a0) AS s0,
    CAST(SUM(s.a1) AS BIGINT) AS s1
  FROM a0_scan_0 AS s
  JOIN pairs_0 AS e
    ON e.segment = LIST_EXTRACT((
      SELECT
        CAST($6 AS BIGINT[])
    ), s.cell)
  GROUP BY
    1
), a0_terms AS (
  SELECT
    spine.period,
    CASE
      WHEN COALESCE(a0_scan_0_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE a0_scan_0_0.s0
    END AS t0,
    COALESCE(a0_scan_0_0.s1, 0) AS r0,
    spine.owner
  FROM (
    SELECT
      UNNEST(CAST($7 AS BOOLEAN[])) AS covered_0,
      UNNEST(CAST($8 AS BIGINT[])) AS owner,
      GENERATE_SUBSCRIPTS(CAST($7 AS BOOLEAN[]), 1) AS period
  ) AS spine
  LEFT JOIN a0_scan_0_0
    ON a0_scan_0_0.period = spine.period
), a0_days AS (
  SELECT
    owner,
    t0 AS value,
    r0 AS present
  FROM a0_terms
), a0_mean AS (
  SELECT
    owner AS period,
    CASE
      WHEN COUNT(*) = COUNT(value)
      THEN CAST(SUM(value) AS DOUBLE) / NULLIF(CAST(COUNT(value) AS DOUBLE), 0)
    END AS m0,
    CAST(SUM(present) AS BIGINT) AS m0_rows
  FROM a0_days
  GROUP BY
    owner
), terms AS (
  SELECT
    spine.period,
    a0_mean.m0,
    a0_mean.m0_rows
  FROM (
    SELECT
      UNNEST(CAST($9 AS BIGINT[])) AS owner,
      GENERATE_SUBSCRIPTS(CAST($9 AS BIGINT[]), 1) AS period
  ) AS spine
  LEFT JOIN a0_mean
    ON a0_mean.period = spine.period
)
SELECT
  period,
  m0 AS k0,
  m0 AS v0,
  COALESCE(m0_rows, 0) AS r0
FROM terms
ORDER BY
  period ASC
LIMIT CAST($10 AS BIGINT)
OFFSET CAST($11 AS BIGINT)
