WITH cut_0 AS (
  SELECT
    r.period,
    r.first_segment,
    r.last_segment
  FROM (
    SELECT
      UNNEST(CAST($10 AS BIGINT[])) AS first_segment,
      UNNEST(CAST($11 AS BIGINT[])) AS last_segment,
      GENERATE_SUBSCRIPTS(CAST($10 AS BIGINT[]), 1) AS period
  ) AS r
), pairs_0 AS (
  SELECT
    c.period,
    s.segment
  FROM (
    SELECT
      UNNEST(CAST($12 AS BIGINT[])) AS segment,
      GENERATE_SUBSCRIPTS(CAST($12 AS BIGINT[]), 1) AS position
  ) AS s
  JOIN cut_0 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), scan_0_rows AS (
  SELECT
    e.period,
    f."quantity" AS value,
    1 AS there,
    ROW_NUMBER() OVER (
      PARTITION BY e.period, f."product_id"
      ORDER BY CASE WHEN NOT (
        f."quantity"
      ) IS NULL THEN 1 ELSE 0 END DESC, f."taken_at" DESC, f."product_id" DESC, f."warehouse_id" DESC, f."taken_at" DESC
    ) AS place
  FROM "facts"."stock" AS f
  JOIN pairs_0 AS e
    ON e.segment = CASE
      WHEN EPOCH_US(f."taken_at") < CAST($3 AS BIGINT)
      THEN 0
      WHEN (
        (
          (
            EPOCH_US(f."taken_at") - CAST($3 AS BIGINT)
          ) // CAST($4 AS BIGINT)
        ) + 1
      ) > LEN(CAST($5 AS BIGINT[]))
      THEN CAST($6 AS BIGINT)
      ELSE LIST_EXTRACT(
        (
          SELECT
            CAST($5 AS BIGINT[])
        ),
        (
          (
            EPOCH_US(f."taken_at") - CAST($3 AS BIGINT)
          ) // CAST($4 AS BIGINT)
        ) + 1
      )
    END
  WHERE
    f."client_id" = CAST($1 AS TEXT) AND f."warehouse_id" = CAST($2 AS TEXT)
), scan_0 AS (
  SELECT
    period,
    SUM(value) FILTER(WHERE
      place = 1 AND there = 1) AS s0,
    COUNT(*) FILTER(WHERE
      there = 1) AS s1
  FROM scan_0_rows
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period,
    CASE
      WHEN COALESCE(scan_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s1, 0) AS r0
  FROM (
    SELECT
      UNNEST(CAST($7 AS BOOLEAN[])) AS covered_0,
      GENERATE_SUBSCRIPTS(CAST($7 AS BOOLEAN[]), 1) AS period
  ) AS spine
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t0 AS v0,
  r0
FROM terms
ORDER BY
  period ASC
LIMIT CAST($8 AS BIGINT)
OFFSET CAST($9 AS BIGINT)
