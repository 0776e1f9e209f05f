WITH cut_0 AS (
  SELECT
    r.period,
    r.first_segment,
    r.last_segment
  FROM (
    SELECT
      UNNEST(CAST($9 AS BIGINT[])) AS first_segment,
      UNNEST(CAST($10 AS BIGINT[])) AS last_segment,
      GENERATE_SUBSCRIPTS(CAST($9 AS BIGINT[]), 1) AS period
  ) AS r
), pairs_0 AS (
  SELECT
    c.period,
    s.segment
  FROM (
    SELECT
      UNNEST(CAST($11 AS BIGINT[])) AS segment,
      GENERATE_SUBSCRIPTS(CAST($11 AS BIGINT[]), 1) AS position
  ) AS s
  JOIN cut_0 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), scan_0_rows AS (
  SELECT
    e.period,
    f."weight" AS value,
    1 AS there,
    ROW_NUMBER() OVER (
      PARTITION BY e.period
      ORDER BY CASE WHEN NOT (
        f."weight"
      ) IS NULL THEN 1 ELSE 0 END DESC, f."delivered_at" ASC, f."order_id" ASC
    ) AS place
  FROM "facts"."order" AS f
  JOIN pairs_0 AS e
    ON e.segment = CASE
      WHEN EPOCH_US(f."delivered_at") < CAST($2 AS BIGINT)
      THEN 0
      WHEN (
        (
          (
            EPOCH_US(f."delivered_at") - CAST($2 AS BIGINT)
          ) // CAST($3 AS BIGINT)
        ) + 1
      ) > LEN(CAST($4 AS BIGINT[]))
      THEN CAST($5 AS BIGINT)
      ELSE LIST_EXTRACT(
        (
          SELECT
            CAST($4 AS BIGINT[])
        ),
        (
          (
            EPOCH_US(f."delivered_at") - CAST($2 AS BIGINT)
          ) // CAST($3 AS BIGINT)
        ) + 1
      )
    END
  WHERE
    f."client_id" = CAST($1 AS TEXT)
), scan_0 AS (
  SELECT
    period,
    MAX(value) FILTER(WHERE
      place = 1 AND there = 1) AS s0,
    COUNT(*) FILTER(WHERE
      there = 1) AS s1
  FROM scan_0_rows
  GROUP BY
    1
), scan_1_rows AS (
  SELECT
    e.period,
    f."weight" AS value,
    1 AS there,
    ROW_NUMBER() OVER (
      PARTITION BY e.period
      ORDER BY CASE WHEN NOT (
        f."weight"
      ) IS NULL THEN 1 ELSE 0 END DESC, f."delivered_at" DESC, f."order_id" DESC
    ) AS place
  FROM "facts"."order" AS f
  JOIN pairs_0 AS e
    ON e.segment = CASE
      WHEN EPOCH_US(f."delivered_at") < CAST($2 AS BIGINT)
      THEN 0
      WHEN (
        (
          (
            EPOCH_US(f."delivered_at") - CAST($2 AS BIGINT)
          ) // CAST($3 AS BIGINT)
        ) + 1
      ) > LEN(CAST($4 AS BIGINT[]))
      THEN CAST($5 AS BIGINT)
      ELSE LIST_EXTRACT(
        (
          SELECT
            CAST($4 AS BIGINT[])
        ),
        (
          (
            EPOCH_US(f."delivered_at") - CAST($2 AS BIGINT)
          ) // CAST($3 AS BIGINT)
        ) + 1
      )
    END
  WHERE
    f."client_id" = CAST($1 AS TEXT)
), scan_1 AS (
  SELECT
    period,
    MAX(value) FILTER(WHERE
      place = 1 AND there = 1) AS s2,
    COUNT(*) FILTER(WHERE
      there = 1) AS s3
  FROM scan_1_rows
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period,
    scan_0.s0 AS t0,
    COALESCE(scan_0.s1, 0) AS r0,
    scan_1.s2 AS t1,
    COALESCE(scan_1.s3, 0) AS r1
  FROM (
    SELECT
      UNNEST(CAST($6 AS BOOLEAN[])) AS covered_0,
      GENERATE_SUBSCRIPTS(CAST($6 AS BOOLEAN[]), 1) AS period
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
LIMIT CAST($7 AS BIGINT)
OFFSET CAST($8 AS BIGINT)
