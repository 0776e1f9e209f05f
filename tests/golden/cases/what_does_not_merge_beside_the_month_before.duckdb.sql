WITH cut_0 AS (
  SELECT
    r.period,
    r.first_segment,
    r.last_segment
  FROM (
    SELECT
      UNNEST(CAST($27 AS BIGINT[])) AS first_segment,
      UNNEST(CAST($28 AS BIGINT[])) AS last_segment,
      GENERATE_SUBSCRIPTS(CAST($27 AS BIGINT[]), 1) AS period
  ) AS r
), cut_1 AS (
  SELECT
    r.period,
    r.first_segment,
    r.last_segment
  FROM (
    SELECT
      UNNEST(CAST($29 AS BIGINT[])) AS first_segment,
      UNNEST(CAST($30 AS BIGINT[])) AS last_segment,
      GENERATE_SUBSCRIPTS(CAST($29 AS BIGINT[]), 1) AS period
  ) AS r
), cut_2 AS (
  SELECT
    r.period,
    r.first_segment,
    r.last_segment
  FROM (
    SELECT
      UNNEST(CAST($31 AS BIGINT[])) AS first_segment,
      UNNEST(CAST($32 AS BIGINT[])) AS last_segment,
      GENERATE_SUBSCRIPTS(CAST($31 AS BIGINT[]), 1) AS period
  ) AS r
), pairs_0 AS (
  SELECT
    c.period,
    s.segment
  FROM (
    SELECT
      UNNEST(CAST($33 AS BIGINT[])) AS segment,
      GENERATE_SUBSCRIPTS(CAST($33 AS BIGINT[]), 1) AS position
  ) AS s
  JOIN cut_0 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), pairs_1 AS (
  SELECT
    c.period,
    s.segment
  FROM (
    SELECT
      UNNEST(CAST($33 AS BIGINT[])) AS segment,
      GENERATE_SUBSCRIPTS(CAST($33 AS BIGINT[]), 1) AS position
  ) AS s
  JOIN cut_1 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), pairs_2 AS (
  SELECT
    c.period,
    s.segment
  FROM (
    SELECT
      UNNEST(CAST($33 AS BIGINT[])) AS segment,
      GENERATE_SUBSCRIPTS(CAST($33 AS BIGINT[]), 1) AS position
  ) AS s
  JOIN cut_2 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), scan_0 AS (
  SELECT
    CASE
      WHEN EPOCH_US(f."ordered_at") < CAST($7 AS BIGINT)
      THEN 0
      WHEN (
        (
          (
            EPOCH_US(f."ordered_at") - CAST($7 AS BIGINT)
          ) // CAST($8 AS BIGINT)
        ) + 1
      ) > LEN(CAST($9 AS BIGINT[]))
      THEN CAST($10 AS BIGINT)
      ELSE LIST_EXTRACT(
        (
          SELECT
            CAST($9 AS BIGINT[])
        ),
        (
          (
            EPOCH_US(f."ordered_at") - CAST($7 AS BIGINT)
          ) // CAST($8 AS BIGINT)
        ) + 1
      )
    END + CASE
      WHEN EPOCH_US(f."ordered_at") < CAST($1 AS BIGINT)
      THEN 0
      ELSE CASE WHEN EPOCH_US(f."ordered_at") >= CAST($1 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN EPOCH_US(f."ordered_at") >= CAST($2 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN EPOCH_US(f."ordered_at") >= CAST($3 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN EPOCH_US(f."ordered_at") >= CAST($4 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN EPOCH_US(f."ordered_at") >= CAST($5 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN EPOCH_US(f."ordered_at") >= CAST($6 AS BIGINT) THEN 1 ELSE 0 END
    END AS segment,
    COUNT(*) AS a0,
    COUNT(f."distance") AS a1,
    COUNT(f."customer_id") AS a2,
    QUANTILE_CONT(CAST(f."distance" AS DOUBLE), 0.5) AS a3
  FROM "facts"."order" AS f
  WHERE
    f."client_id" = CAST($11 AS TEXT)
    AND f."ordered_at" >= CAST($12 AS TIMESTAMPTZ)
    AND f."ordered_at" < CAST($13 AS TIMESTAMPTZ)
  GROUP BY
    1
), scan_0_0 AS (
  SELECT
    e.period,
    CAST(SUM(s.a0) AS BIGINT) AS s0,
    CAST(SUM(s.a1) AS BIGINT) AS s1,
    CAST(SUM(s.a2) AS BIGINT) AS s2
  FROM scan_0 AS s
  JOIN pairs_0 AS e
    ON e.segment = s.segment
  GROUP BY
    1
), scan_0_1 AS (
  SELECT
    e.period,
    CAST(SUM(s.a0) AS BIGINT) AS s3
  FROM scan_0 AS s
  JOIN pairs_1 AS e
    ON e.segment = s.segment
  GROUP BY
    1
), scan_0_2 AS (
  SELECT
    e.period,
    CAST(SUM(s.a0) AS BIGINT) AS s4
  FROM scan_0 AS s
  JOIN pairs_2 AS e
    ON e.segment = s.segment
  GROUP BY
    1
), scan_0_split AS (
  SELECT
    LIST_EXTRACT(
      (
        SELECT
          CAST($14 AS BIGINT[])
      ),
      (
        (
          EPOCH_US(f."ordered_at") - CAST($15 AS BIGINT)
        ) // CAST($16 AS BIGINT)
      ) + 1
    ) AS period,
    QUANTILE_CONT(CAST(f."distance" AS DOUBLE), 0.5) AS s5
  FROM "facts"."order" AS f
  WHERE
    f."client_id" = CAST($11 AS TEXT)
    AND f."ordered_at" >= CAST($17 AS TIMESTAMPTZ)
    AND f."ordered_at" < CAST($18 AS TIMESTAMPTZ)
  GROUP BY
    1
), scan_0_whole AS (
  SELECT
    e.period,
    s.a3 AS s5
  FROM scan_0 AS s
  JOIN cut_0 AS e
    ON e.first_segment = s.segment AND e.last_segment = e.first_segment + 1
  UNION ALL
  SELECT
    e.period,
    s.s5
  FROM scan_0_split AS s
  JOIN cut_0 AS e
    ON e.period = s.period AND e.last_segment > e.first_segment + 1
), scan_0_values_0 AS (
  SELECT
    r.value,
    BIT_OR(CAST(1 AS BIGINT) << r.bucket) AS bits
  FROM (
    SELECT
      LIST_EXTRACT(
        (
          SELECT
            CAST($14 AS BIGINT[])
        ),
        (
          (
            EPOCH_US(f."ordered_at") - CAST($15 AS BIGINT)
          ) // CAST($16 AS BIGINT)
        ) + 1
      ) AS bucket,
      f."customer_id" AS value
    FROM "facts"."order" AS f
    WHERE
      f."client_id" = CAST($11 AS TEXT)
      AND f."ordered_at" >= CAST($20 AS TIMESTAMPTZ)
      AND f."ordered_at" < CAST($21 AS TIMESTAMPTZ)
      AND NOT (
        f."customer_id"
      ) IS NULL
  ) AS r
  GROUP BY
    1
), scan_0_values_0_count AS (
  SELECT
    e.period,
    CAST(COUNT(*) AS BIGINT) AS s6
  FROM scan_0_values_0 AS m
  JOIN (
    SELECT
      UNNEST(CAST($19 AS BIGINT[])) AS asked,
      GENERATE_SUBSCRIPTS(CAST($19 AS BIGINT[]), 1) AS period
  ) AS e
    ON (
      (
        m.bits >> CAST(e.period AS INT)
      ) & 1
    ) = 1
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
    CASE
      WHEN COALESCE(scan_0_1.s3, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_0_1.s3
    END AS t1,
    COALESCE(scan_0_1.s3, 0) AS r1,
    CASE
      WHEN COALESCE(scan_0_2.s4, 0) = 0
      THEN CASE WHEN spine.covered_2 THEN 0 END
      ELSE scan_0_2.s4
    END AS t2,
    COALESCE(scan_0_2.s4, 0) AS r2,
    scan_0_whole.s5 AS t3,
    COALESCE(scan_0_0.s0, 0) AS r3,
    COALESCE(scan_0_0.s1, 0) AS n3,
    CASE
      WHEN COALESCE(scan_0_0.s0, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE COALESCE(scan_0_values_0_count.s6, 0)
    END AS t4,
    COALESCE(scan_0_0.s0, 0) AS r4,
    COALESCE(scan_0_0.s2, 0) AS n4
  FROM (
    SELECT
      UNNEST(CAST($22 AS BOOLEAN[])) AS covered_0,
      UNNEST(CAST($23 AS BOOLEAN[])) AS covered_1,
      UNNEST(CAST($24 AS BOOLEAN[])) AS covered_2,
      GENERATE_SUBSCRIPTS(CAST($22 AS BOOLEAN[]), 1) AS period
  ) AS spine
  LEFT JOIN scan_0_0
    ON scan_0_0.period = spine.period
  LEFT JOIN scan_0_whole
    ON scan_0_whole.period = spine.period
  LEFT JOIN scan_0_values_0_count
    ON scan_0_values_0_count.period = spine.period
  LEFT JOIN scan_0_1
    ON scan_0_1.period = spine.period
  LEFT JOIN scan_0_2
    ON scan_0_2.period = spine.period
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
  t1 AS v1,
  r1,
  t2 AS v2,
  r2,
  t3 AS v3,
  r3,
  n3,
  t4 AS v4,
  r4,
  n4
FROM terms
ORDER BY
  period ASC
LIMIT CAST($25 AS BIGINT)
OFFSET CAST($26 AS BIGINT)
