WITH cut_0 AS (
  SELECT
    r.period,
    r.last_segment
  FROM (
    SELECT
      UNNEST(CAST($15 AS BIGINT[])) AS last_segment,
      GENERATE_SUBSCRIPTS(CAST($15 AS BIGINT[]), 1) AS period
  ) AS r
), cut_1 AS (
  SELECT
    r.period,
    r.first_segment,
    r.last_segment
  FROM (
    SELECT
      UNNEST(CAST($16 AS BIGINT[])) AS first_segment,
      UNNEST(CAST($17 AS BIGINT[])) AS last_segment,
      GENERATE_SUBSCRIPTS(CAST($16 AS BIGINT[]), 1) AS period
  ) AS r
), pairs_0 AS (
  SELECT
    c.period,
    s.segment
  FROM (
    SELECT
      UNNEST(CAST($18 AS BIGINT[])) AS segment,
      GENERATE_SUBSCRIPTS(CAST($18 AS BIGINT[]), 1) AS position
  ) AS s
  JOIN cut_0 AS c
    ON s.segment < c.last_segment
), pairs_1 AS (
  SELECT
    c.period,
    s.segment
  FROM (
    SELECT
      UNNEST(CAST($18 AS BIGINT[])) AS segment,
      GENERATE_SUBSCRIPTS(CAST($18 AS BIGINT[]), 1) AS position
  ) AS s
  JOIN cut_1 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), scan_0 AS (
  SELECT
    CASE
      WHEN EPOCH_US(f."moved_at") < CAST($5 AS BIGINT)
      THEN 0
      ELSE (
        (
          EPOCH_US(f."moved_at") - CAST($5 AS BIGINT)
        ) // CAST($6 AS BIGINT)
      ) + 1
    END * 5 + CASE
      WHEN EPOCH_US(f."moved_at") < CAST($1 AS BIGINT)
      THEN 0
      ELSE CASE WHEN EPOCH_US(f."moved_at") >= CAST($1 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN EPOCH_US(f."moved_at") >= CAST($2 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN EPOCH_US(f."moved_at") >= CAST($3 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN EPOCH_US(f."moved_at") >= CAST($4 AS BIGINT) THEN 1 ELSE 0 END
    END AS cell,
    f."account" AS d0,
    SUM(f."amount") AS a0,
    COUNT(*) AS a1,
    COUNT(*) AS a2,
    COUNT(f."amount") AS a3
  FROM "facts"."movement" AS f
  WHERE
    f."client_id" = CAST($7 AS TEXT) AND f."moved_at" < CAST($8 AS TIMESTAMPTZ)
  GROUP BY
    1,
    2
), scan_0_0 AS (
  SELECT
    e.period,
    s.d0,
    SUM(s.a0) AS s0,
    CAST(SUM(s.a1) AS BIGINT) AS s1,
    CAST(SUM(s.a2) AS BIGINT) AS s2,
    CAST(SUM(s.a3) AS BIGINT) AS s3
  FROM scan_0 AS s
  JOIN pairs_0 AS e
    ON e.segment = CASE
      WHEN (
        s.cell // 5
      ) < 1
      THEN 0
      WHEN (
        s.cell // 5
      ) > LEN(CAST($9 AS BIGINT[]))
      THEN CAST($10 AS BIGINT)
      ELSE LIST_EXTRACT((
        SELECT
          CAST($9 AS BIGINT[])
      ), s.cell // 5)
    END + s.cell % 5
  GROUP BY
    1,
    2
), scan_0_1 AS (
  SELECT
    e.period,
    s.d0,
    SUM(s.a0) AS s4,
    CAST(SUM(s.a1) AS BIGINT) AS s5,
    CAST(SUM(s.a3) AS BIGINT) AS s6
  FROM scan_0 AS s
  JOIN pairs_1 AS e
    ON e.segment = CASE
      WHEN (
        s.cell // 5
      ) < 1
      THEN 0
      WHEN (
        s.cell // 5
      ) > LEN(CAST($9 AS BIGINT[]))
      THEN CAST($10 AS BIGINT)
      ELSE LIST_EXTRACT((
        SELECT
          CAST($9 AS BIGINT[])
      ), s.cell // 5)
    END + s.cell % 5
  GROUP BY
    1,
    2
), cells AS (
  SELECT
    period,
    d0,
    0 AS piece,
    s0 AS decimal_0,
    s1 AS integer_0,
    s2 AS integer_1,
    s3 AS integer_2
  FROM scan_0_0
  UNION ALL
  SELECT
    period,
    d0,
    1 AS piece,
    s4 AS decimal_0,
    s5 AS integer_0,
    s6 AS integer_1,
    NULL AS integer_2
  FROM scan_0_1
), merged AS (
  SELECT
    period,
    d0,
    MAX(decimal_0) FILTER(WHERE
      piece = 0) AS s0,
    MAX(integer_0) FILTER(WHERE
      piece = 0) AS s1,
    MAX(integer_1) FILTER(WHERE
      piece = 0) AS s2,
    MAX(integer_2) FILTER(WHERE
      piece = 0) AS s3,
    MAX(decimal_0) FILTER(WHERE
      piece = 1) AS s4,
    MAX(integer_0) FILTER(WHERE
      piece = 1) AS s5,
    MAX(integer_1) FILTER(WHERE
      piece = 1) AS s6
  FROM cells
  GROUP BY
    period,
    d0
), terms AS (
  SELECT
    spine.period,
    merged.d0,
    CASE
      WHEN COALESCE(merged.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE merged.s0
    END AS t0,
    COALESCE(merged.s1, 0) AS r0,
    COALESCE(merged.s2, 0) AS p0,
    COALESCE(merged.s3, 0) AS n0,
    CASE
      WHEN COALESCE(merged.s5, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE merged.s4
    END AS t1,
    COALESCE(merged.s5, 0) AS r1,
    COALESCE(merged.s6, 0) AS n1
  FROM (
    SELECT
      UNNEST(CAST($11 AS BOOLEAN[])) AS covered_0,
      UNNEST(CAST($12 AS BOOLEAN[])) AS covered_1,
      GENERATE_SUBSCRIPTS(CAST($11 AS BOOLEAN[]), 1) AS period
  ) AS spine
  JOIN merged
    ON merged.period = spine.period
)
SELECT
  period,
  d0,
  t0 AS k0,
  t1 AS k1,
  t0 AS v0,
  r0,
  n0,
  t1 AS v1,
  r1,
  n1
FROM terms
WHERE
  (
    p0 > 0 OR r1 > 0
  )
ORDER BY
  period ASC,
  d0 ASC
LIMIT CAST($13 AS BIGINT)
OFFSET CAST($14 AS BIGINT)
