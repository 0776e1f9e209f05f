WITH cut_0 AS (
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
), cut_1 AS (
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
), cut_2 AS (
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
), pairs_0 AS (
  SELECT
    c.period,
    s.segment
  FROM (
    SELECT
      UNNEST(CAST($31 AS BIGINT[])) AS segment,
      GENERATE_SUBSCRIPTS(CAST($31 AS BIGINT[]), 1) AS position
  ) AS s
  JOIN cut_0 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), pairs_1 AS (
  SELECT
    c.period,
    s.segment
  FROM (
    SELECT
      UNNEST(CAST($32 AS BIGINT[])) AS segment,
      GENERATE_SUBSCRIPTS(CAST($32 AS BIGINT[]), 1) AS position
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
), spans_0 AS (
  SELECT
    r.period,
    r.starts_at
  FROM (
    SELECT
      UNNEST(CAST($34 AS TIMESTAMPTZ[])) AS starts_at,
      GENERATE_SUBSCRIPTS(CAST($34 AS TIMESTAMPTZ[]), 1) AS period
  ) AS r
), spans_1 AS (
  SELECT
    r.period,
    r.ends_at
  FROM (
    SELECT
      UNNEST(CAST($35 AS TIMESTAMPTZ[])) AS ends_at,
      GENERATE_SUBSCRIPTS(CAST($35 AS TIMESTAMPTZ[]), 1) AS period
  ) AS r
), spans_2 AS (
  SELECT
    r.period,
    r.ends_at
  FROM (
    SELECT
      UNNEST(CAST($36 AS TIMESTAMPTZ[])) AS ends_at,
      GENERATE_SUBSCRIPTS(CAST($36 AS TIMESTAMPTZ[]), 1) AS period
  ) AS r
), scan_0 AS (
  SELECT
    e.period,
    COUNT(*) AS s0
  FROM "facts"."order" AS f
  JOIN pairs_0 AS e
    ON e.segment = CASE
      WHEN EPOCH_US(f."ordered_at") < CAST($4 AS BIGINT)
      THEN 0
      WHEN (
        (
          (
            EPOCH_US(f."ordered_at") - CAST($4 AS BIGINT)
          ) // CAST($5 AS BIGINT)
        ) + 1
      ) > LEN(CAST($6 AS BIGINT[]))
      THEN CAST($7 AS BIGINT)
      ELSE LIST_EXTRACT(
        (
          SELECT
            CAST($6 AS BIGINT[])
        ),
        (
          (
            EPOCH_US(f."ordered_at") - CAST($4 AS BIGINT)
          ) // CAST($5 AS BIGINT)
        ) + 1
      )
    END + CASE
      WHEN EPOCH_US(f."ordered_at") < CAST($2 AS BIGINT)
      THEN 0
      ELSE CASE WHEN EPOCH_US(f."ordered_at") >= CAST($2 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN EPOCH_US(f."ordered_at") >= CAST($3 AS BIGINT) THEN 1 ELSE 0 END
    END
  LEFT JOIN (
    SELECT
      f."customer_id" AS k0,
      e.period AS k1,
      MAX(1) AS value
    FROM "facts"."subscription" AS f
    CROSS JOIN spans_0 AS e
    JOIN spans_0 AS p
      ON p.period = e.period
    WHERE
      f."client_id" = CAST($1 AS TEXT)
      AND f."started_at" < p.starts_at
      AND (
        f."ended_at" IS NULL OR f."ended_at" >= p.starts_at
      )
    GROUP BY
      1,
      2
  ) AS c0
    ON c0.k0 = f."customer_id" AND c0.k1 = e.period
  WHERE
    f."client_id" = CAST($1 AS TEXT) AND COALESCE(c0.value, 0) = 1
  GROUP BY
    1
), scan_1 AS (
  SELECT
    e.period,
    COUNT(*) AS s1
  FROM "facts"."order" AS f
  JOIN pairs_1 AS e
    ON e.segment = CASE
      WHEN EPOCH_US(f."ordered_at") < CAST($10 AS BIGINT)
      THEN 0
      WHEN (
        (
          (
            EPOCH_US(f."ordered_at") - CAST($10 AS BIGINT)
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
            EPOCH_US(f."ordered_at") - CAST($10 AS BIGINT)
          ) // CAST($11 AS BIGINT)
        ) + 1
      )
    END + CASE
      WHEN EPOCH_US(f."ordered_at") < CAST($8 AS BIGINT)
      THEN 0
      ELSE CASE WHEN EPOCH_US(f."ordered_at") >= CAST($8 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN EPOCH_US(f."ordered_at") >= CAST($9 AS BIGINT) THEN 1 ELSE 0 END
    END
  JOIN spans_1 AS p
    ON p.period = e.period
  WHERE
    f."client_id" = CAST($1 AS TEXT) AND f."delivered_at" < p.ends_at
  GROUP BY
    1
), scan_2 AS (
  SELECT
    e.period,
    COUNT(*) AS s2
  FROM "facts"."order" AS f
  JOIN pairs_2 AS e
    ON e.segment = CASE
      WHEN EPOCH_US(f."ordered_at") < CAST($16 AS BIGINT)
      THEN 0
      WHEN (
        (
          (
            EPOCH_US(f."ordered_at") - CAST($16 AS BIGINT)
          ) // CAST($17 AS BIGINT)
        ) + 1
      ) > LEN(CAST($18 AS BIGINT[]))
      THEN CAST($19 AS BIGINT)
      ELSE LIST_EXTRACT(
        (
          SELECT
            CAST($18 AS BIGINT[])
        ),
        (
          (
            EPOCH_US(f."ordered_at") - CAST($16 AS BIGINT)
          ) // CAST($17 AS BIGINT)
        ) + 1
      )
    END + CASE
      WHEN EPOCH_US(f."ordered_at") < CAST($14 AS BIGINT)
      THEN 0
      ELSE CASE WHEN EPOCH_US(f."ordered_at") >= CAST($14 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN EPOCH_US(f."ordered_at") >= CAST($15 AS BIGINT) THEN 1 ELSE 0 END
    END
  JOIN spans_2 AS p
    ON p.period = e.period
  WHERE
    f."client_id" = CAST($1 AS TEXT) AND f."delivered_at" < p.ends_at
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
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_1.s1
    END AS t1,
    COALESCE(scan_1.s1, 0) AS r1,
    CASE
      WHEN COALESCE(scan_2.s2, 0) = 0
      THEN CASE WHEN spine.covered_2 THEN 0 END
      ELSE scan_2.s2
    END AS t2,
    COALESCE(scan_2.s2, 0) AS r2
  FROM (
    SELECT
      UNNEST(CAST($20 AS BOOLEAN[])) AS covered_0,
      UNNEST(CAST($21 AS BOOLEAN[])) AS covered_1,
      UNNEST(CAST($22 AS BOOLEAN[])) AS covered_2,
      GENERATE_SUBSCRIPTS(CAST($20 AS BOOLEAN[]), 1) AS period
  ) AS spine
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
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
  t0 AS v0,
  r0,
  t1 AS v1,
  r1,
  t2 AS v2,
  r2
FROM terms
ORDER BY
  period ASC
LIMIT CAST($23 AS BIGINT)
OFFSET CAST($24 AS BIGINT)
