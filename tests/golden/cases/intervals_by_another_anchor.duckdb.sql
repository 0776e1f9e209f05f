WITH cut_0 AS (
  SELECT
    r.period,
    r.last_segment
  FROM (
    SELECT
      UNNEST(CAST($20 AS BIGINT[])) AS last_segment,
      GENERATE_SUBSCRIPTS(CAST($20 AS BIGINT[]), 1) AS period
  ) AS r
), cut_1 AS (
  SELECT
    r.period,
    r.first_segment,
    r.last_segment
  FROM (
    SELECT
      UNNEST(CAST($21 AS BIGINT[])) AS first_segment,
      UNNEST(CAST($22 AS BIGINT[])) AS last_segment,
      GENERATE_SUBSCRIPTS(CAST($21 AS BIGINT[]), 1) AS period
  ) AS r
), pairs_0 AS (
  SELECT
    c.period,
    s.segment
  FROM (
    SELECT
      UNNEST(CAST($23 AS BIGINT[])) AS segment,
      GENERATE_SUBSCRIPTS(CAST($23 AS BIGINT[]), 1) AS position
  ) AS s
  JOIN cut_0 AS c
    ON s.segment < c.last_segment
), pairs_1 AS (
  SELECT
    c.period,
    s.segment
  FROM (
    SELECT
      UNNEST(CAST($23 AS BIGINT[])) AS segment,
      GENERATE_SUBSCRIPTS(CAST($23 AS BIGINT[]), 1) AS position
  ) AS s
  JOIN cut_1 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), scan_0 AS (
  SELECT
    CASE
      WHEN EPOCH_US(f."ended_at") < CAST($5 AS BIGINT)
      THEN 0
      ELSE (
        (
          EPOCH_US(f."ended_at") - CAST($5 AS BIGINT)
        ) // CAST($6 AS BIGINT)
      ) + 1
    END * 5 + CASE
      WHEN EPOCH_US(f."ended_at") < CAST($1 AS BIGINT)
      THEN 0
      ELSE CASE WHEN EPOCH_US(f."ended_at") >= CAST($1 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN EPOCH_US(f."ended_at") >= CAST($2 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN EPOCH_US(f."ended_at") >= CAST($3 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN EPOCH_US(f."ended_at") >= CAST($4 AS BIGINT) THEN 1 ELSE 0 END
    END AS cell,
    COUNT(*) AS a0,
    COUNT(*) AS a1
  FROM "facts"."subscription" AS f
  WHERE
    f."client_id" = CAST($7 AS TEXT) AND f."ended_at" < CAST($8 AS TIMESTAMPTZ)
  GROUP BY
    1
), scan_0_0 AS (
  SELECT
    e.period,
    CAST(SUM(s.a0) AS BIGINT) AS s0,
    CAST(SUM(s.a1) AS BIGINT) AS s1
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
    1
), scan_0_1 AS (
  SELECT
    e.period,
    CAST(SUM(s.a0) AS BIGINT) AS s2
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
    1
), scan_1_fine AS (
  SELECT
    (
      (
        EPOCH_US(f."started_at") - CAST($11 AS BIGINT)
      ) // CAST($12 AS BIGINT)
    ) + 1 AS cell,
    COUNT(*) AS s3
  FROM "facts"."subscription" AS f
  WHERE
    f."client_id" = CAST($7 AS TEXT)
    AND f."started_at" >= CAST($13 AS TIMESTAMPTZ)
    AND f."started_at" < CAST($14 AS TIMESTAMPTZ)
  GROUP BY
    1
), scan_1 AS (
  SELECT
    LIST_EXTRACT((
      SELECT
        CAST($15 AS BIGINT[])
    ), cell) AS period,
    CAST(SUM(s3) AS BIGINT) AS s3
  FROM scan_1_fine
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period,
    CASE
      WHEN COALESCE(scan_0_0.s0, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0_0.s0
    END AS t0,
    COALESCE(scan_0_0.s0, 0) AS r0,
    COALESCE(scan_0_0.s1, 0) AS p0,
    CASE
      WHEN COALESCE(scan_0_1.s2, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_0_1.s2
    END AS t1,
    COALESCE(scan_0_1.s2, 0) AS r1,
    CASE
      WHEN COALESCE(scan_1.s3, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_1.s3
    END AS t2,
    COALESCE(scan_1.s3, 0) AS r2
  FROM (
    SELECT
      UNNEST(CAST($16 AS BOOLEAN[])) AS covered_0,
      UNNEST(CAST($17 AS BOOLEAN[])) AS covered_1,
      GENERATE_SUBSCRIPTS(CAST($16 AS BOOLEAN[]), 1) AS period
  ) AS spine
  LEFT JOIN scan_0_0
    ON scan_0_0.period = spine.period
  LEFT JOIN scan_0_1
    ON scan_0_1.period = spine.period
  LEFT JOIN scan_1
    ON scan_1.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t1 AS k1,
  t2 AS k2,
  t0 AS v0,
  r0,
  t1 AS v1,
  r1,
  t2 AS v2,
  r2
FROM terms
ORDER BY
  period ASC
LIMIT CAST($18 AS BIGINT)
OFFSET CAST($19 AS BIGINT)
