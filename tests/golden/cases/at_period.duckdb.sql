WITH cut_0 AS (
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
), cut_1 AS (
  SELECT
    r.period,
    r.first_segment,
    r.last_segment
  FROM (
    SELECT
      UNNEST(CAST($23 AS BIGINT[])) AS first_segment,
      UNNEST(CAST($24 AS BIGINT[])) AS last_segment,
      GENERATE_SUBSCRIPTS(CAST($23 AS BIGINT[]), 1) AS period
  ) AS r
), cut_2 AS (
  SELECT
    r.period,
    r.first_segment,
    r.last_segment
  FROM (
    SELECT
      UNNEST(CAST($25 AS BIGINT[])) AS first_segment,
      UNNEST(CAST($26 AS BIGINT[])) AS last_segment,
      GENERATE_SUBSCRIPTS(CAST($25 AS BIGINT[]), 1) AS period
  ) AS r
), cut_3 AS (
  SELECT
    r.period,
    r.last_segment
  FROM (
    SELECT
      UNNEST(CAST($27 AS BIGINT[])) AS last_segment,
      GENERATE_SUBSCRIPTS(CAST($27 AS BIGINT[]), 1) AS period
  ) AS r
), pairs_0 AS (
  SELECT
    c.period,
    s.segment
  FROM (
    SELECT
      UNNEST(CAST($28 AS BIGINT[])) AS segment,
      GENERATE_SUBSCRIPTS(CAST($28 AS BIGINT[]), 1) AS position
  ) AS s
  JOIN cut_0 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), pairs_1 AS (
  SELECT
    c.period,
    s.segment
  FROM (
    SELECT
      UNNEST(CAST($28 AS BIGINT[])) AS segment,
      GENERATE_SUBSCRIPTS(CAST($28 AS BIGINT[]), 1) AS position
  ) AS s
  JOIN cut_1 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), pairs_2 AS (
  SELECT
    c.period,
    s.segment
  FROM (
    SELECT
      UNNEST(CAST($28 AS BIGINT[])) AS segment,
      GENERATE_SUBSCRIPTS(CAST($28 AS BIGINT[]), 1) AS position
  ) AS s
  JOIN cut_2 AS c
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
), scan_0_1 AS (
  SELECT
    e.period,
    SUM(s.a0) AS s3,
    CAST(SUM(s.a1) AS BIGINT) AS s4,
    CAST(SUM(s.a2) AS BIGINT) AS s5
  FROM scan_0 AS s
  JOIN pairs_1 AS e
    ON e.segment = LIST_EXTRACT((
      SELECT
        CAST($6 AS BIGINT[])
    ), s.cell)
  GROUP BY
    1
), scan_0_2 AS (
  SELECT
    e.period,
    SUM(s.a0) AS s6,
    CAST(SUM(s.a1) AS BIGINT) AS s7,
    CAST(SUM(s.a2) AS BIGINT) AS s8
  FROM scan_0 AS s
  JOIN pairs_2 AS e
    ON e.segment = LIST_EXTRACT((
      SELECT
        CAST($6 AS BIGINT[])
    ), s.cell)
  GROUP BY
    1
), scan_1 AS (
  SELECT
    f.ae_begins,
    f.ae_ends,
    SUM(f."fee") AS a0,
    COUNT(*) AS a1,
    COUNT(*) AS a2,
    COUNT(f."fee") AS a3
  FROM (
    SELECT
      f.*,
      CASE
        WHEN EPOCH_US(f."started_at") < CAST($10 AS BIGINT)
        THEN 0
        WHEN (
          (
            (
              EPOCH_US(f."started_at") - CAST($10 AS BIGINT)
            ) // CAST($11 AS BIGINT)
          ) + 1
        ) > LEN(CAST($12 AS BIGINT[]))
        THEN CAST($13 AS BIGINT)
        ELSE LIST_EXTRACT(
          (
            SELECT
              CAST($12 AS BIGINT[])
          ),
          (
            (
              EPOCH_US(f."started_at") - CAST($10 AS BIGINT)
            ) // CAST($11 AS BIGINT)
          ) + 1
        )
      END + CASE
        WHEN EPOCH_US(f."started_at") < CAST($8 AS BIGINT)
        THEN 0
        ELSE CASE WHEN EPOCH_US(f."started_at") >= CAST($8 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN EPOCH_US(f."started_at") >= CAST($9 AS BIGINT) THEN 1 ELSE 0 END
      END AS ae_begins,
      COALESCE(
        CASE
          WHEN EPOCH_US(f."ended_at") < CAST($10 AS BIGINT)
          THEN 0
          WHEN (
            (
              (
                EPOCH_US(f."ended_at") - CAST($10 AS BIGINT)
              ) // CAST($11 AS BIGINT)
            ) + 1
          ) > LEN(CAST($12 AS BIGINT[]))
          THEN CAST($13 AS BIGINT)
          ELSE LIST_EXTRACT(
            (
              SELECT
                CAST($12 AS BIGINT[])
            ),
            (
              (
                EPOCH_US(f."ended_at") - CAST($10 AS BIGINT)
              ) // CAST($11 AS BIGINT)
            ) + 1
          )
        END + CASE
          WHEN EPOCH_US(f."ended_at") < CAST($8 AS BIGINT)
          THEN 0
          ELSE CASE WHEN EPOCH_US(f."ended_at") >= CAST($8 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN EPOCH_US(f."ended_at") >= CAST($9 AS BIGINT) THEN 1 ELSE 0 END
        END,
        CAST($14 AS BIGINT)
      ) AS ae_ends
    FROM "facts"."subscription" AS f
    WHERE
      f."client_id" = CAST($3 AS TEXT) AND f."started_at" < CAST($7 AS TIMESTAMPTZ)
  ) AS f
  WHERE
    f."client_id" = CAST($3 AS TEXT)
  GROUP BY
    1,
    2
), scan_1_0 AS (
  SELECT
    e.period,
    SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a0 END) AS s9,
    CAST(SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a1 END) AS BIGINT) AS s10,
    CAST(SUM(s.a2) AS BIGINT) AS s11,
    CAST(SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a3 END) AS BIGINT) AS s12
  FROM scan_1 AS s
  JOIN cut_3 AS e
    ON s.ae_begins < e.last_segment
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
      WHEN COALESCE(scan_0_1.s4, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_0_1.s3
    END AS t1,
    COALESCE(scan_0_1.s4, 0) AS r1,
    COALESCE(scan_0_1.s5, 0) AS n1,
    CASE
      WHEN COALESCE(scan_1_0.s10, 0) = 0
      THEN CASE WHEN spine.covered_2 THEN 0 END
      ELSE scan_1_0.s9
    END AS t2,
    COALESCE(scan_1_0.s10, 0) AS r2,
    COALESCE(scan_1_0.s11, 0) AS p2,
    COALESCE(scan_1_0.s12, 0) AS n2,
    CASE
      WHEN COALESCE(scan_0_2.s7, 0) = 0
      THEN CASE WHEN spine.covered_3 THEN 0 END
      ELSE scan_0_2.s6
    END AS t3,
    COALESCE(scan_0_2.s7, 0) AS r3,
    COALESCE(scan_0_2.s8, 0) AS n3
  FROM (
    SELECT
      UNNEST(CAST($15 AS BOOLEAN[])) AS covered_0,
      UNNEST(CAST($16 AS BOOLEAN[])) AS covered_1,
      UNNEST(CAST($17 AS BOOLEAN[])) AS covered_2,
      UNNEST(CAST($18 AS BOOLEAN[])) AS covered_3,
      GENERATE_SUBSCRIPTS(CAST($15 AS BOOLEAN[]), 1) AS period
  ) AS spine
  LEFT JOIN scan_0_0
    ON scan_0_0.period = spine.period
  LEFT JOIN scan_0_1
    ON scan_0_1.period = spine.period
  LEFT JOIN scan_0_2
    ON scan_0_2.period = spine.period
  LEFT JOIN scan_1_0
    ON scan_1_0.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t1 AS k1,
  t2 AS k2,
  CAST(t3 AS DOUBLE) / NULLIF(CAST(t0 AS DOUBLE), 0) AS k3,
  t0 AS v0,
  r0,
  n0,
  t1 AS v1,
  r1,
  n1,
  t2 AS v2,
  r2,
  n2,
  t3 AS v3,
  r3,
  n3
FROM terms
ORDER BY
  period ASC
LIMIT CAST($19 AS BIGINT)
OFFSET CAST($20 AS BIGINT)
