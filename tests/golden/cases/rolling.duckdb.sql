WITH cut_0 AS (
  SELECT
    r.period,
    r.first_segment,
    r.last_segment
  FROM (
    SELECT
      UNNEST(CAST($13 AS BIGINT[])) AS first_segment,
      UNNEST(CAST($14 AS BIGINT[])) AS last_segment,
      GENERATE_SUBSCRIPTS(CAST($13 AS BIGINT[]), 1) AS period
  ) AS r
), pairs_0 AS (
  SELECT
    c.period,
    s.segment
  FROM (
    SELECT
      UNNEST(CAST($7 AS BIGINT[])) AS segment,
      GENERATE_SUBSCRIPTS(CAST($7 AS BIGINT[]), 1) AS position
  ) AS s
  JOIN cut_0 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), scan_0 AS (
  SELECT
    (
      (
        (
          f."sold_on" - CAST('1970-01-01' AS DATE)
        ) - CAST($1 AS BIGINT)
      ) // CAST($2 AS BIGINT)
    ) + 1 AS cell,
    SUM(f."amount") AS a0,
    COUNT(*) AS a1,
    COUNT(f."amount") AS a2
  FROM "facts"."sale" AS f
  WHERE
    f."client_id" = CAST($3 AS TEXT)
    AND f."sold_on" >= CAST($4 AS DATE)
    AND f."sold_on" < CAST($5 AS DATE)
  GROUP BY
    1
), scan_0_0 AS (
  SELECT
    e.period,
    SUM(s.a0) AS s0,
    CAST(SUM(s.a1) AS BIGINT) AS s1,
    CAST(SUM(s.a2) AS BIGINT) AS s2
  FROM scan_0 AS s
  JOIN pairs_0 AS e
    ON e.segment = LIST_EXTRACT((
      SELECT
        CAST($6 AS BIGINT[])
    ), s.cell)
  GROUP BY
    1
), scan_1 AS (
  SELECT
    LIST_EXTRACT(
      (
        SELECT
          CAST($6 AS BIGINT[])
      ),
      (
        (
          (
            f."sold_on" - CAST('1970-01-01' AS DATE)
          ) - CAST($1 AS BIGINT)
        ) // CAST($2 AS BIGINT)
      ) + 1
    ) AS segment,
    f."customer_id" AS value,
    COUNT(*) AS counted
  FROM "facts"."sale" AS f
  WHERE
    f."client_id" = CAST($3 AS TEXT)
    AND f."sold_on" >= CAST($4 AS DATE)
    AND f."sold_on" < CAST($5 AS DATE)
  GROUP BY
    1,
    2
), scan_1_held AS (
  SELECT
    s.enters,
    s.leaves,
    LEAD(s.enters) OVER (PARTITION BY k.value ORDER BY s.enters, k.segment) AS follows
  FROM scan_1 AS k
  JOIN (
    SELECT
      UNNEST(CAST($7 AS BIGINT[])) AS segment,
      UNNEST(CAST($8 AS BIGINT[])) AS enters,
      UNNEST(CAST($9 AS BIGINT[])) AS leaves,
      GENERATE_SUBSCRIPTS(CAST($7 AS BIGINT[]), 1) AS position
  ) AS s
    ON s.segment = k.segment
  WHERE
    NOT k.value IS NULL AND s.enters <= s.leaves
), scan_1_moves AS (
  SELECT
    enters AS "at",
    1 AS moved
  FROM scan_1_held
  WHERE
    enters <= CASE WHEN NOT follows IS NULL AND follows <= leaves THEN follows - 1 ELSE leaves END
  UNION ALL
  SELECT
    (
      CASE WHEN NOT follows IS NULL AND follows <= leaves THEN follows - 1 ELSE leaves END
    ) + 1 AS "at",
    -1 AS moved
  FROM scan_1_held
  WHERE
    enters <= CASE WHEN NOT follows IS NULL AND follows <= leaves THEN follows - 1 ELSE leaves END
), scan_1_sums AS (
  SELECT
    "at",
    SUM(moved) AS moved
  FROM scan_1_moves
  GROUP BY
    "at"
), scan_1_running AS (
  SELECT
    "at",
    SUM(moved) OVER (ORDER BY "at") AS present,
    LEAD("at") OVER (ORDER BY "at") AS until
  FROM scan_1_sums
), scan_1_cells AS (
  SELECT
    e.period,
    CAST(s.present AS BIGINT) AS s3
  FROM scan_1_running AS s
  JOIN cut_0 AS e
    ON e.period >= s."at" AND (
      s.until IS NULL OR e.period < s.until
    )
  WHERE
    s.present > 0
), scan_1_rows AS (
  SELECT
    e.period,
    CAST(SUM(s.counted) AS BIGINT) AS s4,
    CAST(SUM(s.valued) AS BIGINT) AS s5
  FROM (
    SELECT
      segment,
      SUM(counted) AS counted,
      SUM(CASE WHEN value IS NULL THEN 0 ELSE counted END) AS valued
    FROM scan_1
    GROUP BY
      segment
  ) AS s
  JOIN pairs_0 AS e
    ON e.segment = s.segment
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period,
    CASE
      WHEN COALESCE(scan_0_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0_0.s0
    END AS t0,
    COALESCE(scan_0_0.s1, 0) AS r0,
    COALESCE(scan_0_0.s2, 0) AS n0,
    CASE
      WHEN COALESCE(scan_1_rows.s4, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE COALESCE(scan_1_cells.s3, 0)
    END AS t1,
    COALESCE(scan_1_rows.s4, 0) AS r1,
    COALESCE(scan_1_rows.s5, 0) AS n1
  FROM (
    SELECT
      UNNEST(CAST($10 AS BOOLEAN[])) AS covered_0,
      GENERATE_SUBSCRIPTS(CAST($10 AS BOOLEAN[]), 1) AS period
  ) AS spine
  LEFT JOIN scan_0_0
    ON scan_0_0.period = spine.period
  LEFT JOIN scan_1_cells
    ON scan_1_cells.period = spine.period
  LEFT JOIN scan_1_rows
    ON scan_1_rows.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t1 AS k1,
  CAST(t0 AS DOUBLE) / NULLIF(CAST(t1 AS DOUBLE), 0) AS k2,
  t0 AS v0,
  r0,
  n0,
  t1 AS v1,
  r1,
  n1
FROM terms
ORDER BY
  period ASC
LIMIT CAST($11 AS BIGINT)
OFFSET CAST($12 AS BIGINT)
