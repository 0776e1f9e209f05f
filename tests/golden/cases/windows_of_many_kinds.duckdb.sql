WITH cut_0 AS (
  SELECT
    r.period,
    r.first_segment,
    r.last_segment
  FROM (
    SELECT
      UNNEST(CAST($22 AS BIGINT[])) AS first_segment,
      UNNEST(CAST($23 AS BIGINT[])) AS last_segment,
      GENERATE_SUBSCRIPTS(CAST($22 AS BIGINT[]), 1) AS period
  ) AS r
), cut_1 AS (
  SELECT
    r.period,
    r.first_segment,
    r.last_segment
  FROM (
    SELECT
      UNNEST(CAST($24 AS BIGINT[])) AS first_segment,
      UNNEST(CAST($25 AS BIGINT[])) AS last_segment,
      GENERATE_SUBSCRIPTS(CAST($24 AS BIGINT[]), 1) AS period
  ) AS r
), cut_2 AS (
  SELECT
    r.period,
    r.first_segment,
    r.last_segment
  FROM (
    SELECT
      UNNEST(CAST($26 AS BIGINT[])) AS first_segment,
      UNNEST(CAST($27 AS BIGINT[])) AS last_segment,
      GENERATE_SUBSCRIPTS(CAST($26 AS BIGINT[]), 1) AS period
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
      UNNEST(CAST($29 AS BIGINT[])) AS segment,
      GENERATE_SUBSCRIPTS(CAST($29 AS BIGINT[]), 1) AS position
  ) AS s
  JOIN cut_2 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), scan_0 AS (
  SELECT
    CASE
      WHEN EPOCH_US(f."ordered_at") < CAST($5 AS BIGINT)
      THEN 0
      ELSE (
        (
          EPOCH_US(f."ordered_at") - CAST($5 AS BIGINT)
        ) // CAST($6 AS BIGINT)
      ) + 1
    END * 5 + CASE
      WHEN EPOCH_US(f."ordered_at") < CAST($1 AS BIGINT)
      THEN 0
      ELSE CASE WHEN EPOCH_US(f."ordered_at") >= CAST($1 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN EPOCH_US(f."ordered_at") >= CAST($2 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN EPOCH_US(f."ordered_at") >= CAST($3 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN EPOCH_US(f."ordered_at") >= CAST($4 AS BIGINT) THEN 1 ELSE 0 END
    END AS cell,
    MAX(f."weight") AS a0,
    SUM(f."weight") AS a1,
    COUNT(f."weight") AS a2,
    COUNT(*) AS a3
  FROM "facts"."order" AS f
  WHERE
    f."client_id" = CAST($7 AS TEXT)
    AND f."ordered_at" >= CAST($8 AS TIMESTAMPTZ)
    AND f."ordered_at" < CAST($9 AS TIMESTAMPTZ)
  GROUP BY
    1
), scan_0_0 AS (
  SELECT
    e.period,
    MAX(s.a0) AS s0,
    CAST(SUM(s.a1) AS DOUBLE) AS s1,
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
      ) > LEN(CAST($10 AS BIGINT[]))
      THEN CAST($11 AS BIGINT)
      ELSE LIST_EXTRACT((
        SELECT
          CAST($10 AS BIGINT[])
      ), s.cell // 5)
    END + s.cell % 5
  GROUP BY
    1
), scan_0_1 AS (
  SELECT
    e.period,
    CAST(SUM(s.a3) AS BIGINT) AS s4
  FROM scan_0 AS s
  JOIN pairs_1 AS e
    ON e.segment = CASE
      WHEN (
        s.cell // 5
      ) < 1
      THEN 0
      WHEN (
        s.cell // 5
      ) > LEN(CAST($10 AS BIGINT[]))
      THEN CAST($11 AS BIGINT)
      ELSE LIST_EXTRACT((
        SELECT
          CAST($10 AS BIGINT[])
      ), s.cell // 5)
    END + s.cell % 5
  GROUP BY
    1
), scan_1 AS (
  SELECT
    e.period,
    QUANTILE_CONT(CAST(f."weight" AS DOUBLE), 0.5) AS s5,
    COUNT(*) AS s6,
    COUNT(f."weight") AS s7
  FROM "facts"."order" AS f
  JOIN pairs_2 AS e
    ON e.segment = CASE
      WHEN EPOCH_US(f."ordered_at") < CAST($14 AS BIGINT)
      THEN 0
      WHEN (
        (
          (
            EPOCH_US(f."ordered_at") - CAST($14 AS BIGINT)
          ) // CAST($15 AS BIGINT)
        ) + 1
      ) > LEN(CAST($16 AS BIGINT[]))
      THEN CAST($17 AS BIGINT)
      ELSE LIST_EXTRACT(
        (
          SELECT
            CAST($16 AS BIGINT[])
        ),
        (
          (
            EPOCH_US(f."ordered_at") - CAST($14 AS BIGINT)
          ) // CAST($15 AS BIGINT)
        ) + 1
      )
    END + CASE
      WHEN EPOCH_US(f."ordered_at") < CAST($12 AS BIGINT)
      THEN 0
      ELSE CASE WHEN EPOCH_US(f."ordered_at") >= CAST($12 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN EPOCH_US(f."ordered_at") >= CAST($13 AS BIGINT) THEN 1 ELSE 0 END
    END
  WHERE
    f."client_id" = CAST($7 AS TEXT)
  GROUP BY
    1
), scan_2_rows AS (
  SELECT
    e.period,
    f."weight" AS value,
    1 AS there,
    ROW_NUMBER() OVER (
      PARTITION BY e.period
      ORDER BY CASE WHEN NOT (
        f."weight"
      ) IS NULL THEN 1 ELSE 0 END DESC, f."ordered_at" DESC, f."order_id" DESC
    ) AS place
  FROM "facts"."order" AS f
  JOIN pairs_2 AS e
    ON e.segment = CASE
      WHEN EPOCH_US(f."ordered_at") < CAST($14 AS BIGINT)
      THEN 0
      WHEN (
        (
          (
            EPOCH_US(f."ordered_at") - CAST($14 AS BIGINT)
          ) // CAST($15 AS BIGINT)
        ) + 1
      ) > LEN(CAST($16 AS BIGINT[]))
      THEN CAST($17 AS BIGINT)
      ELSE LIST_EXTRACT(
        (
          SELECT
            CAST($16 AS BIGINT[])
        ),
        (
          (
            EPOCH_US(f."ordered_at") - CAST($14 AS BIGINT)
          ) // CAST($15 AS BIGINT)
        ) + 1
      )
    END + CASE
      WHEN EPOCH_US(f."ordered_at") < CAST($12 AS BIGINT)
      THEN 0
      ELSE CASE WHEN EPOCH_US(f."ordered_at") >= CAST($12 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN EPOCH_US(f."ordered_at") >= CAST($13 AS BIGINT) THEN 1 ELSE 0 END
    END
  WHERE
    f."client_id" = CAST($7 AS TEXT)
), scan_2 AS (
  SELECT
    period,
    MAX(value) FILTER(WHERE
      place = 1 AND there = 1) AS s8,
    COUNT(*) FILTER(WHERE
      there = 1) AS s9
  FROM scan_2_rows
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period,
    scan_0_0.s0 AS t0,
    COALESCE(scan_0_0.s3, 0) AS r0,
    COALESCE(scan_0_0.s2, 0) AS n0,
    CAST(scan_0_0.s1 AS DOUBLE) / NULLIF(CAST(scan_0_0.s2 AS DOUBLE), 0) AS t1,
    COALESCE(scan_0_0.s3, 0) AS r1,
    COALESCE(scan_0_0.s2, 0) AS n1,
    scan_1.s5 AS t2,
    COALESCE(scan_1.s6, 0) AS r2,
    COALESCE(scan_1.s7, 0) AS n2,
    CASE
      WHEN COALESCE(scan_0_1.s4, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_0_1.s4
    END AS t3,
    COALESCE(scan_0_1.s4, 0) AS r3,
    scan_2.s8 AS t4,
    COALESCE(scan_2.s9, 0) AS r4
  FROM (
    SELECT
      UNNEST(CAST($18 AS BOOLEAN[])) AS covered_0,
      UNNEST(CAST($19 AS BOOLEAN[])) AS covered_1,
      GENERATE_SUBSCRIPTS(CAST($18 AS BOOLEAN[]), 1) AS period
  ) AS spine
  LEFT JOIN scan_0_0
    ON scan_0_0.period = spine.period
  LEFT JOIN scan_0_1
    ON scan_0_1.period = spine.period
  LEFT JOIN scan_1
    ON scan_1.period = spine.period
  LEFT JOIN scan_2
    ON scan_2.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t1 AS k1,
  t2 AS k2,
  t3 AS k3,
  t4 AS k4,
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
  t4 AS v4,
  r4
FROM terms
ORDER BY
  period ASC
LIMIT CAST($20 AS BIGINT)
OFFSET CAST($21 AS BIGINT)
